/*
 * test_facts.c: host facts from fixtures and from this host, and host_can().
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/why.h"
#include "fixture.h"
#include "step06_overlay_rootfs/given/abilities.h"
#include "step06_overlay_rootfs/given/register.h"

#include <dirent.h>
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct host_facts facts_of(const char *host)
{
	struct host_facts facts;
	int root = fixture_open(host);

	assert_true(root >= 0);
	facts_read(root, &facts);
	fixture_close(root);
	return facts;
}

static void debian_root(void **state)
{
	struct host_facts h = facts_of("debian12-root");

	(void)state;
	assert_int_equal(h.euid, 0);
	assert_true(facts_cap(&h, CAP_SYS_ADMIN));
	assert_false(h.in_user_ns);
	assert_true(h.uid_map_ids == 4294967295L && h.gid_map_ids == 4294967295L);
	assert_int_equal(h.setgroups, 1);
	assert_int_equal(h.threads, 1);
	assert_int_equal(h.pid_depth, 1);
	assert_int_equal(h.seccomp, 0);
	for (int k = 0; k < NS_KINDS; k++)
		assert_true(h.ns[k] && h.max_ns[k] == 31000);
	assert_int_equal(h.unprivileged_userns_clone, 1);
	assert_int_equal(h.apparmor_restrict_userns, -1);
	assert_int_equal(h.yama_ptrace_scope, -1);
	assert_true(h.apparmor && !h.selinux);
	assert_true(facts_mounted(&h, "ext4") && facts_mounted(&h, "cgroup2"));
	assert_false(facts_mounted(&h, "cgroup") || facts_mounted(&h, ""));
	assert_true(facts_filesystem(&h, "ext4")); /* in /proc/filesystems */
	assert_true(facts_filesystem(&h, "overlay") &&
		    facts_filesystem(&h, "fuse")); /* a module, and built in */
	assert_false(facts_filesystem(&h, "fscache") || facts_filesystem(&h, "ext"));
	assert_false(h.proc_overmounted); /* binfmt_misc hides nothing */
	assert_false(h.chrooted);
	assert_string_equal(h.root_fs, "ext4");
	assert_string_equal(h.container, "");
	assert_string_equal(h.kernel, "6.1.0-18-amd64");
	assert_true(h.kernel_major == 6 && h.kernel_minor == 1);
}

static void debian_user(void **state)
{
	struct host_facts h = facts_of("debian12-user");

	(void)state;
	assert_int_equal(h.euid, 1000);
	assert_false(facts_cap(&h, CAP_SYS_ADMIN));
	assert_true(facts_filesystem(&h, "overlay") && !facts_filesystem(&h, "fuse"));
}

static void ubuntu(void **state)
{
	struct host_facts h = facts_of("ubuntu2404-user");

	(void)state;
	assert_int_equal(h.apparmor_restrict_userns, 1);
	assert_int_equal(h.yama_ptrace_scope, 1);
	assert_false(h.in_user_ns);
	h = facts_of("ubuntu2404-in-userns");
	assert_true(h.in_user_ns && h.uid_map_ids == 0);
}

static void limits(void **state)
{
	(void)state;
	assert_int_equal(facts_of("userns-clone-0").unprivileged_userns_clone, 0);
	struct host_facts h = facts_of("max-user-ns-0");
	assert_true(h.max_ns[NS_USER] == 0 && h.max_ns[NS_PID] == 31000);
}

static void containers(void **state)
{
	struct host_facts h = facts_of("docker");

	(void)state;
	assert_string_equal(h.container, "docker");
	assert_int_equal(h.seccomp, 2);
	assert_true(h.proc_overmounted);
	assert_false(facts_cap(&h, CAP_SYS_ADMIN));
	assert_string_equal(h.root_fs, "overlay");
	h = facts_of("podman-rootless");
	assert_string_equal(h.container, "podman");
	assert_true(h.in_user_ns && h.uid_map_ids == 65537);
	assert_string_equal(facts_of("lxc").container, "lxc");
}

static void old_and_bare(void **state)
{
	struct host_facts h = facts_of("cgroup-v1");

	(void)state;
	assert_true(facts_mounted(&h, "cgroup") && !facts_mounted(&h, "cgroup2"));
	assert_true(h.ns[NS_USER] && !h.ns[NS_CGROUP] && !h.ns[NS_TIME]);
	h = facts_of("cgroup-none");
	assert_false(facts_mounted(&h, "cgroup") || facts_mounted(&h, "cgroup2"));
	assert_string_equal(h.root_fs, "rootfs");
	assert_false(facts_filesystem(&h, "overlay"));
}

static void chrooted(void **state)
{
	struct host_facts h = facts_of("chroot");

	(void)state;
	assert_true(h.chrooted);
	assert_int_equal(h.threads, 3);
	assert_int_equal(h.pid_depth, 3);
}

/* An empty directory for /: everything unknown, nothing wrong. */
static void nothing_to_read(void **state)
{
	char dir[] = "/tmp/minibox-test-XXXXXX";
	struct host_facts h;

	(void)state;
	assert_non_null(mkdtemp(dir));
	int root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	facts_read(root, &h);
	assert_int_equal(h.threads, 0);
	assert_int_equal(h.euid, geteuid());
	assert_true(h.max_ns[NS_PID] == -1 && h.uid_map_ids == -1 && h.setgroups == -1);
	assert_false(h.in_user_ns || h.chrooted);
	assert_true(h.ns[NS_PID]); /* not known to be missing */
	assert_false(facts_mounted(&h, "proc") || facts_filesystem(&h, "proc"));
	assert_string_equal(h.kernel, "");
	close(root);
	rmdir(dir);
}

static void this_host(void **state)
{
	const struct host_facts *h = host_facts_of(FACTS_SELF);

	(void)state;
	assert_int_equal(h->groups, FACTS_SELF); /* the rest is not read before it is asked for */
	assert_string_equal(h->kernel, "");
	assert_true(host_facts_of(FACTS_KERNEL)->kernel[0] && !h->ns[NS_PID]);
	assert_int_equal(h->groups, FACTS_SELF | FACTS_KERNEL);
	assert_int_equal(host_facts()->groups, FACTS_ALL);
	assert_int_equal(h->euid, geteuid());
	assert_true(h->threads >= 1 && h->pid_depth >= 1 && h->kernel_major >= 3);
	assert_true(h->ns[NS_PID] && h->ns[NS_MNT]);
	errno = ENOTTY;
	facts_forget();
	host_facts();
	assert_int_equal(errno, ENOTTY);
}

/* ---- what follows is done in a child, which says by its exit status which assertion failed ----
 */

#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition))                                                                  \
			_exit(__LINE__ % 200 + 50);                                                \
	} while (0)

static int in_child(void (*body)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		body();
		_exit(0);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	return status;
}

/* The facts follow a process into its user namespace without being told to. */
static void enters_user_ns(void)
{
	bool was = host_facts()->in_user_ns;
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER) < 0)
		_exit(77);
	EXPECT(host_facts()->in_user_ns || was);
	EXPECT(host_facts()->uid_map_ids == 0);
	EXPECT(facts_cap(host_facts(), CAP_SYS_ADMIN));
	EXPECT(self_map_write(uid, gid) == 0);
	EXPECT(host_facts()->uid_map_ids == 1 && host_facts()->setgroups == 0);
	EXPECT(rootless_flags() == 0);
	EXPECT(!host_facts()->children_elsewhere);
	EXPECT(unshare(CLONE_NEWPID) == 0);
	facts_forget();
	EXPECT(host_facts()->children_elsewhere); /* the link is there and leads nowhere */
}

static void facts_follow(void **state)
{
	(void)state;
	assert_int_equal(in_child(enters_user_ns), 0);
}

/* A real limit on this host: the reason comes out of the probe's process, through the pipe. */
static void limits_itself(void)
{
	struct verdict verdict;
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER) < 0 || self_map_write(uid, gid) < 0 ||
	    write_file_at(AT_FDCWD, "/proc/sys/user/max_net_namespaces", "0") < 0)
		_exit(77);
	sys_failure_clear();
	EXPECT(!host_can(CAN_NET_NS, &verdict));
	EXPECT(!verdict.yes && strstr(verdict.reason, "limit on net namespaces is 0"));
	EXPECT(strstr(verdict.remedy, "user.max_net_namespaces"));
	EXPECT(!host_can(CAN_VETH, NULL));
	EXPECT(host_can(CAN_UTS_NS, NULL));
	EXPECT(!host_can(CAN_HOST_ROOT, &verdict) &&
	       strstr(verdict.reason, "inside a user namespace"));
	EXPECT(!host_can(CAN_SUB_IDS, NULL));
	EXPECT(sys_failure()->err == 0); /* a probe's failure is not ours */
}

static void reason_of_a_probe(void **state)
{
	(void)state;
	assert_int_equal(in_child(limits_itself), 0);
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void read_all(const char *path, char *text, size_t size)
{
	assert_true(read_file_at(AT_FDCWD, path, text, size) >= 0);
}

/* Every ability is asked; the caller and the host are what they were. */
static void nothing_left_behind(void **state)
{
	static char before[65536], after[65536];
	struct verdict verdict;
	int files = count_entries("/proc/self/fd"), links = count_entries("/sys/class/net");

	(void)state;
	read_all("/proc/self/mountinfo", before, sizeof(before));
	for (int a = 0; a < abilities_known(); a++) {
		assert_string_not_equal(ability_key(a), "unknown");
		errno = ENOTTY;
		bool can = host_can(a, &verdict);
		assert_int_equal(errno, ENOTTY);
		assert_int_equal(can, verdict.yes);
		assert_true(can == !verdict.reason[0]);
		assert_non_null(ability_key(a));
		assert_non_null(ability_title(a));
	}
	read_all("/proc/self/mountinfo", after, sizeof(after));
	assert_string_equal(before, after);
	assert_int_equal(count_entries("/proc/self/fd"), files);
	assert_int_equal(count_entries("/sys/class/net"), links);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(sys_failure()->err, 0);
}

static int asked;

static bool judge(int arg, struct verdict *out)
{
	asked += arg;
	return verdict_no(out, "because", "");
}

static void registered_by_a_higher_step(void **state)
{
	const struct ability mine = { STEP06_ABILITIES, "mine", "mine", .judge = judge, .arg = 7 };
	struct verdict verdict;

	(void)state;
	host_can_register(&mine, 1);
	assert_int_equal(abilities_known(), STEP06_ABILITIES + 1);
	assert_string_equal(ability_key(STEP06_ABILITIES), "mine");
	assert_false(host_can(STEP06_ABILITIES, &verdict));
	assert_string_equal(verdict.reason, "because");
	assert_false(host_can(STEP06_ABILITIES, NULL));
	assert_int_equal(asked, 7); /* once */
	host_can_register(&mine, 1);
	host_can(STEP06_ABILITIES, NULL);
	assert_int_equal(asked, 14); /* the old answer is forgotten */
}

/* What no step has registered, or CAN() has no bit for, is an honest no. */
static void not_registered(void **state)
{
	static const int numbers[] = { MOST_ABILITIES - 1, MOST_ABILITIES, 1000, -1 };
	struct verdict verdict;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		const struct ability far = { MOST_ABILITIES, "far", "far", .judge = judge };
		host_can_register(&far, 1);
		assert_false(host_can(numbers[i], &verdict));
		assert_non_null(strstr(verdict.reason, "registered"));
		assert_false(host_can(numbers[i], NULL));
		assert_string_equal(ability_key(numbers[i]), "unknown");
		assert_string_equal(ability_title(numbers[i]), "unknown");
	}
}

static void ignores_sigchld(void)
{
	signal(SIGCHLD, SIG_IGN); /* then wait(2) gives no status */
	EXPECT(host_can(CAN_PTRACE, NULL) || host_facts()->seccomp ||
	       host_facts()->yama_ptrace_scope > 1);
}

static void sigchld_ignored(void **state)
{
	(void)state;
	assert_int_equal(in_child(ignores_sigchld), 0);
}

static void clock_never_by_itself(void **state)
{
	struct verdict verdict;

	(void)state;
	if (getenv("IN_VMTEST") || access("/run/minibox-guest", F_OK) == 0)
		skip();
	assert_false(host_can(CAN_SET_CLOCK, &verdict));
	assert_non_null(strstr(verdict.remedy, "guest"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(debian_root),
		cmocka_unit_test(debian_user),
		cmocka_unit_test(ubuntu),
		cmocka_unit_test(limits),
		cmocka_unit_test(containers),
		cmocka_unit_test(old_and_bare),
		cmocka_unit_test(chrooted),
		cmocka_unit_test(nothing_to_read),
		cmocka_unit_test(this_host),
		cmocka_unit_test(facts_follow),
		cmocka_unit_test(sigchld_ignored),
		cmocka_unit_test(reason_of_a_probe),
		cmocka_unit_test(nothing_left_behind),
		cmocka_unit_test(clock_never_by_itself),
		cmocka_unit_test(not_registered),
		cmocka_unit_test(registered_by_a_higher_step),
	};
	step06_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
