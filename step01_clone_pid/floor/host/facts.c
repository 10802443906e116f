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

static bool has_line(int root, const char *path,
		     bool (*matches)(const char *line, const char *word), const char *word)
{
	FILE *file = facts_lines(root, path);
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (file && !found && getline(&line, &size, file) > 0)
		found = matches(line, word);
	free(line);
	if (file)
		fclose(file);
	return found;
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

	for (int kind = 0; kind < NS_KINDS; kind++) {
		snprintf(path, sizeof(path), "proc/self/ns/%s", ns_info[kind].name);
		facts->ns[kind] = exists(root, path);
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

static bool is_filesystem(const char *line, const char *name)
{
	const char *tab = strchr(line, '\t'); /* "nodev\toverlay\n" */
	size_t n = strlen(name);

	return tab && strncmp(tab + 1, name, n) == 0 && tab[1 + n] == '\n';
}

/* "kernel/fs/fuse/fuse.ko.xz: ..." */
static bool is_module(const char *line, const char *name)
{
	const char *at = strstr(line, name), *colon = strchr(line, ':');

	return at && (!colon || at < colon);
}

static bool has_filesystem(int root, const struct host_facts *facts, const char *name)
{
	static const char *const lists[] = { "modules.dep", "modules.builtin" };
	char path[128], module[32];

	if (has_line(root, "proc/filesystems", is_filesystem, name))
		return true;
	snprintf(module, sizeof(module), "/%s.ko", name);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "lib/modules/%s/%s", facts->kernel, lists[i]);
		if (has_line(root, path, is_module, module))
			return true;
	}
	return false;
}

static void read_kernel(int root, bool real, struct host_facts *facts)
{
	struct utsname uts;

	if (read_file_at(root, "proc/sys/kernel/osrelease", facts->kernel, sizeof(facts->kernel)) <=
		    0 &&
	    real && uname(&uts) == 0)
		snprintf(facts->kernel, sizeof(facts->kernel), "%.63s", uts.release);
	facts->kernel[strcspn(facts->kernel, "\n")] = '\0';
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
	facts->overlayfs = has_filesystem(root, facts, "overlay");
	facts->fuse = has_filesystem(root, facts, "fuse");
}

/* ---- what is around us ---- */

/* /etc/subuid's "NAME:..." or "UID:..."; the name comes from passwd, "NAME:x:UID:...". */
static bool is_range_of(const char *line, const char *who)
{
	size_t n = strlen(who);

	return n && strncmp(line, who, n) == 0 && line[n] == ':';
}

static void read_user_name(int root, unsigned uid, char *name, size_t size)
{
	FILE *file = facts_lines(root, "etc/passwd");
	char *line = NULL;
	size_t room = 0;
	unsigned id;
	char found[64];

	name[0] = '\0';
	while (file && !name[0] && getline(&line, &room, file) > 0)
		if (sscanf(line, "%63[^:]:%*[^:]:%u", found, &id) == 2 && id == uid)
			snprintf(name, size, "%s", found);
	free(line);
	if (file)
		fclose(file);
}

static void read_sub_ids(int root, struct host_facts *facts)
{
	static const char *const bins[] = { "usr/bin/", "bin/", "usr/local/bin/" };
	char uid[16], name[64], path[64];
	bool one[2] = { false, false };

	for (int i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "%snew%cidmap", bins[i / 2], "ug"[i % 2]);
		one[i % 2] |= exists(root, path);
	}
	facts->newuidmap = one[0] && one[1];
	snprintf(uid, sizeof(uid), "%u", facts->euid);
	read_user_name(root, facts->euid, name, sizeof(name));
	facts->subuid = (has_line(root, "etc/subuid", is_range_of, name) ||
			 has_line(root, "etc/subuid", is_range_of, uid)) &&
			(has_line(root, "etc/subgid", is_range_of, name) ||
			 has_line(root, "etc/subgid", is_range_of, uid));
}

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

void facts_read(int rootfd, struct host_facts *facts)
{
	bool real = rootfd == AT_FDCWD, etc_bound;
	int root = openat(rootfd, real ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	*facts = (struct host_facts){ .euid = geteuid(), .setgroups = -1 };
	read_kernel(root, real, facts);
	read_status(root, facts);
	if (real && !facts->proc)
		ask_kernel(facts);
	read_identity(root, facts);
	read_namespaces(root, facts);
	facts_mounts(root, facts, &etc_bound);
	read_sub_ids(root, facts);
	read_container(root, etc_bound, facts);
	if (root >= 0)
		close(root);
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
const struct host_facts *host_facts(void)
{
	int saved = errno;
	ino_t user_ns = user_ns_inode();
	struct host_facts now;

	if (!own_key.known || own_key.pid != getpid() || own_key.euid != geteuid() ||
	    own_key.user_ns != user_ns) {
		facts_read(AT_FDCWD, &now);
		if (now.proc || !own.threads)
			own = now;
		own.proc = now.proc;
		own_key.known = true;
		own_key.pid = getpid();
		own_key.euid = geteuid();
		own_key.user_ns = user_ns;
	}
	errno = saved;
	return &own;
}

void facts_forget(void)
{
	own_key.known = false;
}

bool facts_cap(const struct host_facts *facts, int cap)
{
	return facts->cap_eff >> cap & 1;
}

bool facts_controller(const struct host_facts *facts, const char *name)
{
	char word[32];

	snprintf(word, sizeof(word), " %.29s ", name);
	return strstr(facts->controllers, word) != NULL;
}

int rootless_flags(void)
{
	return facts_cap(host_facts(), CAP_SYS_ADMIN) ? 0 : CLONE_NEWUSER;
}
