/*
 * test_pause_process.c: the process that does nothing, and does it properly.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "step01_clone_pid/floor/host/abilities.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step08_init_reaper/given/pause_process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int kinds_for_us(int kinds)
{
	return kinds | rootless_flags();
}

static bool differs(pid_t pid, const char *kind)
{
	char own[64], other[64];
	struct stat a, b;

	snprintf(own, sizeof(own), "/proc/self/ns/%s", kind);
	snprintf(other, sizeof(other), "/proc/%d/ns/%s", pid, kind);
	assert_int_equal(stat(own, &a), 0);
	assert_int_equal(stat(other, &b), 0);
	return a.st_ino != b.st_ino;
}

/* Reads a small file of a process into buf. */
static void read_of(pid_t pid, const char *name, char *buf, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	ssize_t n = read(fd, buf, size - 1);
	assert_true(n >= 0);
	buf[n] = '\0';
	close(fd);
}

static void test_holds_the_namespaces(void **state)
{
	struct spawn pause;
	int status;
	char text[4096];

	(void)state;
	if (!host_can(CAN_NET_NS, NULL))
		skip();
	assert_int_equal(
		pause_start(&pause, kinds_for_us(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)), 0);
	assert_true(differs(pause.pid, "net"));
	assert_true(differs(pause.pid, "ipc"));
	assert_true(differs(pause.pid, "uts"));
	assert_false(differs(pause.pid, "pid"));
	/* lo is up: its address gives the namespace a local route. */
	read_of(pause.pid, "net/fib_trie", text, sizeof(text));
	assert_non_null(strstr(text, "127.0.0.1"));
	kill(pause.pid, SIGTERM);
	assert_int_equal(spawn_wait(&pause, &status), 0);
	assert_int_equal(status, 0);
}

static void test_pid_one_ends_on_term(void **state)
{
	struct spawn pause;
	int status;

	(void)state;
	if (!host_can(CAN_PID_NS, NULL))
		skip();
	assert_int_equal(pause_start(&pause, kinds_for_us(CLONE_NEWPID)), 0);
	assert_true(differs(pause.pid, "pid"));
	kill(pause.pid, SIGTERM); /* a PID 1 that had not asked for it would not notice */
	assert_int_equal(spawn_wait(&pause, &status), 0);
	assert_int_equal(status, 0);
}

static void test_reaps(void **state)
{
	int status, tube[2];
	pid_t child = 0;

	(void)state;
	assert_int_equal(pipe(tube), 0);
	pid_t pid = fork();
	if (pid == 0) {
		/* A child from before, as a pod's pause has orphans, dead or alive by then. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sigset_t set;
		sigemptyset(&set);
		sigaddset(&set, SIGCHLD);
		sigprocmask(SIG_BLOCK, &set, NULL);
		child = fork();
		if (child == 0)
			_exit(0);
		waitid(P_PID, (id_t)child, NULL,
		       WEXITED | WNOWAIT); /* dead, and its signal pending */
		if (write(tube[1], &child, sizeof(child)) != sizeof(child))
			_exit(9);
		_exit(pause_run(NULL));
	}
	assert_int_equal(read(tube[0], &child, sizeof(child)), sizeof(child));
	for (int i = 0; i < 2000 && kill(child, 0) == 0; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	assert_int_equal(kill(child, 0), -1); /* not even a zombie */
	kill(pid, SIGINT);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	close(tube[0]);
	close(tube[1]);
}

static void test_says_why_not(void **state)
{
	struct spawn pause;

	(void)state;
	sys_failure_clear();
	/* clone(2): a new mount namespace and a shared root contradict each other. */
	assert_int_equal(pause_start(&pause, CLONE_NEWNS | CLONE_FS), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(sys_failure()->err, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds_the_namespaces),
		cmocka_unit_test(test_pid_one_ends_on_term),
		cmocka_unit_test(test_reaps),
		cmocka_unit_test(test_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
