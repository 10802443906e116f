/*
 * test_subreaper.c: whose the orphans are, and who is below whom.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "step08_init_reaper/given/subreaper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Makes a grandchild that sleeps; its parent ends. Returns its pid. */
static pid_t make_orphan(void)
{
	int tube[2];
	pid_t orphan = -1;

	if (pipe(tube) < 0)
		return -1;
	pid_t parent = fork();
	if (parent == 0) {
		orphan = fork();
		if (orphan == 0) {
			for (;;)
				pause();
		}
		_exit(write(tube[1], &orphan, sizeof(orphan)) != sizeof(orphan));
	}
	waitpid(parent, NULL, 0);
	if (read(tube[0], &orphan, sizeof(orphan)) != sizeof(orphan))
		orphan = -1;
	close(tube[0]);
	close(tube[1]);
	return orphan;
}

/* The tests run in a child: being a subreaper is for life. */
static void in_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(10);
		_exit(fn());
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static int orphan_is_ours(void)
{
	int status;

	if (subreaper_become() < 0)
		return 1;
	pid_t orphan = make_orphan();
	kill(orphan, SIGKILL);
	return waitpid(orphan, &status, 0) != orphan; /* only a parent may wait */
}

static void test_orphan_is_ours(void **state)
{
	(void)state;
	in_child(orphan_is_ours);
}

static int nobody_below(void)
{
	return signal_descendants(SIGTERM) == -1 && errno == ESRCH ? 0 : 1;
}

static void test_nobody_below(void **state)
{
	(void)state;
	in_child(nobody_below);
}

static int collect(pid_t pid, void *arg)
{
	pid_t *list = arg;

	while (*list)
		list++;
	*list = pid;
	return 0;
}

static int finds_all_below(void)
{
	pid_t list[16] = { 0 };
	int procfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), status, found = 0;

	subreaper_become();
	pid_t orphan = make_orphan(), child = fork();
	if (child == 0) {
		for (;;)
			pause();
	}
	descendants_each(procfd, getpid(), collect, list);
	close(procfd);
	for (int i = 0; list[i]; i++)
		found += list[i] == orphan ? 1 : list[i] == child ? 10 : 100;
	if (found != 11)
		return 1;
	if (signal_descendants(SIGTERM) < 0)
		return 2;
	for (int i = 0; i < 2; i++)
		if (wait(&status) < 0 || !WIFSIGNALED(status) || WTERMSIG(status) != SIGTERM)
			return 3;
	return waitpid(-1, NULL, 0) == -1 ? 0 : 4;
}

static void test_finds_all_below(void **state)
{
	(void)state;
	in_child(finds_all_below);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orphan_is_ours),
		cmocka_unit_test(test_nobody_below),
		cmocka_unit_test(test_finds_all_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
