/*
 * test_clone_pid.c: step 1's piece: spawn, its wait, and NSpid.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/given/clone3.h"
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/host/abilities.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int return_number(void *arg)
{
	return *(int *)arg;
}

static int die(void *arg)
{
	raise(*(int *)arg);
	return 0;
}

static int pid_is_one(void *arg)
{
	(void)arg;
	return getpid() == 1 ? 11 : 12;
}

static int run(int flags, int (*fn)(void *), void *arg)
{
	struct spawn sp = { .flags = flags, .fn = fn, .arg = arg };
	int status = -1;

	assert_int_equal(spawn(&sp), 0);
	assert_true(sp.pid > 0);
	assert_true(sp.pidfd >= 0);
	assert_true(fcntl(sp.pidfd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(spawn_wait(&sp, &status), 0);
	assert_int_equal(sp.pidfd, -1);
	return status;
}

static int sleep_on(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 0;
}

/* A number counts only where the kernel says that it is the pidfd's process. */
static void test_proc_shows(void **state)
{
	(void)state;
	struct spawn sp = { .fn = sleep_on };
	int status, procfd = proc_open(), tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(spawn(&sp), 0);
	assert_true(proc_shows(procfd, sp.pid, sp.pidfd));
	assert_false(proc_shows(procfd, getpid(), sp.pidfd));
	assert_int_equal(errno, ESRCH);
	assert_false(proc_shows(tmp, sp.pid, sp.pidfd));
	assert_true(proc_is_child(procfd, sp.pid, getpid()));
	assert_false(proc_is_child(procfd, sp.pid, sp.pid));
	assert_false(proc_is_child(procfd, getpid(), getpid()));
	assert_false(proc_is_child(procfd, 0, 0));
	int pidfd = dup(sp.pidfd);
	kill(sp.pid, SIGKILL);
	assert_int_equal(spawn_wait(&sp, &status), 0);
	assert_false(proc_shows(procfd, sp.pid, pidfd)); /* its number may be another's by now */
	assert_false(proc_is_child(procfd, sp.pid, getpid()));
	close(pidfd);
	close(tmp);
	close(procfd);
}

static void test_status(void **state)
{
	(void)state;
	int seven = 7, kill_signal = SIGKILL, term = SIGTERM;

	assert_int_equal(run(0, return_number, &seven), 7);
	assert_int_equal(run(0, die, &kill_signal), 128 + SIGKILL);
	assert_int_equal(run(0, die, &term), 128 + SIGTERM);
}

/* The kernel may leave the number of a pidfd that it has closed again. Without a child there is
 * neither number afterwards. */
static void fails_without_numbers(int flags, int err)
{
	struct spawn sp = { .flags = flags, .fn = return_number, .pid = 1 };

	assert_int_equal(spawn(&sp), -1);
	assert_int_equal(errno, err);
	assert_int_equal(sp.pid, -1);
	assert_int_equal(sp.pidfd, -1);
	sp.pid = sp.pidfd = 0;
	assert_int_equal(spawn_clone3(&sp, -1), -1);
	assert_int_equal(sp.pid, -1);
	assert_int_equal(sp.pidfd, -1);
	assert_true(fcntl(0, F_GETFD) >= 0);
	sys_failure_clear();
}

static void test_failure_leaves_no_numbers(void **state)
{
	(void)state;
	struct rlimit files, none;

	fails_without_numbers(CLONE_NEWNS | CLONE_FS, EINVAL);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	none = (struct rlimit){ 0, files.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	fails_without_numbers(0, EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
}

/* All zero but for fn is valid, and its pidfd does not mean descriptor 0. */
static void test_a_zeroed_struct_has_no_child(void **state)
{
	(void)state;
	struct spawn sp = { .fn = return_number };
	int status = 77, ends[2], saved = dup(0);

	assert_int_equal(spawn_wait(&sp, &status), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(status, 77);
	/* Also where descriptor 0 is the pidfd of another child. */
	struct spawn other = { .fn = return_number, .arg = &(int){ 3 } };
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(spawn(&other), 0);
	assert_int_equal(dup2(other.pidfd, 0), 0);
	assert_int_equal(spawn_wait(&sp, &status), -1);
	assert_int_equal(errno, ECHILD);
	assert_true(fcntl(0, F_GETFD) >= 0);
	assert_int_equal(spawn_wait(&other, &status), 0);
	assert_int_equal(status, 3);
	if (saved >= 0)
		dup2(saved, 0), close(saved);
	else
		close(0);
	close(ends[0]);
	close(ends[1]);
}

/* In the lowest byte of clone's flags the kernel reads a signal. */
static void test_a_flag_that_is_a_signal(void **state)
{
	(void)state;
	struct spawn sp = { .flags = CLONE_NEWTIME, .fn = pid_is_one };

	assert_int_equal(spawn(&sp), -1);
	assert_int_equal(errno, EINVAL);
	assert_true(sp.pid == -1 && sp.pidfd == -1);
	assert_non_null(strstr(sys_failure()->cause, "signal"));
	assert_int_equal(waitpid(-1, NULL, __WALL | WNOHANG), -1); /* nothing was made */
	assert_int_equal(errno, ECHILD);
	sys_failure_clear();
}

static void test_wait_twice(void **state)
{
	(void)state;
	struct spawn sp = { .fn = return_number, .arg = &(int){ 0 } };
	int status;

	assert_int_equal(spawn(&sp), 0);
	int copy = dup(sp.pidfd);
	assert_int_equal(spawn_wait(&sp, &status), 0);
	assert_int_equal(spawn_wait(&sp, &status), -1); /* no descriptor is left to wait by */
	assert_int_equal(errno, ECHILD);
	assert_int_equal(sys_failure()->err, 0);
	sp.pidfd = copy;
	assert_int_equal(spawn_wait(&sp, &status), -1);
	assert_int_equal(errno, ECHILD);
	close(copy);
}

static void test_memory_is_copied(void **state)
{
	(void)state;
	static int number = 3;
	struct spawn sp = { .fn = return_number, .arg = &number };
	int status;

	assert_int_equal(spawn(&sp), 0);
	number = 9; /* after the clone: the child has its own */
	assert_int_equal(spawn_wait(&sp, &status), 0);
	assert_true(status == 3);
	number = 3;
}

static void test_new_pid_namespace(void **state)
{
	(void)state;
	if (!host_can(CAN_PID_NS, NULL))
		skip();
	assert_int_equal(run(CLONE_NEWPID | rootless_flags(), pid_is_one, NULL), 11);
	assert_int_equal(run(0, pid_is_one, NULL), 12);
}

static void test_refusal(void **state)
{
	(void)state;
	/* CLONE_THREAD without CLONE_VM is refused by every kernel. */
	struct spawn sp = { .flags = CLONE_THREAD, .fn = pid_is_one };

	sys_failure_clear();
	assert_int_equal(spawn(&sp), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(sys_failure()->err, EINVAL);
	sys_failure_clear();
}

static void test_clone3_same(void **state)
{
	(void)state;
	int five = 5, status = -1;
	struct spawn sp = { .fn = return_number, .arg = &five };

	assert_int_equal(spawn_clone3(&sp, -1), 0);
	assert_int_equal(spawn_wait(&sp, &status), 0);
	assert_int_equal(status, 5);
}

static struct ns_id parents_time;

static int in_another_time(void *arg)
{
	struct ns_id own;

	(void)arg;
	return proc_ns_id(proc_open(), 0, "time", &own) == 0 && !ns_id_equal(own, parents_time)
		       ? 11
		       : 12;
}

static void test_clone3_time_namespace(void **state)
{
	(void)state;
	int status = -1, procfd = proc_open();
	struct spawn sp = { .flags = CLONE_NEWTIME | rootless_flags(), .fn = in_another_time };

	if (!host_can(CAN_TIME_NS, NULL))
		skip();
	assert_int_equal(proc_ns_id(procfd, 0, "time", &parents_time), 0);
	assert_int_equal(spawn_clone3(&sp, -1), 0);
	assert_int_equal(spawn_wait(&sp, &status), 0);
	assert_int_equal(status, 11);
	close(procfd);
}

/* The descriptor reaches the kernel: it refuses a directory that is no cgroup's. */
static void test_clone3_cgroup(void **state)
{
	(void)state;
	struct spawn sp = { .fn = return_number };
	int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(spawn_clone3(&sp, tmp), -1);
	assert_int_equal(errno, EBADF);
	assert_true(sp.pid == -1 && sp.pidfd == -1);
	sys_failure_clear();
	close(tmp);
}

static void test_nspid_parse(void **state)
{
	(void)state;
	pid_t pids[4];

	assert_int_equal(nspid_parse("Name:\tx\nNSpid:\t4240\t9\t1\nNSpgid:\t7\n", pids, 4), 3);
	assert_int_equal(pids[0], 4240);
	assert_int_equal(pids[1], 9);
	assert_int_equal(pids[2], 1);
	assert_int_equal(nspid_parse("Name:\tx\nNSpid:\t5\n7\n", pids, 4),
			 1); /* the next line is no number of ours */
	assert_int_equal(nspid_parse("NSpid:\t4240\t1\nNSpgid:\t7\n", pids, 4),
			 2); /* the text may begin with the line */
	assert_int_equal(pids[0], 4240);
	assert_int_equal(pids[1], 1);
	assert_int_equal(nspid_parse("Name:\tNSpid:\t3\nPid:\t1\n", pids, 4),
			 -1); /* a process may be called so */
	assert_int_equal(errno, EINVAL);
	assert_int_equal(nspid_parse("", pids, 4), -1);
	assert_int_equal(nspid_parse("Name:\tx\nNSpid:\n", pids, 4), -1);
	assert_int_equal(nspid_parse("Name:\tx\nNSpid:\t1\t2\t3\n", pids, 2), -1);
	assert_int_equal(errno, E2BIG);
}

static void test_nspid_read(void **state)
{
	(void)state;
	pid_t pids[33];
	int procfd = proc_open();

	int count = nspid_read(procfd, getpid(), pids, 33);
	assert_true(count >= 1);
	assert_int_equal(pids[count - 1], getpid());
	/* A number above the kernel's largest never exists. */
	assert_int_equal(nspid_read(procfd, 0x7fffffff, pids, 33), -1);
	assert_int_equal(errno, ENOENT);
	close(procfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_proc_shows),
		cmocka_unit_test(test_failure_leaves_no_numbers),
		cmocka_unit_test(test_a_zeroed_struct_has_no_child),
		cmocka_unit_test(test_a_flag_that_is_a_signal),
		cmocka_unit_test(test_wait_twice),
		cmocka_unit_test(test_memory_is_copied),
		cmocka_unit_test(test_new_pid_namespace),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_clone3_same),
		cmocka_unit_test(test_clone3_time_namespace),
		cmocka_unit_test(test_clone3_cgroup),
		cmocka_unit_test(test_nspid_parse),
		cmocka_unit_test(test_nspid_read),
	};
	return cmocka_run_group_tests_name("clone_pid", tests, NULL, NULL);
}
