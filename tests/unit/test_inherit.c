/*
 * inherit.h: descriptors and signals that a child starts with, as /proc shows them.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "step01_clone_pid/floor/meet/inherit.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* body in a child of its own, which changes descriptors and signals. Its exit status. */
static int in_child(int (*body)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(body());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Which of these are open after the rest was closed; as a number, a bit each. */
static int open_after(const int keep[], int count)
{
	static const int places[] = { 0, 1, 2, 3, 5, 6, 7, 200 };
	int bits = 0;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (dup2(STDERR_FILENO, places[i]) < 0)
			return -1;
	if (inherit_close(keep, count) < 0)
		return -1;
	for (int i = 0; i < (int)(sizeof(places) / sizeof(*places)); i++)
		bits |= is_open(places[i]) ? 1 << i : 0;
	return bits;
}

static int none_kept(void)
{
	return open_after(NULL, 0);
}

static int some_kept(void)
{
	/* unordered, twice, not given, one of the standard three, next to each other */
	return open_after((int[]){ 200, 5, -1, 5, 1, 6 }, 6);
}

static int first_kept(void)
{
	return open_after((int[]){ 3 }, 1);
}

static void test_closes_from_3_up(void **state)
{
	(void)state;
	assert_int_equal(in_child(none_kept), 0x07);
	assert_int_equal(in_child(some_kept), 0x07 | 0x10 | 0x20 | 0x80);
	assert_int_equal(in_child(first_kept), 0x07 | 0x08);
}

static void test_too_many(void **state)
{
	int keep[65] = { 0 };

	(void)state;
	errno = 0;
	assert_int_equal(inherit_close(keep, 65), -1);
	assert_int_equal(errno, EINVAL);
}

static int signals_of_a_supervisor(void)
{
	/* The handler comes first in the kernel's struct, but for a few machines: there the flags
	 * do. */
	static const unsigned long ignored[8] = { (unsigned long)SIG_IGN };
	sigset_t all;
	char mask[40];
	int bad = 0, procfd = proc_open();

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	/* Not by signal(3), which refuses the two that the C library keeps for itself. */
	for (int i = 1; i < NSIG; i++)
		syscall(SYS_rt_sigaction, i, ignored, NULL, (NSIG - 1) / 8);
	if (!proc_status_value(procfd, 0, "SigIgn", mask, sizeof(mask)) ||
	    strtoull(mask, NULL, 16) != ~(1ULL << (SIGKILL - 1) | 1ULL << (SIGSTOP - 1)))
		return 2;
	inherit_signals();
	bad |= !proc_status_value(procfd, 0, "SigBlk", mask, sizeof(mask)) ||
	       strspn(mask, "0") != strlen(mask);
	bad |= !proc_status_value(procfd, 0, "SigIgn", mask, sizeof(mask)) ||
	       strspn(mask, "0") != strlen(mask);
	return bad;
}

static void test_signals(void **state)
{
	(void)state;
	assert_int_equal(in_child(signals_of_a_supervisor), 0);
}

static int directory_as_input(void)
{
	int dir = open("/", O_RDONLY | O_DIRECTORY), null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd <= 2; fd++) {
		dup2(dir, fd);
		sys_failure_clear();
		if (inherit_check_standard() == 0 || errno != EISDIR || !sys_failure()->remedy[0])
			return 1;
		dup2(null, fd);
		if (inherit_check_standard() < 0)
			return 2;
	}
	return 0;
}

static void test_no_directory(void **state)
{
	(void)state;
	assert_int_equal(in_child(directory_as_input), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closes_from_3_up),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_no_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
