/*
 * cgroup_limits.h: the other limits (given; the CPU quota is the lab piece's).
 *
 * Each takes the directory of its controller and that one's version. Returns 0, or -1 with errno of
 * the write: EINVAL (the kernel does not take the value), ENOENT (the controller is not on here),
 * EBUSY, EACCES.
 */
#pragma once

#include "cgroup_group.h"

#include <stdbool.h>
#include <stdint.h>

/* Share of a contended CPU. shares: v1's scale, 2 to 262144, 1024 is what a group has by itself;
 * v2's cpu.weight is computed from it so that 1024 is its 100. */
int cgroup_cpu_shares(int dir, int version, unsigned long shares);
unsigned long cgroup_weight_of_shares(unsigned long shares);

/* Most memory. swap: how much more of swap (v1's memsw is written as the sum); -1: leave it alone.
 * limit -1: none. ENOTSUP: swap is not accounted here (v1 without swapaccount, v2 without
 * memory.swap.max). On v1 the two are written in the order that never makes memsw the smaller one.
 */
int cgroup_memory(int dir, int version, int64_t limit, int64_t swap);
int cgroup_memory_reservation(int dir, int version,
			      int64_t bytes); /* memory.low, soft_limit_in_bytes */

/* Most processes and threads; -1: no limit. */
int cgroup_pids(int dir, int version, long max);

/* CPUs and memory nodes, as lists: "0-1,3". NULL leaves one alone. On v1 both must be set before
 * a process can join: what is NULL is taken over from the parent group. */
int cgroup_cpuset(int dir, int version, const char *cpus, const char *mems);

/* Bytes and operations a second to a block device; 0: leave alone, -1: no limit. */
struct cgroup_io {
	unsigned major, minor;
	int64_t read_bps, write_bps, read_iops, write_iops;
};
int cgroup_io(int dir, int version, const struct cgroup_io *io);

/* All limits of a group. What is 0 or NULL is left alone, -1 is "no limit". */
struct cgroup_limits {
	long cpu_quota_us, cpu_period_us; /* period 0: 100000 */
	unsigned long cpu_shares;
	int64_t memory, memory_reservation;
	int64_t swap; /* with memory: 0 leaves it alone, CGROUP_NO_SWAP: none */
	long pids;
	const char *cpus, *mems;
};
enum { CGROUP_NO_SWAP = -2 };

/* Which controllers these limits need, as CG() bits. */
unsigned limits_need(const struct cgroup_limits *limits);

/* Writes them. Returns 0, or -1 with errno of the first that was refused. */
int group_limit(const struct cgroup *group, const struct cgroup_limits *limits);

/* group_limit() for limits whose swap is not asked for as such: on a kernel that does not account
 * for swap in cgroups (ENOTSUP) everything but swap is limited, and left_out is set to true.
 * Without an error it is false otherwise. Returns 0, or -1 with errno as group_limit(). */
int group_limit_swap_optional(const struct cgroup *group, const struct cgroup_limits *limits,
			      bool *left_out);
