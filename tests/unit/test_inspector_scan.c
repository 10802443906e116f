/*
 * test_inspector_scan.c: ticks over the real /proc: what a process that sleeps is spared must not
 * hide what happens to it.
 */
#define _GNU_SOURCE
#include "final/inspector/read/scan.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct scan scan;
static int procfd;
static double clock_now;

static const struct process *look(pid_t pid)
{
	assert_int_equal(scan_tick(&scan, procfd, clock_now++), 0);
	return scan_find(&scan, pid);
}

/* Ticks until fn says so; a fault shows as a test that does not come to an end, so: bounded. */
static const struct process *look_until(pid_t pid, bool (*fn)(const struct process *p))
{
	for (int i = 0; i < 2000; i++) {
		const struct process *p = look(pid);
		if (p && fn(p))
			return p;
		usleep(5000);
	}
	return NULL;
}

static bool sleeps(const struct process *p)
{
	return p->state == 'S' && p->born == MODEL_FRESH;
}

static bool is_dead(const struct process *p)
{
	return p->state == 'Z';
}

static bool runs(const struct process *p)
{
	return p->cpu_ticks > 5;
}

static int begin(void **state)
{
	(void)state;
	memset(&scan, 0, sizeof(scan));
	procfd = proc_open();
	scan_keep_files(&scan, procfd);
	return procfd < 0;
}

static int end(void **state)
{
	(void)state;
	scan_free(&scan);
	return close(procfd);
}

/* A child that does one thing for each byte and then reads on. */
static pid_t child(int *to, void (*act)(void))
{
	int ends[2];
	char c;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[1]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (read(ends[0], &c, 1) == 1)
			act();
		_exit(7);
	}
	close(ends[0]);
	*to = ends[1];
	return pid;
}

static void nothing(void)
{
}

static void burn(void)
{
	for (volatile unsigned long i = 0; i < 4000000000UL; i++)
		;
}

/* Old, no exec, long asleep: who has run since has its namespaces read anew, not in a round of
 * minutes. (Who makes one without rights has to make a user namespace first.) */
static void go_apart(void)
{
	if (unshare(CLONE_NEWUTS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWUTS) < 0)
		_exit(77);
	raise(SIGSTOP); /* so that others know that it is done */
}

static void namespaces_of_the_old(void **state)
{
	enum { ROUND = 33 };
	int to, status, looks = 0;
	pid_t pid = child(&to, go_apart);
	const struct process *p = look_until(pid, sleeps);

	(void)state;
	assert_non_null(p);
	uint32_t before = p->ns[NS_UTS];
	assert_int_not_equal(before, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(look(pid)->ns[NS_UTS], before);
	assert_int_equal(write(to, "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	if (WIFSTOPPED(status))
		while (look(pid)->ns[NS_UTS] == before && looks < ROUND)
			looks++;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(to);
	if (!WIFSTOPPED(status)) {
		print_message("no namespace can be made here\n");
		skip();
	}
	assert_true(looks < ROUND);
}

static void sleeper_dies(void **state)
{
	int to, status;
	pid_t pid = child(&to, nothing);

	(void)state;
	assert_non_null(look_until(pid, sleeps));
	close(to); /* it reads the end of the file and exits */
	const struct process *p = look_until(pid, is_dead);
	assert_non_null(p);
	waitpid(pid, &status, 0);
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_null(look(pid));
	bool told = false;
	for (int i = 0; i < scan.gone_count; i++)
		told |= scan.gone[i].pid == pid;
	assert_true(told);
}

static void sleeper_wakes(void **state)
{
	int to, status;
	pid_t pid = child(&to, burn);

	(void)state;
	assert_non_null(look_until(pid, sleeps));
	assert_int_equal(write(to, "x", 1), 1);
	assert_non_null(look_until(pid, runs));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(to);
}

/* A grandchild whose parent dies sleeps through it. Its parent is another one all the same, and it
 * need not wait for its turn among the many who sleep. */
static void sleeper_is_adopted(void **state)
{
	enum { HERD = 600 };
	static pid_t herd[HERD];
	int pids[2];
	pid_t grandchild;
	siginfo_t info;

	(void)state;
	assert_int_equal(pipe2(pids, O_CLOEXEC), 0);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		grandchild = fork();
		/* Not of its parent: that one's death is what the test is about. */
		if (grandchild == 0)
			for (alarm(60);;)
				pause();
		if (write(pids[1], &grandchild, sizeof(grandchild)) < 0)
			_exit(1);
		for (alarm(60);;)
			pause();
	}
	assert_int_equal(read(pids[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	/* Where so many may not be, fewer do. */
	for (int i = 0; i < HERD; i++)
		if ((herd[i] = fork()) == 0)
			for (prctl(PR_SET_PDEATHSIG, SIGKILL);;)
				pause();
	const struct process *p = look_until(grandchild, sleeps);
	assert_non_null(p);
	assert_int_equal(p->ppid, pid);
	for (int i = 0; i < 3; i++)
		assert_int_equal(look(grandchild)->ppid, pid);
	kill(pid, SIGKILL);
	/* A zombie first, and its child is ours already. */
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(look(grandchild)->ppid, getpid());
	assert_int_equal(scan_find(&scan, pid)->state, 'Z');
	waitpid(pid, NULL, 0);
	assert_int_equal(look(grandchild)->ppid, getpid());
	kill(grandchild, SIGKILL);
	waitpid(grandchild, NULL, 0);
	for (int i = 0; i < HERD; i++)
		if (herd[i] > 0) {
			kill(herd[i], SIGKILL);
			waitpid(herd[i], NULL, 0);
		}
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	close(pids[0]);
	close(pids[1]);
}

/* No descriptor is left behind by those who come and go. */
static void files_are_closed(void **state)
{
	(void)state;
	look(1);
	for (int i = 0; i < 200; i++) {
		pid_t pid = fork();
		if (pid == 0)
			for (alarm(60);;)
				pause();
		look(pid);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	look(1);
	int open_files = 0;
	for (int fd = 0; fd < 4096; fd++)
		open_files += fcntl(fd, F_GETFD) >= 0;
	int kept = 0;
	for (int i = 0; i < scan.count; i++)
		kept += scan.table[i].file != 0;
	assert_int_equal(kept, scan.kept);
	assert_true(open_files <= kept + 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(namespaces_of_the_old, begin, end),
		cmocka_unit_test_setup_teardown(sleeper_dies, begin, end),
		cmocka_unit_test_setup_teardown(sleeper_wakes, begin, end),
		cmocka_unit_test_setup_teardown(sleeper_is_adopted, begin, end),
		cmocka_unit_test_setup_teardown(files_are_closed, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
