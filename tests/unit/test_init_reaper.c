/*
 * test_init_reaper.c: each test runs its init in a child of its own, which is a subreaper: signals
 * and children stay there.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "step08_init_reaper/init_reaper.h"
#include "step08_init_reaper/given/init_life.h"
#include "step08_init_reaper/given/subreaper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What an init and its main command say to the test; shared by all of them. */
static struct notes {
	int result, status;
	unsigned long reaped;
	pid_t main;
	int flag;
	long ms;
} * notes;

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void nap(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

static int prepare(void **state)
{
	(void)state;
	notes = mmap(NULL, sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	return notes == MAP_FAILED;
}

/* Runs an init around fn in a child; returns its pid. */
static bool born_deaf; /* init is started with SIGCHLD ignored */

static pid_t begin_init(int (*fn)(void *arg), int grace_ms)
{
	memset(notes, 0, sizeof(*notes));
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	struct init init = { .fn = fn, .grace_ms = grace_ms };
	alarm(20);
	if (born_deaf)
		signal(SIGCHLD, SIG_IGN);
	subreaper_become();
	if (init_start(&init) < 0)
		_exit(99);
	notes->main = init.main;
	long start = now_ms();
	notes->result = init_serve(&init);
	notes->ms = now_ms() - start;
	notes->status = init_status(init.status);
	notes->reaped = init.reaped;
	_exit(waitpid(-1, NULL, 0) < 0 && errno == ECHILD ? 0 : 98); /* nobody may be left */
}

static void end_init(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(notes->result, 0);
}

static int exit_seven(void *arg)
{
	(void)arg;
	return 7;
}

static void test_status_of_an_exit(void **state)
{
	(void)state;
	end_init(begin_init(exit_seven, 1000));
	assert_int_equal(notes->status, 7);
	assert_int_equal(notes->reaped, 1);
}

static int kill_self(void *arg)
{
	(void)arg;
	return raise(SIGTERM);
}

static void test_status_of_a_signal(void **state)
{
	(void)state;
	end_init(begin_init(kill_self, 1000));
	assert_int_equal(notes->status, 128 + SIGTERM);
}

static void test_status_numbers(void **state)
{
	(void)state;
	assert_int_equal(init_status(0), 0);
	assert_int_equal(init_status(255 << 8), 255);
	assert_int_equal(init_status(SIGKILL), 137);
	assert_int_equal(init_status(SIGSEGV | 0x80), 139); /* with a core */
}

/* 300 orphans that end together: far more deaths than pending SIGCHLDs. */
static int many_orphans(void *arg)
{
	(void)arg;
	int gate[2];
	if (pipe(gate) < 0)
		return 90;
	for (int i = 0; i < 300; i++)
		if (fork() == 0) {
			char byte;
			close(gate[1]);
			_exit(read(gate[0], &byte, 1) != 0);
		}
	return 0; /* the gate closes: all of them end, and nobody here has waited */
}

static void test_reaps_every_orphan(void **state)
{
	(void)state;
	end_init(begin_init(many_orphans, 5000));
	assert_int_equal(notes->reaped, 301);
	assert_int_equal(notes->status, 0);
	assert_true(notes->ms < 4000); /* they left by themselves, within the grace */
}

/* While the main command lives: the children that it has abandoned go at once. */
static int orphans_then_live(void *arg)
{
	char byte;

	(void)arg;
	for (int i = 0; i < 50; i++) {
		pid_t child = fork();
		if (child == 0) {
			if (fork() == 0)
				_exit(0); /* the grandchild: an orphan, once its parent has ended */
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
	notes->flag = 1;
	while (notes->flag != 2)
		nap(5);
	(void)byte;
	return 0;
}

static int count_zombie(pid_t pid, void *arg)
{
	char path[64], text[512];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fgets(text, sizeof(text), file) && strstr(text, ") Z "))
		++*(int *)arg;
	fclose(file);
	return 0;
}

static void test_no_zombie_while_it_runs(void **state)
{
	(void)state;
	int procfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), zombies = 1;
	pid_t pid = begin_init(orphans_then_live, 1000);

	while (!notes->flag)
		nap(5);
	for (int i = 0; i < 200 && zombies > 0; i++) {
		zombies = 0;
		descendants_each(procfd, pid, count_zombie, &zombies);
		nap(5);
	}
	notes->flag = 2;
	end_init(pid);
	close(procfd);
	assert_int_equal(zombies, 0);
	assert_int_equal(notes->reaped, 51);
}

static volatile sig_atomic_t got;

static void on_signal(int signal_number)
{
	got = signal_number;
}

static int wait_for_signal(void *arg)
{
	(void)arg;
	signal(SIGUSR1, on_signal);
	signal(SIGTERM, on_signal);
	notes->flag = 1;
	while (!got)
		nap(5);
	return got;
}

static void test_forwards(void **state)
{
	static const int signals[] = { SIGUSR1, SIGTERM };
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		pid_t pid = begin_init(wait_for_signal, 1000);
		while (!notes->flag)
			nap(5);
		kill(pid, signals[i]);
		end_init(pid);
		assert_int_equal(notes->status, signals[i]);
	}
}

static int stop_self(void *arg)
{
	(void)arg;
	notes->flag = 1;
	raise(SIGSTOP);
	nap(10000);
	return 0;
}

static void test_term_reaches_a_stopped_command(void **state)
{
	(void)state;
	pid_t pid = begin_init(stop_self, 1000);
	while (!notes->flag)
		nap(5);
	nap(50);
	kill(pid, SIGTERM);
	end_init(pid);
	assert_int_equal(notes->status, 128 + SIGTERM);
	assert_true(notes->ms < 5000);
}

static int show_mask(void *arg)
{
	sigset_t mask;

	(void)arg;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int s = 1; s < 32; s++)
		if (sigismember(&mask, s) != (s == SIGUSR2))
			return s;
	return getpgrp() == getpid() ? 0 : 100;
}

static void test_mask_is_the_callers(void **state)
{
	sigset_t usr2;
	(void)state;

	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	sigprocmask(SIG_BLOCK, &usr2, NULL);
	end_init(begin_init(show_mask, 1000));
	sigprocmask(SIG_UNBLOCK, &usr2, NULL);
	assert_int_equal(notes->status, 0);
}

static void test_ignored_sigchld_loses_no_status(void **state)
{
	(void)state;
	/* Not in this process: an init that ends before we are back to the default would be reaped
	 * by the kernel, and its status lost to us. */
	born_deaf = true;
	pid_t pid = begin_init(exit_seven, 1000);
	born_deaf = false;
	end_init(pid);
	assert_int_equal(notes->status, 7);
}

/* The rest: one that leaves on TERM and says so, one that ignores TERM, one that is stopped. */
static int leave_three_behind(void *arg)
{
	(void)arg;
	if (fork() == 0) {
		signal(SIGTERM, on_signal);
		__atomic_add_fetch(&notes->flag, 1, __ATOMIC_SEQ_CST);
		while (!got)
			nap(5);
		__atomic_add_fetch(&notes->flag, 100,
				   __ATOMIC_SEQ_CST); /* the time to say goodbye */
		_exit(0);
	}
	if (fork() == 0) {
		signal(SIGTERM, SIG_IGN);
		__atomic_add_fetch(&notes->flag, 1, __ATOMIC_SEQ_CST);
		for (;;)
			pause();
	}
	if (fork() == 0) {
		__atomic_add_fetch(&notes->flag, 1, __ATOMIC_SEQ_CST);
		raise(SIGSTOP);
		for (;;)
			pause();
	}
	while (notes->flag < 3)
		nap(5);
	return 3;
}

static void test_ends_the_rest_in_order(void **state)
{
	(void)state;
	end_init(begin_init(leave_three_behind, 300));
	assert_int_equal(notes->status, 3);
	assert_int_equal(notes->flag, 103); /* TERM came first, and there was time */
	assert_int_equal(notes->reaped, 4);
	assert_in_range(notes->ms, 290, 3000); /* the stubborn one had its grace, and then KILL */
}

static int wait_until_gone(void *arg)
{
	(void)arg;
	for (int i = 0; i < 400 && kill(notes->main, 0) == 0; i++)
		nap(5);
	return kill(notes->main, 0) == 0;
}

/* A program that becomes an init by exec may have children already, and their SIGCHLD may be lost.
 */
static void test_reaps_who_was_dead_before(void **state)
{
	struct init init = { .fn = wait_until_gone, .grace_ms = 1000 };
	sigset_t child;

	(void)state;
	memset(notes, 0, sizeof(*notes));
	pid_t pid = fork();
	if (pid == 0) {
		alarm(20);
		sigemptyset(&child);
		sigaddset(&child, SIGCHLD);
		sigprocmask(SIG_BLOCK, &child, NULL);
		pid_t early = fork();
		if (early == 0)
			_exit(0);
		waitid(P_PID, (id_t)early, NULL, WEXITED | WNOWAIT);
		notes->main = early;
		_exit(init_start(&init) < 0 || init_serve(&init) < 0 || init.status != 0);
	}
	int status;
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

/* After the main command's end the kernel may give its number to an orphan. */
static void test_an_orphan_with_the_same_number(void **state)
{
	(void)state;
	struct init init = { .ended = true, .status = 3 << 8 };
	siginfo_t info;

	init.main = fork();
	if (init.main == 0)
		_exit(7);
	assert_int_equal(waitid(P_PID, (id_t)init.main, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(init_reap(&init), 0);
	assert_int_equal(init.reaped, 1);
	assert_int_equal(init.status, 3 << 8); /* the command's, not the orphan's */
}

static void test_reap_without_children(void **state)
{
	struct init init = { .main = -1 };

	(void)state;
	assert_int_equal(init_reap(&init), 0);
	pid_t pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_int_equal(init_reap(&init), 1); /* it lives */
	assert_false(init.ended);
	kill(pid, SIGKILL);
	while (init_reap(&init) >
	       0) /* and, dead, is told apart from nobody there in the same call */
		nap(5);
	assert_int_equal(init.reaped, 1);
}

static void test_forward_to_the_ended(void **state)
{
	/* A number that has been given to somebody else since must not get our signals. */
	struct init init = { .main = getpid(), .ended = true };

	(void)state;
	assert_int_equal(init_forward(&init, SIGKILL), 0);
}

/* ---- with a terminal ---- */

/* Runs fn in a process that leads a session whose terminal is its descriptor 0. Returns its exit
 * status; -1: there is no terminal to be had. */
static int on_terminal(int (*fn)(void))
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		alarm(20);
		setsid();
		int slave = open(ptsname(master), O_RDWR); /* its controlling terminal now */
		_exit(slave < 0 || dup2(slave, 0) < 0 ? 90 : fn());
	}
	waitpid(pid, &status, 0);
	close(master);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -2;
}

static int is_in_front(void *arg)
{
	(void)arg;
	return tcgetpgrp(0) == getpgrp();
}

/* What is not said is zero, and 0 is no terminal that was asked for. */
static int zeroed_init(void)
{
	struct init init = { .fn = is_in_front };

	if (init_start(&init) < 0 || init_serve(&init) < 0)
		return 91;
	return init_status(init.status);
}

static void test_zero_is_no_terminal(void **state)
{
	(void)state;
	int status = on_terminal(zeroed_init);
	if (status == -1)
		skip();
	assert_int_equal(status, 0);
}

static int look_around(void *arg)
{
	(void)arg;
	if (tcgetpgrp(0) != getpgrp())
		return 1;
	/* The session is the leader's, not the init's any more: no process of it but the leader
	 * could wake this group, and it is of another group. */
	if (getsid(getppid()) == getsid(0) || getsid(getppid()) != getppid())
		return 2;
	return 42;
}

static int init_in_front(void)
{
	struct init_life life = { .fn = look_around, .foreground = true, .leaves_session = true };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(0, getpgrp());
		signal(SIGTTOU, SIG_DFL);
		_exit(init_live(&life));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 92;
}

static void test_foreground_is_the_commands(void **state)
{
	(void)state;
	int status = on_terminal(init_in_front);
	if (status == -1)
		skip();
	assert_int_equal(status, 42);
}

/* ---- a whole life ---- */

static int hangup_is_ignored(void *arg)
{
	struct sigaction hup, term;

	(void)arg;
	sigaction(SIGHUP, NULL, &hup);
	sigaction(SIGTERM, NULL, &term);
	return hup.sa_handler == SIG_IGN && term.sa_handler != SIG_DFL ? 43 : 1;
}

static void test_nohup_stays(void **state)
{
	struct init_life life = { .fn = hangup_is_ignored };
	int status;

	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGHUP, SIG_IGN);
		_exit(init_live(&life));
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 43 << 8);
}

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* From here on this process can make no other. */
static int forbid_fork(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
	};
	struct sock_fprog program = { .len = 5, .filter = code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) |
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void test_without_a_process_nothing_is_left(void **state)
{
	struct init_life life = { .fn = exit_seven, .foreground = true, .leaves_session = true };
	int status;

	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		sigset_t before, after;
		sigprocmask(SIG_BLOCK, NULL, &before);
		int descriptors = count_descriptors();
		if (forbid_fork() < 0)
			_exit(77);
		if (init_live(&life) != -1 || errno != EAGAIN)
			_exit(1);
		sigprocmask(SIG_BLOCK, NULL, &after);
		for (int i = 1; i < 32; i++)
			if (sigismember(&before, i) != sigismember(&after, i))
				_exit(2);
		_exit(count_descriptors() != descriptors);
	}
	waitpid(pid, &status, 0);
	if (status == 77 << 8)
		skip();
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_of_an_exit),
		cmocka_unit_test(test_status_of_a_signal),
		cmocka_unit_test(test_status_numbers),
		cmocka_unit_test(test_reaps_every_orphan),
		cmocka_unit_test(test_no_zombie_while_it_runs),
		cmocka_unit_test(test_forwards),
		cmocka_unit_test(test_term_reaches_a_stopped_command),
		cmocka_unit_test(test_mask_is_the_callers),
		cmocka_unit_test(test_ignored_sigchld_loses_no_status),
		cmocka_unit_test(test_ends_the_rest_in_order),
		cmocka_unit_test(test_reaps_who_was_dead_before),
		cmocka_unit_test(test_an_orphan_with_the_same_number),
		cmocka_unit_test(test_reap_without_children),
		cmocka_unit_test(test_forward_to_the_ended),
		cmocka_unit_test(test_zero_is_no_terminal),
		cmocka_unit_test(test_foreground_is_the_commands),
		cmocka_unit_test(test_nohup_stays),
		cmocka_unit_test(test_without_a_process_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
