/*
 * cgroup_members.h: the processes of a group, all of them, and a second look before one is acted on
 * (given).
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Reads cgroup.procs of the group's directory, whatever its length. deep: the groups below it as
 * well. *pids receives the numbers in ascending order, in memory that the caller frees (NULL where
 * there are none). A process outside of our PID namespace is listed as 0 and left out; *hidden
 * counts those (may be NULL). Returns how many numbers there are, or -1 with errno: EACCES, EIO,
 * ENOMEM, EOPNOTSUPP (a threaded group lists none). A group that is removed meanwhile has none. */
ssize_t cgroup_members(int dir, bool deep, pid_t **pids, int *hidden);

/* Calls fn for each process of the group. A number read from a list may have another owner a moment
 * later: so a pidfd is opened first, the list is read again, and fn is called only where the number
 * still stands in it. The pidfd is then that of a member, or of a process that is dead. pidfd: -1
 * on kernels before 5.3. fn's result is added up. Returns the sum, or -1 with errno as
 * cgroup_members(). */
ssize_t cgroup_each_member(int dir, bool deep, int (*fn)(pid_t pid, int pidfd, void *arg),
			   void *arg);

/* Calls fn for each group directly below dir; child is its descriptor, closed after the call. Stops
 * where fn returns non-zero, and returns that. -1 with errno: dir cannot be listed. */
int cgroup_each_child(int dir, int (*fn)(int parent, const char *name, int child, void *arg),
		      void *arg);
