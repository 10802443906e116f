/*
 * time_ns.h: other clocks (given); time_namespaces(7).
 */
#pragma once

#include <sys/types.h>
#include <time.h>

/* What is added to two clocks inside. CLOCK_REALTIME, the time of day, has no offset: it is one for
 * all. */
struct time_offsets {
	struct timespec monotonic, boottime;
};

/* A new time namespace for the children that the caller makes from now on (not for the caller),
 * with these offsets. They can be written only until the first one enters. unshare(2) because
 * clone(2) cannot carry CLONE_NEWTIME. Returns 0, or -1 with errno: EPERM, EINVAL (a kernel
 * before 5.6, or nanoseconds over a second), ERANGE (an offset beyond what clocks hold). */
int time_ns_unshare(const struct time_offsets *offsets);

/* Writes them for process pid (0: self), whose namespace for children nobody has entered yet.
 * Returns 0, or -1 with errno: EACCES (too late), EINVAL, ERANGE, ENOENT (no time namespaces in
 * this kernel). */
int time_ns_write(int procfd, pid_t pid, const struct time_offsets *offsets);

/* Reads PID/timens_offsets. Returns 0, or -1 with errno. */
int time_ns_read(int procfd, pid_t pid, struct time_offsets *offsets);
