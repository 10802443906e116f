/*
 * cgroup_limits.c: one idea, two spellings: what v1 and v2 call each limit.
 */
#define _GNU_SOURCE
#include "cgroup_limits.h"
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "cgroup_file.h"
#include "cgroup_read.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A number, or the layout's word for "no limit". */
static int put_number(int dir, const char *file, int64_t number, const char *none)
{
	if (number < 0)
		return cgroup_write(dir, file, none);
	return cgroup_writef(dir, file, "%" PRId64, number);
}

/* ---- cpu ---- */

unsigned long cgroup_weight_of_shares(unsigned long shares)
{
	/* Both are ratios; their defaults, 1024 and 100, stand for the same. */
	unsigned long weight = (shares * 100 + 512) / 1024;

	return weight < 1 ? 1 : weight > 10000 ? 10000 : weight;
}

int cgroup_cpu_shares(int dir, int version, unsigned long shares)
{
	if (version == 1)
		return cgroup_writef(dir, "cpu.shares", "%lu", shares);
	return cgroup_writef(dir, "cpu.weight", "%lu", cgroup_weight_of_shares(shares));
}

/* ---- memory ---- */

static int no_swap_accounting(int dir)
{
	char path[CG_PATH];

	sys_failure_set(ENOTSUP, "cgroup_memory", cgroup_file_path(dir, NULL, path, sizeof(path)),
			"This kernel does not account for swap in cgroups.",
			"Boot with swapaccount=1, or do without a limit on swap.");
	return -1;
}

/* memory.memsw holds for memory and swap together and can never be the smaller one. */
static int memory_v1(int dir, int64_t limit, int64_t swap)
{
	int64_t both = limit < 0 || swap == -1 ? -1 : limit + (swap == CGROUP_NO_SWAP ? 0 : swap);
	int64_t now = cgroup_number(dir, "memory.memsw.limit_in_bytes");

	if (now < 0) /* no memory.memsw files */
		return swap == -1 ? put_number(dir, "memory.limit_in_bytes", limit, "-1")
				  : no_swap_accounting(dir);
	bool raise = limit < 0 || limit > now;
	if (raise && put_number(dir, "memory.memsw.limit_in_bytes", both, "-1") < 0)
		return -1;
	if (put_number(dir, "memory.limit_in_bytes", limit, "-1") < 0)
		return -1;
	if (raise || swap == -1)
		return 0;
	return put_number(dir, "memory.memsw.limit_in_bytes", both, "-1");
}

int cgroup_memory(int dir, int version, int64_t limit, int64_t swap)
{
	if (version == 1)
		return memory_v1(dir, limit, swap);
	if (swap != -1 && !cgroup_has(dir, "memory.swap.max"))
		return no_swap_accounting(dir);
	if (put_number(dir, "memory.max", limit, "max") < 0)
		return -1;
	return swap == -1 ? 0
			  : put_number(dir, "memory.swap.max", swap == CGROUP_NO_SWAP ? 0 : swap,
				       "max");
}

int cgroup_memory_reservation(int dir, int version, int64_t bytes)
{
	if (version == 1)
		return put_number(dir, "memory.soft_limit_in_bytes", bytes, "-1");
	return put_number(dir, "memory.low", bytes, "max");
}

/* ---- pids, cpuset, io ---- */

int cgroup_pids(int dir, int version, long max)
{
	(void)version; /* the youngest controller: one name in both layouts */
	return put_number(dir, "pids.max", max, "max");
}

/* What the group above has: v1 gives a new cpuset nothing. */
static int from_above(int dir, const char *file)
{
	char above[80], text[256];

	snprintf(above, sizeof(above), "../%s", file);
	ssize_t n = read_file_at(dir, above, text, sizeof(text));
	if (n <= 0)
		return (int)n;
	text[strcspn(text, "\n")] = '\0';
	return cgroup_write(dir, file, text);
}

static bool is_empty(int dir, const char *file)
{
	char text[256];

	return read_file_at(dir, file, text, sizeof(text)) <= 0 || text[0] == '\n';
}

int cgroup_cpuset(int dir, int version, const char *cpus, const char *mems)
{
	if (cpus && cgroup_write(dir, "cpuset.cpus", cpus) < 0)
		return -1;
	if (mems && cgroup_write(dir, "cpuset.mems", mems) < 0)
		return -1;
	if (version == 1 && is_empty(dir, "cpuset.cpus") && from_above(dir, "cpuset.cpus") < 0)
		return -1;
	if (version == 1 && is_empty(dir, "cpuset.mems") && from_above(dir, "cpuset.mems") < 0)
		return -1;
	return 0;
}

static int io_value(int dir, int version, const struct cgroup_io *io, const char *v1_file,
		    const char *v2_key, int64_t number)
{
	if (number == 0)
		return 0;
	if (version == 1) /* 0 lifts the limit there */
		return cgroup_writef(dir, v1_file, "%u:%u %" PRId64, io->major, io->minor,
				     number < 0 ? 0 : number);
	if (number < 0)
		return cgroup_writef(dir, "io.max", "%u:%u %s=max", io->major, io->minor, v2_key);
	return cgroup_writef(dir, "io.max", "%u:%u %s=%" PRId64, io->major, io->minor, v2_key,
			     number);
}

int cgroup_io(int dir, int version, const struct cgroup_io *io)
{
	if (io_value(dir, version, io, "blkio.throttle.read_bps_device", "rbps", io->read_bps) <
		    0 ||
	    io_value(dir, version, io, "blkio.throttle.write_bps_device", "wbps", io->write_bps) <
		    0 ||
	    io_value(dir, version, io, "blkio.throttle.read_iops_device", "riops", io->read_iops) <
		    0)
		return -1;
	return io_value(dir, version, io, "blkio.throttle.write_iops_device", "wiops",
			io->write_iops);
}

/* ---- all at once ---- */

unsigned limits_need(const struct cgroup_limits *limits)
{
	unsigned need = 0;

	if (limits->cpu_quota_us || limits->cpu_shares)
		need |= CG(CG_CPU);
	if (limits->memory || limits->memory_reservation || limits->swap)
		need |= CG(CG_MEMORY);
	if (limits->pids)
		need |= CG(CG_PIDS);
	if (limits->cpus || limits->mems)
		need |= CG(CG_CPUSET);
	return need;
}

static int no_such_part(const struct cgroup *group, enum cgroup_controller controller)
{
	sys_failure_set(ENOENT, "group_limit", group->parts ? group->part[0].path : "the group",
			cgroup_controller_name(controller, 1),
			"Make the group with this controller.");
	return -1;
}

static int limit_cpu(const struct cgroup *group, const struct cgroup_limits *limits)
{
	const struct cgroup_part *part = group_part(group, CG_CPU);
	long period = limits->cpu_period_us ? limits->cpu_period_us : 100000;

	if (!part)
		return no_such_part(group, CG_CPU);
	if (limits->cpu_shares &&
	    cgroup_cpu_shares(part->dir, part->version, limits->cpu_shares) < 0)
		return -1;
	return limits->cpu_quota_us
		       ? cgroup_quota(part->dir, part->version, limits->cpu_quota_us, period)
		       : 0;
}

static int limit_memory(const struct cgroup *group, const struct cgroup_limits *limits)
{
	const struct cgroup_part *part = group_part(group, CG_MEMORY);
	int64_t swap = limits->swap ? limits->swap : -1;

	if (!part)
		return no_such_part(group, CG_MEMORY);
	if (limits->memory && cgroup_memory(part->dir, part->version, limits->memory, swap) < 0)
		return -1;
	return limits->memory_reservation ? cgroup_memory_reservation(part->dir, part->version,
								      limits->memory_reservation)
					  : 0;
}

int group_limit(const struct cgroup *group, const struct cgroup_limits *limits)
{
	unsigned need = limits_need(limits);
	const struct cgroup_part *part;

	if ((need & CG(CG_CPU)) && limit_cpu(group, limits) < 0)
		return -1;
	if ((need & CG(CG_MEMORY)) && limit_memory(group, limits) < 0)
		return -1;
	if (need & CG(CG_PIDS)) {
		part = group_part(group, CG_PIDS);
		if (!part)
			return no_such_part(group, CG_PIDS);
		if (cgroup_pids(part->dir, part->version, limits->pids) < 0)
			return -1;
	}
	if (need & CG(CG_CPUSET)) {
		part = group_part(group, CG_CPUSET);
		if (!part)
			return no_such_part(group, CG_CPUSET);
		if (cgroup_cpuset(part->dir, part->version, limits->cpus, limits->mems) < 0)
			return -1;
	}
	return 0;
}

int group_limit_swap_optional(const struct cgroup *group, const struct cgroup_limits *limits,
			      bool *left_out)
{
	struct cgroup_limits rest = *limits;

	*left_out = false;
	if (group_limit(group, limits) == 0)
		return 0;
	if (errno != ENOTSUP || !limits->swap)
		return -1;
	sys_failure_clear();
	rest.swap = 0;
	*left_out = true;
	return group_limit(group, &rest);
}
