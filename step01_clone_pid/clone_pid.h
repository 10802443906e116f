/*
 * clone_pid.h: step 1's piece. Makes a process that is number 1.
 *
 * clone(2) with CLONE_NEWPID gives the child a PID namespace of its own. It has two
 * numbers from then on, the one that its parent knows and 1, and both stand in
 * /proc/PID/status.
 */
#ifndef CLONE_PID_H /* tcc does not see that a header has two paths */
#define CLONE_PID_H

#include <sys/types.h>

struct spawn {
	int flags;  /* CLONE_NEW* to add to SIGCHLD; 0: none */
	int cgroup; /* directory of the v2 cgroup to be born in; -1: the parent's. See clone3.h */
	int (*fn)(void *arg); /* runs in the child; what it returns is the exit status */
	void *arg;
	pid_t pid; /* out: the child's number, as the caller sees it */
	int pidfd; /* out: a descriptor of the child, close-on-exec; the caller closes it */
};

/* Clones a child that runs sp->fn(sp->arg) on a stack of its own, as clone(2)'s example does: the
 * *top* of the stack is passed, and SIGCHLD, so that wait can see it. Memory is copied as by fork:
 * what the child writes, the parent does not see. Fills pid and pidfd. sp->cgroup other than -1, or
 * CLONE_NEWTIME in flags, is what clone(2) cannot carry: handed to spawn_clone3() (clone3.h).
 * Returns 0, or -1, pid and pidfd -1 too, with errno: EPERM (no CAP_SYS_ADMIN), ENOSPC (a limit on
 * namespaces, nesting over 32), EINVAL, ENOMEM, EAGAIN. Source: clone(2), pid_namespaces(7). */
int spawn(struct spawn *sp);

/* Waits for the child, once, through its pidfd, and closes that. *status becomes the exit status as
 * a shell has it: 0 to 255, or 128 + the signal that killed it. Restarts on EINTR. Returns 0, or -1
 * with errno: ECHILD (waited for already). Source: waitid(2), P_PIDFD. */
int spawn_wait(struct spawn *sp, int *status);

/* Reads the numbers of one process from the text of its /proc/PID/status, line NSpid: first that in
 * the namespace which this proc was mounted in, the innermost last. pids: room for max numbers (a
 * namespace nests 32 deep at most). Returns how many there are, or -1 with errno EINVAL: no such
 * line (a kernel before 4.1, or no status text), E2BIG: more than max. Source: proc_pid_status(5).
 */
int nspid_parse(const char *status, pid_t pids[], int max);

/* The same for a process: opens PID/status below procfd (a descriptor of a proc directory) and
 * parses it. Returns as nspid_parse(), or -1 with errno of open: ENOENT, and ESRCH when it ends
 * meanwhile. */
int nspid_read(int procfd, pid_t pid, pid_t pids[], int max);
#endif
