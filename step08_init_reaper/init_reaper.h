/*
 * init_reaper.h: step 8's piece. The first process of a container, as it should be.
 *
 * PID 1 of a PID namespace has three duties, and an ordinary program does none of them:
 *
 *	orphans    A process whose parent has ended becomes a child of PID 1. PID 1 must wait(2)
 *	           for it, or it stays a zombie after its end.
 *	signals    The kernel drops a signal to PID 1 that has the default action there. PID 1
 *	           must take it, and hand it on.
 *	the end    When PID 1 ends, the kernel kills all processes of the namespace. PID 1 should
 *	           let them end by themselves first.
 *
 * These functions do it all for one program, the main command, which runs as a child of PID 1:
 *
 *	PID 1: init_start() --fork--> main command: fn(arg), which calls execve(2)
 *	       init_serve()
 *	         SIGCHLD: init_reap()          waits for the main command and for every orphan
 *	         others:  init_forward()       sends the signal to the main command
 *	       init_end_rest()                 after the main command's end: SIGTERM, SIGKILL
 *	       exits with init_status()
 *
 * They work as well in a process that is not PID 1 but a subreaper (subreaper.h, given).
 *
 * Each system call is made by SYS() (floor/call/sys.h): the first that fails is recorded, with the
 * path, process or name that it was about.
 * init_reap() records nothing.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct init {
	/* Set by the caller: fn always, the others may stay zero. */
	int (*fn)(void *arg); /* runs in the main command's process and calls execve(2); if it
				 returns, its result is the exit status */
	void *arg;
	int grace_ms; /* how long init_end_rest() waits between SIGTERM and SIGKILL, milliseconds;
			 0: SIGKILL at once */

	/* Set by the functions. */
	pid_t main;	      /* the main command, as the caller numbers it */
	bool ended;	      /* it has ended, and was waited for */
	int status;	      /* then: its status, as wait(2) gives it */
	unsigned long reaped; /* children waited for so far, the main command included */
	sigset_t watched;     /* the signals that init_serve() waits for */
};

/* Starts the main command.
 *
 * In the caller: SIGCHLD gets its default action (if it is ignored, the kernel waits for children
 * itself and drops their status). Then all signals are blocked but those of faults (SIGSEGV,
 * SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT), so that each stays pending until init_serve()
 * takes it. Then fork(2). The mask stays so when the function returns.
 * In the child: a process group of its own, and the signal mask that the caller had before, since
 * execve(2) keeps a mask. Then fn(arg).
 *
 * Returns 0 with main filled in, in the caller only; or -1 with errno of fork(2): EAGAIN, ENOMEM.
 * The mask is as before then; the action of SIGCHLD is not.
 * Source: fork(2), sigprocmask(2), setpgid(2). */
int init_start(struct init *init);

/* Waits for all children that have ended, without blocking. The kernel keeps one pending SIGCHLD
 * at most, however many children end, so one call goes on until no ended child is left. Notes the
 * end of the main command in ended and status, and counts in reaped.
 * Returns 1: children are left, all of them alive; 0: there are no children; -1 with errno of
 * waitpid(2).
 * Source: waitpid(2), WNOHANG; signal(7), "Queueing and delivery semantics for standard signals".
 */
int init_reap(struct init *init);

/* Sends a signal to the main command. SIGTERM is followed by SIGCONT: a stopped process acts on
 * SIGTERM only when it goes on. After the main command has been waited for nothing is sent, since
 * another process may have its number then: 0 all the same.
 * Returns 0, or -1 with errno of kill(2).
 * Source: kill(2). */
int init_forward(struct init *init, int signal_number);

/* Returns the exit status that a shell and docker give for a status of wait(2): the exit status
 * itself, or 128 + the number of the signal that ended the process. */
int init_status(int wait_status);

/* Ends all processes that are left below the caller, to be called after init_start(): sends them
 * SIGTERM and SIGCONT, waits until all have ended, but at most grace_ms, then sends SIGKILL. Waits
 * for each (init_reap()).
 * Signals are sent by signal_descendants() (subreaper.h, given), never by kill(-1, ...): outside a
 * PID namespace of its own that would be every process of the host. SIGKILL is sent again every 100
 * milliseconds while children are left, since some may have been born meanwhile.
 * Returns 0 when no child is left, or -1 with errno.
 * Source: kill(2); sigtimedwait(2). */
int init_end_rest(struct init *init);

/* The rest of an init's life, after init_start(): takes signals, reaps, forwards. When the main
 * command has ended it ends the rest, and returns.
 *
 * It reaps before it waits for the first signal: a child may have ended already.
 *
 * First it closes all descriptors from 3 on but that of the trace (sys_trace_fd()). An init never
 * calls execve(2), so close-on-exec does nothing for it. Left open, a descriptor of a directory is
 * a way out of the container: /proc/1/fd/N/.. . And the reader of a pipe never sees its end. The
 * main command has its own copies since fork(2).
 *
 * Returns 0 with status filled in, or -1 with errno: ECHILD (other code has waited for the main
 * command), or of sigwaitinfo(2); but after EINTR, which comes when this process was stopped and
 * goes on, it waits again.
 * Source: sigwaitinfo(2), close_range(2); inherit_close() (given) closes. */
int init_serve(struct init *init);
