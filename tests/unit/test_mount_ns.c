/*
 * test_mount_ns.c: the four calls of step 2, in disposable namespaces.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/meet/idmap.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/abilities.h"
#include "step02_mount_ns/given/register.h"
#include "step02_mount_ns/mount_ns.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
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

	if (job->rootless && idmap_self(job->uid, job->gid) < 0)
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
			       .cgroup = -1,
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
	NEED(mount_own_proc(AT_FDCWD, "/proc") == 0);
	memset(self, 0, sizeof(self));
	NEED(readlink("/proc/self", self, sizeof(self) - 1) > 0 && strcmp(self, "1") == 0);
	/* proc's flags, by the line in mounts */
	char text[16384];
	NEED(read_file_at(AT_FDCWD, "/proc/mounts", text, sizeof(text)) > 0);
	NEED(strstr(text, "proc /proc proc rw,nosuid,nodev,noexec"));
	/* Inside another root, the directory is made; an image's link stays inside. */
	NEED(mount("root", base, "tmpfs", 0, NULL) == 0);
	int root = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	NEED(root >= 0 && symlink("../../../elsewhere", below("proc")) == 0);
	NEED(mount_own_proc(root, "proc") == 0);
	NEED(stat(below("elsewhere/1/stat"), &st) == 0);
	NEED(mount_own_proc(root, "new/proc") == 0 && stat(below("new/proc/self/stat"), &st) == 0);
	NEED(close(open(below("file"), O_WRONLY | O_CREAT, 0600)) == 0);
	NEED(mount_own_proc(root, "file") < 0 && errno == ENOTDIR);
	return 0;
}

static void proc_shows_the_mounters_namespace(void **state)
{
	(void)state;
	assert_int_equal(0, in_namespaces(proc_is_ours));
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
	NEED(mount_own_proc(root, "proc") == 0);
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

	if (mount_private() < 0 || mount_own_proc(AT_FDCWD, "/proc") < 0 ||
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
	struct spawn child = {
		.flags = CLONE_NEWPID | CLONE_NEWNS, .cgroup = -1, .fn = sit, .arg = ends
	};
	/* We are PID 1 but look through the old /proc: there the child has another number. */
	NEED(spawn(&child) == 0 && read(ends[0], &byte, 1) == 1);
	char text[32];
	snprintf(text, sizeof(text), "/proc/self/fdinfo/%d", child.pidfd);
	char info[256], number[16];
	NEED(read_file_at(AT_FDCWD, text, info, sizeof(info)) > 0 &&
	     status_value(info, "Pid", number, sizeof(number)));
	pid_t pid = atoi(number);

	NEED(join_namespaces(procfd, pid,
			     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS) == 0);
	NEED(proc_ns_id(procfd, 0, "mnt", &own) == 0 &&
	     proc_ns_id(procfd, pid, "mnt", &theirs) == 0);
	NEED(ns_same(own, theirs));
	NEED(access(below("here"), F_OK) == 0);
	NEED(getpid() == 1); /* we have not moved */
	pid_t visitor = fork();
	if (visitor == 0)
		_exit(getpid() == 2 ? 0 : 1);
	NEED(waitpid(visitor, &status, 0) == visitor && status == 0);
	NEED(join_namespaces(procfd, pid, CLONE_NEWPID | CLONE_NEWNS) ==
	     0); /* once more: all passed over */
	NEED(kill(child.pid, SIGKILL) == 0 && spawn_wait(&child, &status) == 0);
	NEED(join_namespaces(procfd, pid, CLONE_NEWNS) < 0 && (errno == ENOENT || errno == ESRCH));
	return 0;
}

static void joining_enters_and_passes_over(void **state)
{
	(void)state;
	assert_int_equal(0, in_namespaces(join_a_running_one));
}

static void strange_kinds_are_refused(void **state)
{
	int procfd = proc_open();

	(void)state;
	assert_int_equal(-1, join_namespaces(procfd, getpid(), CLONE_FS));
	assert_int_equal(EINVAL, errno);
	assert_int_equal(
		0, join_namespaces(procfd, getpid(), CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID));
	close(procfd);
}

/* A join that fails half-way must leave no descriptor behind. */
static void a_failed_join_leaks_nothing(void **state)
{
	int procfd = proc_open(), before = dup(procfd);

	(void)state;
	close(before);
	assert_int_equal(-1, join_namespaces(procfd, 0x3fffffff, CLONE_NEWNS | CLONE_NEWPID));
	assert_int_equal(ENOENT, errno);
	int after = dup(procfd);
	assert_int_equal(before, after);
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
		cmocka_unit_test_setup_teardown(any_directory_becomes_the_root, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_shared_parent_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_directory_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(joining_enters_and_passes_over, set_up, tear_down),
		cmocka_unit_test(strange_kinds_are_refused),
		cmocka_unit_test(a_failed_join_leaks_nothing),
	};
	step02_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
