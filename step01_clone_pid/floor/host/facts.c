/*
 * facts.c: reads what this host is.
 *
 * Everything is read below one directory descriptor, so that a test's fixture
 * takes the place of /. No SYS here: what is missing is an answer.
 */
#define _GNU_SOURCE
#include "facts.h"
#include "facts_read.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

const struct ns_info ns_info[NS_KINDS] = {
	[NS_PID] = { "pid", CLONE_NEWPID, "max_pid_namespaces" },
	[NS_MNT] = { "mnt", CLONE_NEWNS, "max_mnt_namespaces" },
	[NS_UTS] = { "uts", CLONE_NEWUTS, "max_uts_namespaces" },
	[NS_IPC] = { "ipc", CLONE_NEWIPC, "max_ipc_namespaces" },
	[NS_NET] = { "net", CLONE_NEWNET, "max_net_namespaces" },
	[NS_USER] = { "user", CLONE_NEWUSER, "max_user_namespaces" },
	[NS_CGROUP] = { "cgroup", CLONE_NEWCGROUP, "max_cgroup_namespaces" },
	[NS_TIME] = { "time", CLONE_NEWTIME, "max_time_namespaces" },
};

static bool exists(int root, const char *path)
{
	return faccessat(root, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static long read_number(int root, const char *path)
{
	char text[32];

	return read_file_at(root, path, text, sizeof(text)) > 0 ? strtol(text, NULL, 10) : -1;
}

static bool is_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = words; n && (at = strstr(at, word)); at += n)
		if (at > words && at[-1] == ' ' && at[n] == ' ')
			return true;
	return false;
}

void facts_add_word(char *words, size_t size, const char *word)
{
	size_t n = strlen(words);

	if (*word && !is_word(words, word) && n + strlen(word) + 3 < size)
		snprintf(words + n, size - n, "%s%s ", n ? "" : " ", word);
}

/* ---- who we are ---- */

static void read_status(int root, struct host_facts *facts)
{
	char value[512];
	char *text = read_whole_at(root, "proc/self/status", NULL);

	if (!text)
		return;
	if (status_value(text, "Uid", value, sizeof(value)))
		sscanf(value, "%*u %u", &facts->euid);
	if (status_value(text, "CapEff", value, sizeof(value)))
		facts->cap_eff = strtoull(value, NULL, 16);
	if (status_value(text, "Seccomp", value, sizeof(value)))
		facts->seccomp = atoi(value);
	if (status_value(text, "NoNewPrivs", value, sizeof(value)))
		facts->no_new_privs = atoi(value) != 0;
	if (status_value(text, "Threads", value, sizeof(value)))
		facts->threads = atoi(value);
	facts->proc = facts->threads > 0;
	if (status_value(text, "NSpid", value, sizeof(value)))
		for (char *save, *word = strtok_r(value, " \t", &save); word;
		     word = strtok_r(NULL, " \t", &save))
			facts->pid_depth++;
	free(text);
}

/* What can be known of ourselves where nobody has mounted /proc. */
static void ask_kernel(struct host_facts *facts)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &head, data) == 0)
		facts->cap_eff = data[0].effective | (uint64_t)data[1].effective << 32;
}

/* The ids in a map file. The first user namespace maps everything to itself in one line. */
static long map_ids(int root, const char *path, bool *identity)
{
	unsigned long inside, outside, count;
	long ids = 0;
	int n;
	char *text = read_whole_at(root, path, NULL);

	*identity = false;
	if (!text)
		return -1;
	for (const char *at = text; sscanf(at, "%lu %lu %lu%n", &inside, &outside, &count, &n) == 3;
	     at += n) {
		*identity = inside == 0 && outside == 0 && count == UINT32_MAX;
		ids += (long)count;
	}
	free(text);
	return ids;
}

static void read_identity(int root, struct host_facts *facts)
{
	char text[64] = "";
	bool identity, ignored;
	unsigned long inode;

	facts->uid_map_ids = map_ids(root, "proc/self/uid_map", &identity);
	facts->gid_map_ids = map_ids(root, "proc/self/gid_map", &ignored);
	facts->in_user_ns = facts->uid_map_ids >= 0 && !identity;
	/* An identity map can be had in a namespace as well; the first one's inode is fixed
	 * (PROC_USER_INIT_INO). */
	ssize_t n = readlinkat(root, "proc/self/ns/user", text, sizeof(text) - 1);
	if (n > 0 && sscanf(text, "user:[%lu]", &inode) == 1)
		facts->in_user_ns = inode != 0xEFFFFFFDUL;
	if (read_file_at(root, "proc/self/setgroups", text, sizeof(text)) > 0)
		facts->setgroups = strncmp(text, "allow", 5) == 0;
}

static void read_namespaces(int root, struct host_facts *facts)
{
	char path[64], pid[64] = "", children[64] = "";
	bool seen = exists(root, "proc/self/ns");

	for (int kind = 0; kind < NS_KINDS; kind++) {
		snprintf(path, sizeof(path), "proc/self/ns/%s", ns_info[kind].name);
		/* Without a /proc nothing is known: then no call failed for that. */
		facts->ns[kind] = !seen || exists(root, path);
		snprintf(path, sizeof(path), "proc/sys/user/%s", ns_info[kind].sysctl);
		facts->max_ns[kind] = read_number(root, path);
	}
	if (readlinkat(root, "proc/self/ns/pid", pid, sizeof(pid) - 1) < 0)
		return;
	/* Between unshare(CLONE_NEWPID) and the first child the link is there but leads nowhere. */
	if (readlinkat(root, "proc/self/ns/pid_for_children", children, sizeof(children) - 1) > 0)
		facts->children_elsewhere = strcmp(pid, children) != 0;
	else
		facts->children_elsewhere = errno == ENOENT &&
					    exists(root, "proc/self/ns/pid_for_children");
}

/* ---- what the kernel can ---- */

static void read_release(int root, bool real, char *release, size_t size)
{
	struct utsname uts;

	release[0] = '\0';
	if (read_file_at(root, "proc/sys/kernel/osrelease", release, size) <= 0 && real &&
	    uname(&uts) == 0)
		snprintf(release, size, "%.63s", uts.release);
	release[strcspn(release, "\n")] = '\0';
}

/* "kernel/fs/fuse/fuse.ko.xz: ...": the module's name, which is its file system's. */
static void add_module(struct host_facts *facts, char *line)
{
	line[strcspn(line, ":")] = '\0';
	char *slash = strrchr(line, '/'), *end = slash ? strstr(slash, ".ko") : NULL;

	if (!end || !strstr(line, "/fs/") || strstr(line, "/nls/")) /* nls: character sets */
		return;
	*end = '\0';
	facts_add_word(facts->filesystems, sizeof(facts->filesystems), slash + 1);
}

static void read_filesystems(int root, bool real, struct host_facts *facts)
{
	static const char *const lists[] = { "modules.dep", "modules.builtin" };
	char path[128], kernel[64];
	char *text = read_whole_at(root, "proc/filesystems", NULL), *rest = text, *line;

	while (rest && (line = strsep(&rest, "\n"))) /* "nodev\ttmpfs" */
		if ((line = strchr(line, '\t')))
			facts_add_word(facts->filesystems, sizeof(facts->filesystems), line + 1);
	free(text);
	read_release(root, real, kernel, sizeof(kernel));
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "lib/modules/%s/%s", kernel, lists[i]);
		text = rest = read_whole_at(root, path, NULL);
		while (rest && (line = strsep(&rest, "\n")))
			add_module(facts, line);
		free(text);
	}
}

static void read_kernel(int root, bool real, struct host_facts *facts)
{
	read_release(root, real, facts->kernel, sizeof(facts->kernel));
	sscanf(facts->kernel, "%d.%d", &facts->kernel_major, &facts->kernel_minor);
	facts->unprivileged_userns_clone =
		(int)read_number(root, "proc/sys/kernel/unprivileged_userns_clone");
	facts->apparmor_restrict_userns =
		(int)read_number(root, "proc/sys/kernel/apparmor_restrict_unprivileged_userns");
	facts->yama_ptrace_scope = (int)read_number(root, "proc/sys/kernel/yama/ptrace_scope");
	char enabled[4] = "";
	read_file_at(root, "sys/module/apparmor/parameters/enabled", enabled, sizeof(enabled));
	facts->apparmor = enabled[0] == 'Y';
	facts->selinux = exists(root, "sys/fs/selinux/enforce");
}

/* ---- what is around us ---- */

/* Managers leave a mark: a file each of docker and podman, systemd's, or container= in PID 1's
 * environment. */
static void read_container(int root, bool etc_bound, struct host_facts *facts)
{
	char text[256], *environment;
	size_t length, size = sizeof(facts->container);

	/* A root file system that docker made keeps the file also where it is booted as a
	 * machine's. */
	if (exists(root, ".dockerenv") && etc_bound)
		snprintf(facts->container, size, "docker");
	else if (exists(root, "run/.containerenv"))
		snprintf(facts->container, size, "podman");
	else if (read_file_at(root, "run/host/container-manager", text, sizeof(text)) > 0 ||
		 read_file_at(root, "run/systemd/container", text, sizeof(text)) > 0)
		snprintf(facts->container, size, "%.*s", (int)strcspn(text, "\n"), text);
	else if ((environment = read_whole_at(root, "proc/1/environ", &length))) {
		for (const char *at = environment; at < environment + length; at += strlen(at) + 1)
			if (strncmp(at, "container=", 10) == 0)
				snprintf(facts->container, size, "%s", at + 10);
		free(environment);
	}
}

/* Adds these groups to the facts, those that are read already left as they are. */
static void read_groups(int rootfd, unsigned groups, struct host_facts *facts)
{
	bool real = rootfd == AT_FDCWD, etc_bound;
	unsigned wanted = groups & ~facts->groups;
	int root = openat(rootfd, real ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (wanted & FACTS_SELF) {
		facts->euid = geteuid();
		facts->setgroups = -1;
		read_status(root, facts);
		if (real && !facts->proc)
			ask_kernel(facts);
		read_identity(root, facts);
	}
	if (wanted & FACTS_NAMESPACES)
		read_namespaces(root, facts);
	if (wanted & FACTS_KERNEL)
		read_kernel(root, real, facts);
	if (wanted & FACTS_FILESYSTEMS)
		read_filesystems(root, real, facts);
	if (wanted & FACTS_MOUNTS) {
		facts_mounts(root, facts, &etc_bound);
		read_container(root, etc_bound, facts);
	}
	facts->groups |= groups;
	if (root >= 0)
		close(root);
}

void facts_read(int rootfd, struct host_facts *facts)
{
	*facts = (struct host_facts){ 0 };
	read_groups(rootfd, FACTS_ALL, facts);
}

/* ---- this process's own ---- */

static struct host_facts own;
static struct {
	bool known;
	pid_t pid;
	uid_t euid;
	ino_t user_ns;
} own_key;

static ino_t user_ns_inode(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 ? st.st_ino : 0;
}

/* A forked child inherits its parent's facts, and setuid or unshare(CLONE_NEWUSER) changes who we
 * are: each would make old facts lie, so they are part of the key. */
const struct host_facts *host_facts_of(unsigned groups)
{
	int saved = errno;
	ino_t user_ns = user_ns_inode();

	if (!own_key.known || own_key.pid != getpid() || own_key.euid != geteuid() ||
	    own_key.user_ns != user_ns) {
		struct host_facts now = { 0 };
		read_groups(AT_FDCWD, FACTS_SELF, &now);
		if (now.proc || !own.threads)
			own = now;
		own.proc = now.proc;
		own_key.known = true;
		own_key.pid = getpid();
		own_key.euid = geteuid();
		own_key.user_ns = user_ns;
	}
	if (groups & ~own.groups)
		read_groups(AT_FDCWD, groups, &own);
	errno = saved;
	return &own;
}

const struct host_facts *host_facts(void)
{
	return host_facts_of(FACTS_ALL);
}

void facts_forget(void)
{
	own_key.known = false;
}

bool facts_cap(const struct host_facts *facts, int cap)
{
	return facts->cap_eff >> cap & 1;
}

bool facts_mounted(const struct host_facts *facts, const char *type)
{
	return is_word(facts->mounted, type);
}

bool facts_filesystem(const struct host_facts *facts, const char *type)
{
	return is_word(facts->filesystems, type);
}

int rootless_flags(void)
{
	return facts_cap(host_facts_of(FACTS_SELF), CAP_SYS_ADMIN) ? 0 : CLONE_NEWUSER;
}
