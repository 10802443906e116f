/*
 * ground.h: what every program of ours needs under its feet before it starts
 * anything: a /proc that tells of its own PID namespace, and children that are
 * born there as well.
 */
#pragma once

#include "abilities.h"

enum ground {
	GROUND_GOOD,
	/* No proc file system is mounted at /proc: what needs none of it works. */
	GROUND_NO_PROC,
	/* /proc is that of another PID namespace (`unshare -pf` without --mount-proc): a number in
	 * it means another process than the same number in kill(2) or waitpid(2), and what is
	 * written to or entered through /proc/PID is that other process's. */
	GROUND_OTHER_PROC,
	/* Children are born in another PID namespace than ours (`unshare -p` without -f, `nsenter
	 * -p --no-fork`): /proc shows them by other numbers, or not at all. The first child may
	 * become PID 1 there, and after its end fork(2) is ENOMEM for good. */
	GROUND_CHILDREN_ELSEWHERE,
};

/* Can processes be started and looked at here? To be asked at the start of a program, before its
 * first fork. Nothing is made or changed, errno is left alone. out, which may be NULL, gets reason
 * and remedy, or yes. Source: pid_namespaces(7), proc_pid_status(5) (NSpid). */
enum ground ground_check(struct verdict *out);

/* Is the proc file system of this descriptor that of our own PID namespace? A number that is read
 * there may then be given to kill(2). */
bool ground_is_own_proc(int procfd);

/* Prints on standard error why nothing can be done here, and the remedy. */
void ground_say(const char *program);
