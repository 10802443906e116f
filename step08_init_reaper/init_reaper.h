/*
 * init_reaper.h: step 8's piece. The first process, as it should be.
 *
 * PID 1 of a container has three duties that an ordinary program does not know
 * of: it is the parent of every orphan and must wait for each, it gets no signal
 * that it has not asked for, and when it ends, everything ends. These functions
 * do the duties for one main command, which then needs to know nothing of them.
 *
 *	PID 1: init_start() --fork--> main command: fn(arg), which execs
 *	       init_serve()            |
 *	         SIGCHLD  init_reap() <- it, and every orphan
 *	         others   init_forward() -> it
 *	       main command has ended: init_end_rest(): TERM, grace, KILL
 *	       exits with init_status() of the main command
 *
 * It works as well in a process that is not 1 but a subreaper (subreaper.h).
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct init {
	/* The main command: runs in the child and execs; what it returns is its exit status. */
	int (*fn)(void *arg);
	void *arg;
	int terminal; /* whose foreground the command is to get, a descriptor; -1: none */
	int grace_ms; /* how long the rest may take to end after SIGTERM, before SIGKILL */

	pid_t main;	      /* out: the main command, as this process numbers it */
	bool ended;	      /* out: it is dead and reaped */
	int status;	      /* out, once ended: its status as wait(2) gives it */
	unsigned long reaped; /* out: children waited for so far, the main command among them */
	sigset_t watched;     /* own use: what init_serve() waits for */
};

/* Blocks the signals that init_serve() will wait for, then forks the main command. In the child,
 * before fn: the mask that the caller had is back (a mask survives execve), it leads a process
 * group of its own, and with a terminal that group is put in its foreground, so that Ctrl-C
 * reaches the command and not PID 1. A terminal that is none is no failure; it is not closed.
 * Faults (SEGV, BUS, FPE, ILL, TRAP, SYS, ABRT) are not blocked: they are this process's own.
 * Returns 0 with main filled in, in the caller only; or -1 with errno of fork(2): EAGAIN, ENOMEM.
 * Source: fork(2), sigprocmask(2), tcsetpgrp(3). */
int init_start(struct init *init);

/* Waits for every child that is dead now, and for none that lives. SIGCHLD does not queue: one
 * signal may stand for a hundred deaths, so this is a loop until nobody dead is left. Notes the
 * main command's end in ended and status, and counts in reaped.
 * Returns 1 while children are left, all alive; 0: there are none; -1 with errno of waitpid(2).
 * Source: waitpid(2), WNOHANG; signal(7). */
int init_reap(struct init *init);

/* Hands a signal on to the main command, as if there were no init between. SIGTERM is followed by
 * SIGCONT, since a stopped process acts on no TERM. One that has ended is passed over.
 * Returns 0, or -1 with errno of kill(2). Source: kill(2). */
int init_forward(struct init *init, int signal_number);

/* A wait(2) status as a shell and docker give it: the exit status, or 128 + the signal's number. */
int init_status(int wait_status);

/* Ends all that is left below this process, in order: SIGTERM to everybody (and SIGCONT), up to
 * grace_ms for them to go, SIGKILL; and reaps each. To be called after init_start().
 * Returns 0 when no child is left, or -1 with errno. Source: kill(2), -1; sigtimedwait(2). */
int init_end_rest(struct init *init);

/* The life of an init after init_start(): waits for signals, reaps, forwards; when the main command
 * has ended, ends the rest. The signal mask stays as init_start() has left it.
 * First it closes every descriptor from 3 up (but that of --explain's trace, a copy of standard
 * error): an init never calls execve(2), so close-on-exec does nothing for it, and a command in the
 * container could go out by /proc/1/fd/N. What the command is to have, fn(arg) has since the fork.
 * Returns 0 with status filled in, or -1 with errno. Source: sigwaitinfo(2). */
int init_serve(struct init *init);
