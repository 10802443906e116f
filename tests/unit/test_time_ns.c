/*
 * test_time_ns.c: offsets of clocks, in disposable time namespaces.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/host/abilities.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step04_net_user/given/time_ns.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define EXPECT(condition)                                                                          \
	do                                                                                         \
		if (!(condition))                                                                  \
			return __LINE__;                                                           \
	while (0)

static void as_root(int (*fn)(void))
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int flags = rootless_flags(), status;

	if (!host_can(CAN_TIME_NS, NULL))
		skip();
	pid_t pid = fork();
	if (pid == 0) {
		sys_failure_clear();
		if (flags && (unshare(flags) < 0 || self_map_write(uid, gid) < 0))
			_exit(255);
		int line = fn();
		if (line)
			dprintf(2, "failed at line %d: %s\n", line, strerror(errno));
		_exit(line ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static long seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec;
}

static int shift(void)
{
	const struct time_offsets offsets = { { 1000, 0 }, { 5000, 500000000 } };
	struct time_offsets read;
	long monotonic = seconds(CLOCK_MONOTONIC), boottime = seconds(CLOCK_BOOTTIME),
	     real = seconds(CLOCK_REALTIME);
	int status, procfd = proc_open();

	EXPECT(time_ns_unshare(&offsets) == 0);
	EXPECT(labs(seconds(CLOCK_MONOTONIC) - monotonic) < 5); /* not for the caller */
	EXPECT(time_ns_read(procfd, 0, &read) == 0);
	EXPECT(read.monotonic.tv_sec == 1000 && read.boottime.tv_sec == 5000 &&
	       read.boottime.tv_nsec == 500000000);
	pid_t pid = fork();
	if (pid == 0) {
		long m = seconds(CLOCK_MONOTONIC) - monotonic,
		     b = seconds(CLOCK_BOOTTIME) - boottime;
		long r = seconds(CLOCK_REALTIME) - real;
		_exit(m >= 1000 && m < 1010 && b >= 5000 && b < 5010 && r >= 0 && r < 10 ? 0 : 1);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
	/* Somebody has been in there: the offsets are fixed. */
	EXPECT(time_ns_write(procfd, 0, &offsets) < 0 && errno == EACCES);
	return 0;
}

static void clocks_are_shifted(void **state)
{
	(void)state;
	as_root(shift);
}

static int refuse(void)
{
	const struct time_offsets nanoseconds = { { 0, 1000000000 }, { 0, 0 } };
	const struct time_offsets before_zero = { { -99999999999, 0 }, { 0, 0 } };
	struct time_offsets read;
	int procfd = proc_open();

	EXPECT(time_ns_unshare(&before_zero) < 0 &&
	       errno == ERANGE); /* no clock may read less than 0 */
	EXPECT(time_ns_write(procfd, 0, &nanoseconds) < 0 && errno == EINVAL);
	EXPECT(time_ns_write(procfd, 4194302, &nanoseconds) < 0 && errno == ENOENT);
	EXPECT(time_ns_read(procfd, 4194302, &read) < 0 && errno == ENOENT);
	return 0;
}

static void offsets_out_of_range(void **state)
{
	(void)state;
	as_root(refuse);
}

static void without_rights(void **state)
{
	const struct time_offsets none = { 0 };

	(void)state;
	if (geteuid() == 0)
		skip();
	sys_failure_clear();
	assert_int_equal(time_ns_unshare(&none), -1);
	assert_int_equal(errno, EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_are_shifted),
		cmocka_unit_test(offsets_out_of_range),
		cmocka_unit_test(without_rights),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
