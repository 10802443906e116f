/*
 * test_mount_ns.c: the four calls of step 2, in disposable namespaces.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/abilities.h"
#include "step02_mount_ns/given/register.h"
#include "step02_mount_ns/mount_ns.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"
#include "step02_mount_ns/given/ns_links.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char base[64];

static int set_up(void **state)
{
	(void)state;
	strcpy(base, "/tmp/minibox-test-XXXXXX");
	sys_failure_clear();
	return mkdtemp(base) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(base);
}

struct job {
	int (*fn)(void);
	uid_t uid;
	gid_t gid;
	bool rootless;
};

static int do_job(void *arg)
{
	struct job *job = arg;

	if (job->rootless && self_map_write(job->uid, job->gid) < 0)
		return 255;
	int line = job->fn();
	if (line)
		dprintf(2, "failed at line %d (%s)\n", line, strerror(errno));
	return line ? 1 : 0;
}

/* Runs fn as PID 1 of disposable PID and mount namespaces. fn returns 0 or the line that failed. */
static int in_namespaces(int (*fn)(void))
{
	struct job job = {
		.fn = fn, .uid = geteuid(), .gid = getegid(), .rootless = rootless_flags() != 0
	};
	struct spawn child = { .flags = CLONE_NEWNS | CLONE_NEWPID | rootless_flags(),

			       .fn = do_job,
			       .arg = &job };
	int status = -1;

	if (!host_can(CAN_MOUNT_NS, NULL) || !host_can(CAN_MOUNT_PROC, NULL))
		skip();
	if (spawn(&child) < 0 || spawn_wait(&child, &status) < 0)
		return -1;
	return status;
}

#define NEED(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return __LINE__;                                                           \
	} while (0)

static char *below(const char *name)
{
	static char paths[4][128];
	static int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", base, name);
	return path;
}

struct tally {
	const char *at;
	int mounts, shared, there;
};

static int tally_one(const struct mountinfo *mount, void *arg)
{
	struct tally *tally = arg;

	tally->mounts++;
	tally->shared += mountinfo_shared(mount) != 0;
	tally->there += tally->at && strcmp(mount->mount_point, tally->at) == 0;
	return 0;
}

static struct tally tally(const char *at)
{
	struct tally t = { .at = at };
	int procfd = proc_open();

	mountinfo_each(procfd, 0, tally_one, &t);
	close(procfd);
	return t;
}

/* ---- mount_private ---- */

static int all_become_private(void)
{
	NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ==
	     0); /* the host keeps what it has */
	NEED(mount("a", base, "tmpfs", 0, NULL) == 0 && mkdir(below("sub"), 0755) == 0);
	NEED(mount("b", below("sub"), "tmpfs", 0, NULL) == 0);
	NEED(mount(NULL, base, NULL, MS_REC | MS_SHARED, NULL) == 0);
	NEED(tally(NULL).shared == 2);
	NEED(mount_private() == 0);
	NEED(tally(NULL).shared == 0); /* also the one below: MS_REC */
	return 0;
}

static void private_is_recursive(void **state)
{
	(void)state;
	assert_int_equal(0, in_namespaces(all_become_private));
}

static int nothing_leaks(void)
{
	NEED(mount_private() == 0);
	NEED(mount("a", base, "tmpfs", 0, NULL) == 0 &&
	     mount(NULL, base, NULL, MS_SHARED, NULL) == 0);
	NEED(mkdir(below("x"), 0755) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		bool done = unshare(CLONE_NEWNS) == 0 && mount_private() == 0 &&
			    mount("leak", below("x"), "tmpfs", 0, NULL) == 0;
		_exit(!done);
	}
	int status = -1;
	NEED(waitpid(pid, &status, 0) == pid && status == 0);
	NEED(tally(below("x")).there == 0);
	return 0;
}

static void a_private_mount_stays_inside(void **state)
{
	(void)state;
	assert_int_equal(0, in_namespaces(nothing_leaks));
}

/* ---- mount_own_proc ---- */

static int proc_is_ours(void)
{
	char self[16] = "";
	struct stat st;

	NEED(mount_private() == 0);
	NEED(readlink("/proc/self", self, sizeof(self) - 1) > 0 && strcmp(self, "1") != 0);
	NEED(mount_own_proc(AT_FDCWD, "/proc", PROC_FLAGS, NULL) == 0);
	memset(self, 0, sizeof(self));
	NEED(readlink("/proc/self", self, sizeof(self) - 1) > 0 && strcmp(self, "1") == 0);
	/* Inside another root, the directory is made; an image's link stays inside. */
	NEED(mount("root", base, "tmpfs", 0, NULL) == 0);
	int root = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	NEED(root >= 0 && symlink("../../../elsewhere", below("proc")) == 0);
	NEED(mount_own_proc(root, "proc", PROC_FLAGS, NULL) == 0);
	NEED(stat(below("elsewhere/1/stat"), &st) == 0);
	NEED(mount_own_proc(root, "new/proc", PROC_FLAGS, NULL) == 0 &&
	     stat(below("new/proc/self/stat"), &st) == 0);
	NEED(close(open(below("file"), O_WRONLY | O_CREAT, 0600)) == 0);
	NEED(mount_own_proc(root, "file", PROC_FLAGS, NULL) < 0 && errno == ENOTDIR);
	return 0;
}

static void proc_shows_the_mounters_namespace(void **state)
{
	(void)state;
	assert_int_equal(0, in_namespaces(proc_is_ours));
}

struct options {
	const char *at;
	char mount[160], super[160];
};

static int find_options(const struct mountinfo *mount, void *arg)
{
	struct options *options = arg;

	if (strcmp(mount->mount_point, options->at) == 0) { /* the last one is on top */
		snprintf(options->mount, sizeof(options->mount), "%s", mount->mount_options);
		snprintf(options->super, sizeof(options->super), "%s", mount->super_options);
	}
	return 0;
}

/* Exactly the caller's flags and options, none of its own. */
static int proc_has_options(void)
{
	struct options options = { .at = "/proc" };
	int procfd;

	NEED(mount_private() == 0);
	NEED(mount_own_proc(AT_FDCWD, "/proc", PROC_FLAGS, NULL) == 0);
	NEED((procfd = proc_open()) >= 0);
	mountinfo_each(procfd, 0, find_options, &options);
	NEED(strncmp(options.mount, "rw,nosuid,nodev,noexec", 22) == 0);
	NEED(!strstr(options.super, "hidepid"));
	NEED(mount_own_proc(AT_FDCWD, "/proc", MS_NOSUID | MS_RDONLY, "hidepid=2") == 0);
	mountinfo_each(procfd, 0, find_options, &options);
	NEED(strncmp(options.mount, "ro,nosuid,", 10) == 0 && !strstr(options.mount, "noexec"));
	NEED(strstr(options.super, "hidepid="));
	NEED(open("/proc/sys/kernel/domainname", O_WRONLY | O_CLOEXEC) < 0 && errno == EROFS);
	NEED(mount_own_proc(AT_FDCWD, "/proc", PROC_FLAGS, "no-such-option") < 0 &&
	     errno == EINVAL);
	close(procfd);
	return 0;
}

static void proc_gets_the_callers_options(void **state)
{
	(void)state;
	assert_int_equal(0, in_namespaces(proc_has_options));
}

/* ---- pivot_into ---- */

static int pivot_to_directory(void)
{
	struct stat st, now, cwd;
	int root;

	NEED(mount_private() == 0 && mount("t", base, "tmpfs", 0, NULL) == 0);
	NEED(mkdir(below("new"), 0755) == 0 && mkdir(below("new/in"), 0755) == 0);
	NEED(mount("below", below("new/in"), "tmpfs", 0, NULL) == 0 &&
	     mkdir(below("new/in/deep"), 0755) == 0);
	NEED(mkdir(below("new/proc"), 0755) == 0);
	root = open(below("new"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	NEED(root >= 0 && fstat(root, &st) == 0);
	NEED(mount_own_proc(root, "proc", PROC_FLAGS, NULL) == 0);
	NEED(pivot_into(root) == 0); /* a plain directory, no mount point */
	NEED(stat("/", &now) == 0 && now.st_dev == st.st_dev && now.st_ino == st.st_ino);
	NEED(stat(".", &cwd) == 0 && cwd.st_ino == st.st_ino && cwd.st_dev == st.st_dev);
	NEED(stat("/..", &cwd) == 0 && cwd.st_ino == st.st_ino);
	NEED(access("/in/deep", F_OK) == 0); /* what was mounted inside came along */
	NEED(access("/etc", F_OK) < 0 && access(base, F_OK) < 0);
	NEED(tally(NULL).mounts == 3); /* /, /in, /proc: nothing of the old root */
	NEED(tally("/").there == 1);
	NEED(fcntl(root, F_GETFD) >= 0); /* still the caller's */
	return 0;
}

static void any_directory_becomes_the_root(void **state)
{
	(void)state;
	assert_int_equal(0, in_namespaces(pivot_to_directory));
}

/* No path can name this directory: it would be longer than PATH_MAX. */
static int pivot_deep(void)
{
	struct stat st, now;
	char name[251];

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	NEED(mount_private() == 0 && mount("t", base, "tmpfs", 0, NULL) == 0);
	int dir = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (int depth = 0; depth < 20; depth++) {
		NEED(mkdirat(dir, name, 0755) == 0);
		int next = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		NEED(next >= 0 && close(dir) == 0);
		dir = next;
	}
	NEED(fstat(dir, &st) == 0 && mkdirat(dir, "proc", 0755) == 0);
	NEED(mount_own_proc(dir, "proc", PROC_FLAGS, NULL) == 0);
	NEED(pivot_into(dir) == 0);
	NEED(stat("/", &now) == 0 && now.st_ino == st.st_ino && now.st_dev == st.st_dev);
	NEED(tally(NULL).mounts == 2 && access("/proc/1/stat", F_OK) == 0);
	return 0;
}

static void a_root_without_a_path(void **state)
{
	(void)state;
	assert_int_equal(0, in_namespaces(pivot_deep));
}

static int pivot_from_shared(void)
{
	NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	NEED(mount("t", base, "tmpfs", 0, NULL) == 0 &&
	     mount(NULL, base, NULL, MS_SHARED, NULL) == 0);
	NEED(mkdir(below("new"), 0755) == 0);
	int root = open(below("new"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	NEED(root >= 0 && pivot_into(root) < 0 && errno == EINVAL);
	NEED(strncmp(sys_failure()->call, "pivot_root", 10) == 0);
	return 0;
}

static void a_shared_parent_is_refused(void **state)
{
	(void)state;
	assert_int_equal(0, in_namespaces(pivot_from_shared));
}

static int pivot_from_nonsense(void)
{
	int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

	NEED(mount_private() == 0);
	NEED(pivot_into(-1) < 0 && errno == EBADF);
	NEED(pivot_into(file) < 0 && errno == ENOTDIR);
	return 0;
}

static void what_is_no_directory_is_refused(void **state)
{
	(void)state;
	assert_int_equal(0, in_namespaces(pivot_from_nonsense));
}

/* ---- join_namespaces ---- */

static int sit(void *arg)
{
	int *pipe_ends = arg;

	if (mount_private() < 0 || mount_own_proc(AT_FDCWD, "/proc", PROC_FLAGS, NULL) < 0 ||
	    mount("in", base, "tmpfs", 0, NULL) < 0)
		return 1;
	close(open(below("here"), O_WRONLY | O_CREAT, 0600));
	if (write(pipe_ends[1], "x", 1) != 1)
		return 1;
	for (;;)
		pause();
}

static int join_a_running_one(void)
{
	int ends[2], status = 0, procfd = proc_open();
	char byte;
	struct ns_id own, theirs;

	NEED(mount_private() == 0 && pipe2(ends, O_CLOEXEC) == 0);
	struct spawn child = { .flags = CLONE_NEWPID | CLONE_NEWNS, .fn = sit, .arg = ends };
	/* We are PID 1 but look through the old /proc: there the child has another number. */
	NEED(spawn(&child) == 0 && read(ends[0], &byte, 1) == 1);
	char text[32];
	snprintf(text, sizeof(text), "/proc/self/fdinfo/%d", child.pidfd);
	char info[256], number[16];
	NEED(read_file_at(AT_FDCWD, text, info, sizeof(info)) > 0 &&
	     status_value(info, "Pid", number, sizeof(number)));
	pid_t pid = atoi(number);

	NEED(ns_links_join(procfd, pid,
			   CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS) == 0);
	NEED(proc_ns_id(procfd, 0, "mnt", &own) == 0 &&
	     proc_ns_id(procfd, pid, "mnt", &theirs) == 0);
	NEED(ns_id_equal(own, theirs));
	NEED(access(below("here"), F_OK) == 0);
	NEED(getpid() == 1); /* we have not moved */
	pid_t visitor = fork();
	if (visitor == 0)
		_exit(getpid() == 2 ? 0 : 1);
	NEED(waitpid(visitor, &status, 0) == visitor && status == 0);
	NEED(ns_links_join(procfd, pid, CLONE_NEWPID | CLONE_NEWNS) ==
	     0); /* once more: all passed over */
	NEED(kill(child.pid, SIGKILL) == 0 && spawn_wait(&child, &status) == 0);
	NEED(ns_links_join(procfd, pid, CLONE_NEWNS) < 0 && (errno == ENOENT || errno == ESRCH));
	return 0;
}

static void joining_enters_and_passes_over(void **state)
{
	(void)state;
	assert_int_equal(0, in_namespaces(join_a_running_one));
}

/* ---- join_namespaces: in which order ---- */

static int stay(void *arg)
{
	(void)arg;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing */
	for (;;)
		pause();
	return 0;
}

/* Starts a process that stays in new namespaces of these kinds. Returns its number below the /proc
 * that is mounted here, or 0. */
static pid_t sitter(struct spawn *child, int flags)
{
	char path[32], info[512], number[16];

	*child = (struct spawn){ .flags = flags, .fn = stay };
	if (spawn(child) < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", child->pidfd);
	if (read_file_at(AT_FDCWD, path, info, sizeof(info)) < 0 ||
	    !status_value(info, "Pid", number, sizeof(number)))
		return 0;
	return (pid_t)atoi(number);
}

static bool is_in(int procfd, pid_t pid, const char *own, const char *name)
{
	struct ns_id a, b;

	return proc_ns_id(procfd, 0, own, &a) == 0 && proc_ns_id(procfd, pid, name, &b) == 0 &&
	       ns_id_equal(a, b);
}

/* The visitor has no rights but those that the user namespace gives it. The list is in an order in
 * which nothing could be entered one after the other. */
static int join_owned(void)
{
	int kinds = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET,
	    procfd = proc_open(), status;
	struct spawn child;
	struct ns_links links, backwards = { 0 };

	if (geteuid() == 0) {
		NEED(setgroups(0, NULL) == 0 && setresgid(1000, 1000, 1000) == 0 &&
		     setresuid(1000, 1000, 1000) == 0);
		prctl(PR_SET_DUMPABLE, 1);
	}
	pid_t pid = sitter(&child, kinds | CLONE_NEWPID);
	if (!pid && errno == EPERM)
		return -1; /* no user namespaces for this user */
	NEED(pid && ns_links_open(&links, procfd, pid, kinds | CLONE_NEWPID) == 0 &&
	     links.count == 6);
	/* Without the user namespace: refused, and the record says by which call. */
	struct ns_links net;
	NEED(ns_links_open(&net, procfd, pid, CLONE_NEWNET) == 0);
	NEED(join_namespaces(net.fds, net.count) < 0 && errno == EPERM);
	NEED(strncmp(sys_failure()->call, "setns", 5) == 0);
	sys_failure_clear();
	NEED(!is_in(procfd, pid, "net", "net"));
	for (int i = links.count; i-- > 0;)
		backwards.fds[backwards.count++] = links.fds[i];
	NEED(join_namespaces(backwards.fds, backwards.count) == 0);
	NEED(sys_failure()->err == 0); /* a refusal that was not the last word is no failure */
	for (int kind = 0; kind < NS_KINDS; kind++)
		if (kinds & ns_info[kind].flag)
			NEED(is_in(procfd, pid, ns_info[kind].name, ns_info[kind].name));
	NEED(is_in(procfd, pid, "pid_for_children", "pid") && !is_in(procfd, pid, "pid", "pid"));
	NEED(sethostname("joined", 6) == 0);	 /* with rights over what was joined */
	NEED(fcntl(links.fds[0], F_GETFD) >= 0); /* still the caller's */
	NEED(kill(child.pid, SIGKILL) == 0 && spawn_wait(&child, &status) == 0);
	return 0;
}

/* In a process of its own: joining changes the caller. */
static int in_a_fork(int (*fn)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		int line = fn();
		if (line > 0)
			dprintf(2, "failed at line %d (%s)\n", line, strerror(errno));
		_exit(line < 0 ? 77 : line > 0);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void the_user_namespace_gives_the_rights(void **state)
{
	(void)state;
	if (!host_can(CAN_USER_NS, NULL))
		skip();
	int status = in_a_fork(join_owned);
	if (status == 77)
		skip();
	assert_int_equal(0, status);
}

/* As a container of a pod whose network belongs to the host's user namespace: after the user
 * namespace is entered, the network namespace can be entered no more. */
static int join_foreign(void)
{
	int procfd = proc_open();
	struct spawn box, net;
	struct ns_links links, more;

	NEED(mount_private() == 0);
	pid_t with_net = sitter(&net, CLONE_NEWNET);
	pid_t with_user = sitter(&box, CLONE_NEWUSER | CLONE_NEWUTS);
	NEED(with_net && with_user);
	NEED(ns_links_open(&links, procfd, with_user, CLONE_NEWUSER | CLONE_NEWUTS) == 0);
	NEED(ns_links_open(&more, procfd, with_net, CLONE_NEWNET) == 0);
	struct ns_id own, wanted[3];
	NEED(proc_ns_id(procfd, with_net, "net", &wanted[0]) == 0 &&
	     proc_ns_id(procfd, with_user, "user", &wanted[1]) == 0 &&
	     proc_ns_id(procfd, with_user, "uts", &wanted[2]) == 0);
	/* That the order matters is the kernel's word. */
	pid_t pid = fork();
	int status = -1;
	if (pid == 0)
		_exit(ns_links_join(procfd, with_user, CLONE_NEWUSER) == 0 &&
		      join_namespaces(more.fds, 1) < 0 && errno == EPERM);
	NEED(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 1);
	links.fds[links.count++] = more.fds[0];
	NEED(join_namespaces(links.fds, links.count) == 0 && sys_failure()->err == 0);
	/* From inside the links of those two cannot be read: they were compared before. */
	NEED(proc_ns_id(procfd, 0, "net", &own) == 0 && ns_id_equal(own, wanted[0]));
	NEED(proc_ns_id(procfd, 0, "user", &own) == 0 && ns_id_equal(own, wanted[1]));
	NEED(proc_ns_id(procfd, 0, "uts", &own) == 0 && ns_id_equal(own, wanted[2]));
	return 0;
}

static void rights_of_before_the_user_namespace_count(void **state)
{
	(void)state;
	if (!host_can(CAN_USER_NS, NULL) || !host_can(CAN_NET_NS, NULL))
		skip();
	assert_int_equal(0, in_namespaces(join_foreign));
}

static void what_is_no_namespace_is_refused(void **state)
{
	int procfd = proc_open(), null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int many[NS_KINDS + 1] = { 0 };
	struct ns_links links = { 0 };

	(void)state;
	assert_int_equal(-1, ns_links_open(&links, procfd, getpid(), CLONE_FS));
	assert_int_equal(EINVAL, errno);
	assert_int_equal(0, links.count);
	assert_int_equal(-1, join_namespaces(&null, 1));
	assert_int_equal(ENOTTY, errno);
	assert_int_equal(-1, join_namespaces(&(int){ -1 }, 1));
	assert_int_equal(EBADF, errno);
	assert_int_equal(-1, join_namespaces(many, NS_KINDS + 1));
	assert_int_equal(EINVAL, errno);
	assert_int_equal(0, join_namespaces(NULL, 0));
	/* One's own need no rights: they are passed over. */
	assert_int_equal(
		0, ns_links_join(procfd, getpid(), CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID));
	sys_failure_clear();
	close(null);
	close(procfd);
}

/* A process that is gone half-way must leave no descriptor behind. */
static void a_failed_join_leaks_nothing(void **state)
{
	int procfd = proc_open(), before = dup(procfd);

	(void)state;
	close(before);
	assert_int_equal(-1, ns_links_join(procfd, 0x3fffffff, CLONE_NEWNS | CLONE_NEWPID));
	assert_int_equal(ENOENT, errno);
	assert_int_equal(-1, ns_links_join(procfd, getpid(), CLONE_NEWNS | CLONE_FS));
	assert_int_equal(0, ns_links_join(procfd, getpid(), CLONE_NEWNS | CLONE_NEWPID));
	int after = dup(procfd);
	assert_int_equal(before, after);
	sys_failure_clear();
	close(after);
	close(procfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(private_is_recursive, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_private_mount_stays_inside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(proc_shows_the_mounters_namespace, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(proc_gets_the_callers_options, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_root_without_a_path, set_up, tear_down),
		cmocka_unit_test_setup_teardown(any_directory_becomes_the_root, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_shared_parent_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_directory_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(joining_enters_and_passes_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rights_of_before_the_user_namespace_count, set_up,
						tear_down),
		cmocka_unit_test(the_user_namespace_gives_the_rights),
		cmocka_unit_test(what_is_no_namespace_is_refused),
		cmocka_unit_test(a_failed_join_leaks_nothing),
	};
	step02_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
