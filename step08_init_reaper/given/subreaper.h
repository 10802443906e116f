/*
 * subreaper.h: an init that is not number 1 (given); PR_SET_CHILD_SUBREAPER(2const).
 */
#pragma once

#include <sys/types.h>

/* Orphans among our descendants become children of this process from now on, instead of the
 * namespace's PID 1's. Not inherited by children, kept over exec. Returns 0, or -1 with errno. */
int subreaper_become(void);

/* Sends a signal to all processes below this one. As PID 1 that is kill(-1, signal), which spares
 * only the caller. Elsewhere kill(-1) would hit the whole host, so each
 * descendant is found in /proc and signalled by a pidfd. Returns 0, or -1 with errno: ESRCH (there
 * is none), or of opening /proc. */
int signal_descendants(int signal_number);

/* Calls fn for every descendant of process top (not top itself) below procfd.
 * Stops when fn returns non-zero and returns that; 0 at the end. */
int descendants_each(int procfd, pid_t top, int (*fn)(pid_t pid, void *arg), void *arg);
