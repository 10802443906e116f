/*
 * cgroup_cpu.c: lab 5, a group of processes and its share of the CPU.
 * kit: 1
 *
 * minibox-labs kit 1. The task is the header, step05_cgroup_cpu/cgroup_cpu.h: each function does
 * what its comment there says. lessons/05_cgroup_cpu/lab.md says what to do first. Replace one
 * NOT_YET() after the other; each function is graded alone.
 *
 * Useful, and given:
 *	step05_cgroup_cpu/given/cgroup_file.h    one file of a group: write it, find a line in it
 *	step01_clone_pid/floor/call/sys.h        SYS(), SYS_MAY(), sys_failure_set()
 *	step01_clone_pid/floor/meet/procfs.h     read_whole_at(), read_file_at()
 *	step01_clone_pid/floor/meet/keep_errno.h close_keeping_errno()
 */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"

/* Part 1. */
int cgroup_join(int group, pid_t pid)
{
	return NOT_YET(group, pid);
}

/* Part 2. */
int cgroup_create(int parent, const char *name)
{
	return NOT_YET(parent, name);
}

/* Part 3. */
int cgroup_quota(int group, int version, long quota_us, long period_us)
{
	return NOT_YET(group, version, quota_us, period_us);
}

/* Part 4. */
int cgroup_throttled(int group, int version, struct cgroup_throttling *out)
{
	return NOT_YET(group, version, out);
}

/* Part 5. */
int cgroup_remove(int parent, const char *name)
{
	return NOT_YET(parent, name);
}
