/*
 * init_reaper.c: parent of every orphan, deaf to nothing, last to leave.
 */
#define _GNU_SOURCE
#include "init_reaper.h"
#include "step08_init_reaper/given/subreaper.h"
#include "step01_clone_pid/floor/meet/inherit.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* All signals but those that tell of a fault in this very process: blocked, it would be killed all
 * the same, but without a core. */
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
	/* A SIGCHLD that is ignored, as some starters leave it over exec, would make the kernel
	 * reap for us and throw the status away. */
	signal(SIGCHLD, SIG_DFL);
	/* Blocked, not handled: a signal stays pending until init_serve() asks for it, and none is
	 * lost or comes at a bad time. And the kernel gives a PID 1 what it blocks, while it drops
	 * what would have the default action. */
	watch_all_but_faults(&init->watched);
	if (SYS(sigprocmask(SIG_BLOCK, &init->watched, &before), "all signals") < 0)
		return -1;

	pid_t pid = SYS(fork(), "the main command");
	if (pid < 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		return -1;
	}
	if (pid > 0) {
		init->main = pid; /* not in the child, too: it may share the struct's memory */
		return 0;
	}

	setpgid(0, 0);
	/* While SIGTTOU is still blocked: we are in the background, and asking for the foreground
	 * would stop us. */
	if (init->terminal >= 0)
		SYS_MAY(tcsetpgrp(init->terminal, getpid()), init->terminal, ENOTTY);
	/* execve keeps the mask: without this line the command could not be told to end. */
	sigprocmask(SIG_SETMASK, &before, NULL);
	_exit(init->fn(init->arg));
}

int init_reap(struct init *init)
{
	int status;
	pid_t pid;

	/* As long as there is somebody: the next SIGCHLD may never come, it is one bit and was set
	 * already. */
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		init->reaped++;
		if (pid == init->main) {
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
	/* Reaped, its number may be somebody else's by now; and kill() takes 0 and -1 for many. */
	if (init->ended || init->main <= 0)
		return 0;
	int result = SYS_MAY(kill(init->main, signal_number), init->main, EPERM);
	if (signal_number == SIGTERM)
		kill(init->main, SIGCONT); /* stopped, it would sleep through the TERM */
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
	/* First the chance to close files and say goodbye; who is stopped must be woken for it. */
	SYS_MAY(signal_descendants(SIGTERM), "everybody else", ESRCH);
	SYS_MAY(signal_descendants(SIGCONT), "everybody else", ESRCH);
	while ((result = init_reap(init)) > 0) {
		long ms = deadline - now_ms();
		struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
		if (ms > 0 && (sigtimedwait(&child, NULL, &left) >= 0 || errno == EINTR))
			continue;
		/* No patience left. Again after a while, for who was born in that moment. */
		SYS_MAY(signal_descendants(SIGKILL), "everybody else", ESRCH);
		deadline = now_ms() + KILL_AGAIN_MS;
	}
	return result;
}

int init_serve(struct init *init)
{
	int trace = sys_trace_fd();

	/* This process never calls execve(2), so close-on-exec closes nothing here, and
	 * /proc/1/fd/N/.. would lead out of the root. A pipe would not end either. */
	if (inherit_close(&trace, 1) < 0)
		return -1;
	for (;;) {
		/* Before the first wait, too: children from before an exec may be dead already, and
		 * setting SIGCHLD to its default has thrown their signal away. */
		int left = init_reap(init);
		if (init->ended)
			return init_end_rest(init);
		if (left <= 0)
			return -1; /* ECHILD: somebody else has waited for the main command */
		int signal_number = sigwaitinfo(&init->watched, NULL);
		if (signal_number < 0 && errno != EINTR)
			return -1;
		if (signal_number > 0 && signal_number != SIGCHLD)
			init_forward(init, signal_number);
	}
}
