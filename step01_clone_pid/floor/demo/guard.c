/*
 * guard.c: three processes, so that there is always one left to clean up.
 */
#define _GNU_SOURCE
#include "guard.h"
#include "guard_undo.h"
#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static volatile pid_t guard_pid; /* in main, for its signal handler */

static void clean_up(void)
{
	ledger_before(ledger, true);
	guard_kill_descendants();
	ledger_undo_all(ledger);
}

void guard_hand_on_term(void)
{
	if (ledger)
		ledger->term_is_handled = true;
}

void guard_scene_begins(void)
{
	if (ledger)
		ledger_keep(ledger);
}

void guard_scene_ended(void)
{
	if (ledger)
		ledger_before(ledger, false);
	guard_kill_descendants();
	if (ledger)
		ledger_undo(ledger);
}

/* ---- the three processes ---- */

/* Whoever started us may have ignored or blocked anything (SIGCHLD: then wait tells nothing). What
 * we start begins as from a login shell, but for nohup, which is meant, and for errors of write. */
static void reset_signals(void)
{
	sigset_t none;
	struct sigaction hangup;

	sigaction(SIGHUP, NULL, &hangup);
	for (int i = 1; i < NSIG; i++)
		if (i != SIGPIPE && i != SIGXFSZ && !(i == SIGHUP && hangup.sa_handler == SIG_IGN))
			signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static volatile sig_atomic_t told_to_end;
static volatile pid_t demo_pid; /* in the guard, for its signal handler */

/* timeout(1) sends to its child and then to its group, so to main twice in a moment: what comes
 * within a second of the one that was handed on is the same one. */
static bool is_handed_on(void)
{
	static struct timespec first;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!first.tv_sec && !first.tv_nsec) {
		first = now;
		kill(demo_pid, SIGTERM);
	}
	return now.tv_sec - first.tv_sec < 1 ||
	       (now.tv_sec - first.tv_sec == 1 && now.tv_nsec < first.tv_nsec);
}

static void on_term(int signal_number)
{
	int saved = errno;

	if (signal_number != SIGTERM || !ledger->term_is_handled || demo_pid <= 0 ||
	    !is_handed_on())
		told_to_end = signal_number;
	errno = saved;
}

static void to_the_demo(int signal_number)
{
	int saved = errno;

	if (demo_pid > 0)
		kill(demo_pid, signal_number);
	errno = saved;
}

/* Orphans that came to us are reaped at once: a zombie keeps its number. The demo's own status is
 * left for later; true if there is one. */
static bool reap_orphans(pid_t demo)
{
	siginfo_t info = { 0 };

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 &&
	       info.si_pid != 0) {
		if (info.si_pid == demo)
			return true;
		waitpid(info.si_pid, NULL, __WALL);
		info.si_pid = 0;
	}
	return false;
}

/* Waits for that child, whatever signals come meanwhile. */
static bool reap(pid_t child, int *status)
{
	pid_t pid;

	while ((pid = waitpid(child, status, 0)) < 0 && errno == EINTR)
		;
	return pid == child;
}

/* Without SYS: the trace is for what a demo does, and not for what it stands on. */
static int failed(const char *call, const char *subject)
{
	sys_failure_set(errno, call, subject, NULL, NULL);
	sys_failure_print(2, "minibox");
	return EXIT_OURS;
}

/* Waits until the demo ends, or main does, or we are told to. Returns the exit status. */
static int watch_over(pid_t demo, pid_t main_pid, int main_pidfd)
{
	int demo_pidfd = (int)syscall(SYS_pidfd_open, demo, 0), status = 0;
	struct pollfd fds[2] = { { .fd = main_pidfd, .events = POLLIN },
				 { .fd = demo_pidfd, .events = POLLIN } };
	bool ended = false;

	/* The descriptors make it quick. Without them (no more to be had, or a kernel before 5.3),
	 * and for a signal between test and call, a look every 200 ms. */
	while (!told_to_end && !ended && getppid() == main_pid && !(fds[0].revents & POLLIN)) {
		if (poll(fds, 2, 200) < 0)
			fds[0].revents = 0;
		ended = reap_orphans(demo);
	}
	if (main_pidfd >= 0)
		close(main_pidfd); /* cleaning up may need the last descriptors that we may have */
	if (demo_pidfd >= 0)
		close(demo_pidfd);
	/* Once it is reaped, here or with all the others, its number may be another process's: no
	 * handler sends to it any more. */
	demo_pid = 0;
	if (ended && !reap(demo, &status))
		return failed("waitpid", "the demo");
	if (ended)
		return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL + WTERMSIG(status);
	kill(demo, SIGKILL); /* a child that was not waited for yet: the number is its own */
	return EXIT_SIGNAL + (told_to_end ? told_to_end : SIGKILL);
}

/* clang-format off */
struct guarded {
	int (*body)(void *arg);
	void *arg;
	pid_t main_pid;
	int main_pidfd;
};
/* clang-format on */

static void guard_process(const struct guarded *what) __attribute__((noreturn));

static void guard_process(const struct guarded *what)
{
	pid_t self = getpid();
	static const int ignored[] = { SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGXFSZ };
	sigset_t none;

	prctl(PR_SET_NAME, "minibox-guard");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t demo = fork();
	if (demo == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			_exit(EXIT_SIGNAL + SIGKILL);
		if (what->main_pidfd >= 0)
			close(what->main_pidfd);
		reset_signals();
		exit(what->body(what->arg));
	}
	if (demo < 0)
		_exit(failed("fork", "the demo"));
	/* The demo stays in main's group, so that Ctrl-C and Ctrl-Z reach both; we leave it, out of
	 * reach of the keyboard. (The other way round fails where that group has no number, in the
	 * PID namespace of an `unshare -pf`.) */
	setpgid(0, 0);
	demo_pid = demo;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, NULL);
	sigaction(SIGHUP, &(struct sigaction){ .sa_handler = on_term }, NULL);
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = to_the_demo }, NULL);
	sigaction(SIGQUIT, &(struct sigaction){ .sa_handler = to_the_demo }, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	int status = watch_over(demo, what->main_pid, what->main_pidfd);
	clean_up();
	_exit(status);
}

static void forward(int signal_number)
{
	int saved = errno;

	if (guard_pid > 0)
		kill(guard_pid, signal_number);
	errno = saved;
}

/* A key reaches the demo too, which decides; `kill -INT` reaches only us, so it is handed on. (A
 * handler, unlike SIG_IGN, is not inherited by exec.) */
static void pass(int signal_number, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code != SI_KERNEL)
		forward(signal_number);
}

static struct termios found; /* the terminal, as the shell gave it to us */

/* Ctrl-Z while a demo looks at single keys, without echo: the shell takes the terminal when main
 * has stopped, and finds it as it was. (Not every shell sets it itself.) */
static void on_stop(int signal_number)
{
	int saved = errno;
	struct sigaction ours, stops = { .sa_handler = SIG_DFL };
	sigset_t set;

	tcsetattr(0, TCSANOW, &found);
	sigaction(signal_number, &stops, &ours);
	kill(getpid(), signal_number);
	sigemptyset(&set);
	sigaddset(&set, signal_number);
	sigprocmask(SIG_UNBLOCK, &set, NULL); /* here it stops, and here it goes on */
	sigaction(signal_number, &ours, NULL);
	errno = saved;
}

static void listen_to_stop(void)
{
	struct sigaction stop = { .sa_handler = on_stop, .sa_flags = SA_RESTART }, before;

	sigaction(SIGTSTP, NULL, &before);
	if (before.sa_handler != SIG_IGN) /* a shell without job control */
		sigaction(SIGTSTP, &stop, NULL);
}

static void listen_to_signals(void)
{
	struct sigaction key = { .sa_sigaction = pass, .sa_flags = SA_RESTART | SA_SIGINFO };
	struct sigaction end = { .sa_handler = forward, .sa_flags = SA_RESTART }, hangup;
	sigset_t none;

	sigaction(SIGINT, &key, NULL);
	sigaction(SIGQUIT, &key, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGHUP, NULL, &hangup);
	if (hangup.sa_handler != SIG_IGN) /* nohup */
		sigaction(SIGHUP, &end, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A demo that was killed may have left the terminal without echo, or a dead group in front. After
 * Ctrl-Z and `bg` somebody else is in front and alive: the shell, and it is none of our business.
 */
static void terminal_restore(bool was_front)
{
	pid_t front = tcgetpgrp(0), group = getpgrp();

	signal(SIGTTOU, SIG_IGN);
	if (front != group) {
		if (!was_front || (front > 1 && (kill(-front, 0) == 0 || errno == EPERM)))
			return;
		tcsetpgrp(0, group);
	}
	tcsetattr(0, TCSANOW, &found);
}

/* The handlers know its number only as long as it is the guard's: it is forgotten first, and reaped
 * after that. */
static void await_guard(int *status)
{
	pid_t pid = guard_pid;
	siginfo_t info;

	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	guard_pid = -1;
	reap(pid, status);
}

int guard_run(int (*body)(void *arg), void *arg)
{
	struct guarded what = { .body = body, .arg = arg, .main_pid = getpid() };
	bool tty = tcgetattr(0, &found) == 0, front = tty && tcgetpgrp(0) == getpgrp();
	sigset_t all;
	int status = 125 << 8;

	ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (ledger == MAP_FAILED) {
		ledger = NULL;
		return failed("mmap", "the guard's ledger");
	}
	setenv("MINIBOX_TOKEN", guard_token(), 1);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGCHLD,
	       SIG_DFL); /* ignored by a parent: then our children's statuses are thrown away */
	what.main_pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	/* No signal may find us between fork and handlers: main would die and leave the others. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	guard_pid = fork();
	if (guard_pid == 0)
		guard_process(&what);
	listen_to_signals();
	if (front)
		listen_to_stop();
	if (what.main_pidfd >= 0)
		close(what.main_pidfd);
	if (guard_pid < 0)
		return failed("fork", "the guard");
	await_guard(&status);
	if (!WIFEXITED(status))
		clean_up(); /* somebody killed the guard: its work falls to us */
	if (tty)
		terminal_restore(front);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL + WTERMSIG(status);
}
