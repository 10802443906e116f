/*
 * init_reaper.c: wait for every orphan, hand signals on, end the rest.
 */
#define _GNU_SOURCE
#include "init_reaper.h"
#include "step08_init_reaper/given/subreaper.h"
#include "step01_clone_pid/floor/meet/inherit.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* All signals but those of a fault in this process itself. Such a one ends the process even if it
 * is blocked. */
static void watch_all_but_faults(sigset_t *set)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT };

	sigfillset(set);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(set, faults[i]);
}

int init_start(struct init *init)
{
	sigset_t before;

	init->ended = false;
	init->reaped = 0;
	/* A program may be started with SIGCHLD ignored. Then the kernel waits for the children
	 * itself and drops their status. */
	signal(SIGCHLD, SIG_DFL);
	/* Blocked, not handled: a signal stays pending until init_serve() takes it, so none is lost
	 * and none comes at a bad time. For a PID 1 the kernel drops a signal that has the default
	 * action, but not one that is blocked. */
	watch_all_but_faults(&init->watched);
	if (SYS(sigprocmask(SIG_BLOCK, &init->watched, &before), "all signals") < 0)
		return -1;

	pid_t pid = SYS(fork(), "the main command");
	if (pid < 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		return -1;
	}
	if (pid > 0) {
		init->main = pid; /* in the caller only: the child may share the struct's memory */
		return 0;
	}

	setpgid(0, 0);
	/* execve(2) keeps the mask. With all signals blocked SIGTERM could not end the command. */
	sigprocmask(SIG_SETMASK, &before, NULL);
	_exit(init->fn(init->arg));
}

int init_reap(struct init *init)
{
	int status;
	pid_t pid;

	/* Until no ended child is left: SIGCHLD is one bit, and while it is set another end sends
	 * no second one. */
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		init->reaped++;
		/* Later an orphan may have the same number. */
		if (pid == init->main && !init->ended) {
			init->ended = true;
			init->status = status;
		}
	}
	if (pid < 0 && errno == ECHILD)
		return 0;
	return pid < 0 ? -1 : 1;
}

int init_forward(struct init *init, int signal_number)
{
	/* Once it was waited for, its number may be another process's. And kill(2) takes 0 and
	 * negative numbers for groups of processes. */
	if (init->ended || init->main <= 0)
		return 0;
	int result = SYS_MAY(kill(init->main, signal_number), init->main, EPERM);
	if (signal_number == SIGTERM)
		kill(init->main, SIGCONT); /* a stopped process acts on SIGTERM only then */
	return result;
}

int init_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int init_end_rest(struct init *init)
{
	enum { KILL_AGAIN_MS = 100 };
	long deadline = now_ms() + init->grace_ms;
	sigset_t child;
	int result;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	/* SIGTERM lets a process write its files and end by itself. A stopped one needs SIGCONT. */
	SYS_MAY(signal_descendants(SIGTERM), "all other processes", ESRCH);
	SYS_MAY(signal_descendants(SIGCONT), "all other processes", ESRCH);
	while ((result = init_reap(init)) > 0) {
		long ms = deadline - now_ms();
		struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
		if (ms > 0 && (sigtimedwait(&child, NULL, &left) >= 0 || errno == EINTR))
			continue;
		/* The time is over. SIGKILL again after a while, for processes forked meanwhile. */
		SYS_MAY(signal_descendants(SIGKILL), "all other processes", ESRCH);
		deadline = now_ms() + KILL_AGAIN_MS;
	}
	return result;
}

int init_serve(struct init *init)
{
	int trace = sys_trace_fd();

	/* This process never calls execve(2), so close-on-exec closes nothing. An open directory
	 * would lead out of the root, by /proc/1/fd/N/.. . An open pipe would have no end. */
	if (inherit_close(&trace, 1) < 0)
		return -1;
	for (;;) {
		/* Before the first wait, too: this process may have had children before it became
		 * an init, and one of them may have ended already. */
		int left = init_reap(init);
		if (init->ended)
			return init_end_rest(init);
		if (left <= 0)
			return -1; /* ECHILD: other code has waited for the main command */
		int signal_number = sigwaitinfo(&init->watched, NULL);
		if (signal_number < 0 && errno != EINTR)
			return -1;
		if (signal_number > 0 && signal_number != SIGCHLD)
			init_forward(init, signal_number);
	}
}
