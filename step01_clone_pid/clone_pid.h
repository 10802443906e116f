/*
 * clone_pid.h: step 1's piece. Makes a process that is number 1.
 *
 * clone(2) with CLONE_NEWPID gives the child a PID namespace of its own. The child then
 * has two numbers: the one that its parent sees, and 1. Both stand in /proc/PID/status,
 * in the line NSpid.
 *
 * Each system call is made by SYS() (floor/call/sys.h): the first that fails is recorded, with the
 * path, process or name that it was about.
 * nspid_parse() and nspid_read() record nothing.
 */
#ifndef CLONE_PID_H /* tcc does not see that a header has two paths */
#define CLONE_PID_H

#include <sys/types.h>

/* The caller fills in flags, fn and arg; the rest may be zero. */
struct spawn {
	int flags;	      /* CLONE_NEWPID, CLONE_NEWNS, ...; 0: no new namespace */
	int (*fn)(void *arg); /* runs in the child; the child exits with what it returns */
	void *arg;	      /* is passed to fn */
	pid_t pid;	      /* out: the child's number, as the caller sees it */
	int pidfd; /* out: a descriptor of the child, close-on-exec, or -1: none. It means something
		      only while pid is more than 0 */
};

/* Makes a child with clone(2). The child runs sp->fn(sp->arg) and then exits.
 *
 * flags to clone: sp->flags, SIGCHLD (the signal that the parent gets at the child's end;
 * without it a plain wait(2) does not find the child), and CLONE_PIDFD (the kernel stores a
 * descriptor of the child). The child's memory is a copy, as after fork(2): what it writes, the
 * parent does not see.
 *
 * clone(2) wants a stack for the child. A stack grows down, so clone(2) wants the address of its
 * *end*, the highest one: 256 KiB are enough for what fn does here. The parent unmaps it after
 * clone(2), also where that failed: the child has a copy.
 *
 * On success it sets sp->pid and sp->pidfd. The caller owns the descriptor until spawn_wait()
 * closes it. On failure it sets both to -1.
 *
 * Returns 0, or -1 with errno: EPERM (no CAP_SYS_ADMIN), ENOSPC (a limit on the number of
 * namespaces, or PID namespaces nested more than 32 deep), EINVAL (the flags contradict each
 * other; or a bit of the lowest byte is set, as in CLONE_NEWTIME: clone(2) would take that byte
 * for the signal, so spawn() refuses it), ENOMEM, EAGAIN.
 * Source: clone(2), with an example at its end; pid_namespaces(7). */
int spawn(struct spawn *sp);

/* Waits until the child of spawn() ends, through sp->pidfd. Then it closes sp->pidfd and sets it
 * to -1; sp->pid keeps its value. *status becomes the exit status as a shell shows it: 0 to 255,
 * or 128 + the number of the signal that killed the child. A signal that interrupts the wait
 * (EINTR) does not end it.
 * Returns 0, or -1 with errno and both unchanged: ECHILD (there is no child: sp->pid is 0 or -1,
 * or it has been waited for already: sp->pidfd is -1).
 * Source: waitid(2), P_PIDFD. */
int spawn_wait(struct spawn *sp, int *status);

/* Finds the line NSpid in status, the text of a /proc/PID/status, and stores its numbers in
 * pids. They are the numbers of one process: first that in the PID namespace of the /proc that
 * was read, last that in the process's own. max: how many pids has room for. 33 are always
 * enough: a namespace is nested 32 deep at most. A process's name stands in the text too, and
 * may contain "NSpid:"; only a line that starts so counts.
 * Returns how many numbers there are, or -1 with errno: EINVAL (there is no such line: the
 * kernel is older than 4.1, or this is not the text of a status file), E2BIG (more than max).
 * Source: proc_pid_status(5). */
int nspid_parse(const char *status, pid_t pids[], int max);

/* The same for a process: reads pid/status below procfd, a descriptor of the directory /proc.
 * Returns what nspid_parse() returns, or -1 with errno: ENOENT (there is no such process), ESRCH
 * (it ended while it was read). */
int nspid_read(int procfd, pid_t pid, pid_t pids[], int max);
#endif
