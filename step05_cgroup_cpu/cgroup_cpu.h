/*
 * cgroup_cpu.h: step 5's piece. A group of processes, and how much CPU it gets.
 *
 * A control group is a directory in a cgroup file system. mkdir makes it, and the
 * kernel fills it with files; writing to them sets limits; writing a PID to
 * cgroup.procs moves that process in, running or not; rmdir ends it. Two layouts
 * exist, v1 (a tree of directories for each controller) and v2 (one tree for
 * all); cgroup_find.h knows which one a host has, and where.
 */
#pragma once

#include <sys/types.h>

/* Makes the group `name` below `parent`, the descriptor of a directory in a cgroup file system. A
 * name is one word: never a path. Returns a descriptor of the new directory (O_DIRECTORY,
 * close-on-exec; the caller closes it), or -1 with errno: EINVAL (the name is empty, ".", ".." or
 * holds a '/' or a newline), EEXIST, EACCES (not delegated to us), EROFS, EAGAIN
 * (cgroup.max.descendants). Source: cgroups(7), "Creating cgroups and moving processes". */
int cgroup_create(int parent, const char *name);

/* Limits the group's CPU bandwidth: in every period of period_us microseconds its processes run for
 *quota_us microseconds together, on all CPUs, and are throttled for the rest. quota_us -1: no
 *limit. version 1	quota to cpu.cfs_quota_us, period to cpu.cfs_period_us
 *	version 2	"QUOTA PERIOD" to cpu.max, with the word "max" for no limit
 * On v1 two writes are needed, and the kernel judges each by the other's old value: the order must
 *not let a tighter pair of the two appear in between. Returns 0, or -1 with errno: EINVAL (period
 *not within 1000 to 1000000, quota under 1000, or more than the parent group has), ENOENT (the cpu
 *controller is not on in this directory), EACCES. Source: Documentation/scheduler/sched-bwc.rst,
 *admin-guide/cgroup-v2.rst. */
int cgroup_quota(int group, int version, long quota_us, long period_us);

/* Moves process pid (0: the caller) with all its threads into the group; children that it has
 * already stay where they are, those that it makes from now on are born in the group. So: join
 * first, fork later. Returns 0, or -1 with errno: ESRCH (it is gone), EACCES (not our process, or
 * v2: no right to write to cgroup.procs of the nearest common ancestor), EBUSY (v2: the group hands
 * controllers down, so it may have no processes of its own), ENOSPC (v1: a cpuset without CPUs).
 * Source: cgroups(7). */
int cgroup_join(int group, pid_t pid);

/* Removes the group `name` below `parent`. rmdir(2) says EBUSY for a moment after the last process
 * has gone, for a group's end is asynchronous: tried again, for two seconds. A group that is gone
 * already is no error. Returns 0, or -1 with errno: EBUSY (processes or groups are still in it),
 * EINVAL (a bad name), EACCES. Source: rmdir(2), cgroups(7). */
int cgroup_remove(int parent, const char *name);
