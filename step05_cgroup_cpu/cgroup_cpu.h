/*
 * cgroup_cpu.h: step 5's piece. A group of processes, and how much CPU it gets.
 *
 * A control group is a directory in a cgroup file system. mkdir(2) makes it, and the kernel fills
 * it with files. Writing to these files sets limits. Writing a PID to cgroup.procs moves that
 * process into the group, while it runs. rmdir(2) removes the group.
 *
 * Two layouts exist: version 1 has a tree of directories for each controller, version 2 has one
 * tree for all. Some hosts have both. cgroup_find.h (given) knows which layout a host has, and
 * where. Its caller passes the version on to the functions here. cgroup_file.h (given) writes and
 * reads one file; the subject of a failure is the file's path.
 *
 * Each system call is made by SYS() (floor/call/sys.h): the first that fails is recorded, with the
 * path, process or name that it was about.
 * cgroup_throttled() records nothing.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* Makes the group `name` in the directory `parent`, a descriptor in a cgroup file system. A name is
 * one word, not a path.
 * Returns a descriptor of the new directory (O_RDONLY | O_DIRECTORY | O_CLOEXEC), which the caller
 * closes; or -1 with errno: EINVAL (the name is empty, ".", "..", or holds a '/' or a newline),
 * EEXIST, EACCES (the caller may not write to parent), EROFS, EAGAIN (cgroup.max.descendants).
 * After a failure there is no new group.
 * Source: cgroups(7), "Creating cgroups and moving processes". */
int cgroup_create(int parent, const char *name);

/* Limits the CPU time of the group `group`, the descriptor of its directory. In each period of
 * period_us microseconds the processes of the group run for quota_us microseconds together, summed
 * over all CPUs. Then they are throttled: they wait for the next period. quota_us -1 is no limit.
 *
 *	version 2: one file      cpu.max             "QUOTA PERIOD", or "max PERIOD" for no limit
 *	version 1: two files     cpu.cfs_quota_us    "QUOTA", or "-1" for no limit
 *	                         cpu.cfs_period_us   "PERIOD"
 *
 * Each file takes its value in one write(2). On version 1 the kernel checks each write against the
 * present value of the other file. So the order counts when a limit is changed: no pair in between
 * may be larger than the parent group's. A quota of -1 is never refused: written first, then the
 * period, then the new quota. If one of these is refused, the group is left without a limit.
 *
 * Returns 0, or -1 with errno: EINVAL (a period outside 1000 to 1000000, a quota under 1000; on
 * version 1 also a share larger than the parent group's), ENOENT (the directory has no cpu
 * controller), EACCES.
 * Source: Documentation/scheduler/sched-bwc.rst and admin-guide/cgroup-v2.rst of the kernel. */
int cgroup_quota(int group, int version, long quota_us, long period_us);

/* Moves the process pid (0: the caller) with all its threads into the group. Children that it has
 * already stay in their group. Children that it makes later start in the new group. So a process
 * joins first and forks afterwards.
 * Returns 0, or -1 with errno: ESRCH (there is no such process), EACCES (another user's process; or
 * on version 2 the caller may not write to cgroup.procs of the nearest common ancestor), EBUSY
 * (version 2: the group hands controllers down, so it may have no processes of its own), ENOSPC
 * (version 1: a cpuset without CPUs).
 * Source: cgroups(7). */
int cgroup_join(int group, pid_t pid);

struct cgroup_throttling {
	int64_t periods;      /* periods in which a process of the group wanted to run */
	int64_t throttled;    /* periods of these in which the quota was used up */
	int64_t throttled_us; /* how long its processes waited for a next period, microseconds */
};

/* Reads how often the group was throttled, from its file cpu.stat: a line "KEY VALUE" for each
 * counter, others among them.
 *
 *	                version 2         version 1
 *	periods         nr_periods        nr_periods
 *	throttled       nr_throttled      nr_throttled
 *	throttled_us    throttled_usec    throttled_time, in nanoseconds
 *
 * Returns 0 with all three filled in, or -1 with errno: ENOENT (the directory has no cpu
 * controller: there is no cpu.stat, or a line is missing from it), ENODEV (the group was removed).
 * Not recorded as a failure: other groups than one's own are read too, and they come and go.
 * Source: as cgroup_quota(), "Statistics". */
int cgroup_throttled(int group, int version, struct cgroup_throttling *out);

/* Removes the group `name` from the directory `parent`. For a moment after its last process has
 * ended, rmdir(2) still fails with EBUSY: the kernel takes a process out of its group later than
 * wait(2) reports its end. So this function tries again, for two seconds. A group that is gone
 * already is no error.
 * Returns 0, or -1 with errno: EBUSY (processes or groups are still in it), EINVAL (a bad name),
 * EACCES.
 * Source: rmdir(2), cgroups(7). */
int cgroup_remove(int parent, const char *name);
