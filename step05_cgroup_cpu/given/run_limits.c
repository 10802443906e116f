/*
 * run_limits.c: limits as typed, a group, and the command in it.
 */
#define _GNU_SOURCE
#include "run_limits.h"
#include "cgroup_limits.h"
#include "demo_group.h"
#include "limit_parse.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

static struct cgroup group; /* of the parent; the guard removes it */

static int read_limits(const struct run *run, struct cgroup_limits *limits)
{
	*limits = (struct cgroup_limits){ .cpu_period_us = CPU_PERIOD_US };
	if (run->cpu && parse_cpu(run->cpu, machine_cpus(), &limits->cpu_quota_us) < 0)
		return -1;
	if (run->memory && parse_memory(run->memory, machine_memory(), &limits->memory) < 0)
		return -1;
	if (run->pids && parse_pids(run->pids, machine_pid_max(), &limits->pids) < 0)
		return -1;
	return 0;
}

/* A group that was not asked for is made only where no process has to be moved for it. */
static bool easy_to_have(const struct cgroup_host *host)
{
	struct cgroup_parent parent;

	return host->of[CG_CPU] >= 0 &&
	       cgroup_parent_find(host, host->of[CG_CPU], CG(CG_CPU), &parent) == 0 &&
	       !parent.enable;
}

int run_limit(struct run *run)
{
	static struct cgroup_host host;
	struct cgroup_limits limits;
	bool swap_is_free;

	if (read_limits(run, &limits) < 0 || cgroup_find(AT_FDCWD, &host) < 0)
		return -1;
	unsigned need = limits_need(&limits);
	if (!need && !easy_to_have(&host))
		return 0;
	/* Without limits a group still counts, and gives the namespace a root of its own. */
	if (demo_group_create(&host, need ? need : CG(CG_CPU), "run", &group) < 0) {
		if (need)
			return -1;
		sys_failure_clear();
		return 0;
	}
	/* Memory alone is no limit where there is swap to go to. */
	limits.swap = limits.memory ? CGROUP_NO_SWAP : 0;
	return group_limit_swap_optional(&group, &limits, &swap_is_free);
}

int run_join(struct run *run)
{
	return group_join(&group, run->child.pid);
}

int run_hide_groups(void)
{
	return SYS_MAY(unshare(CLONE_NEWCGROUP), "cgroup namespace", EINVAL);
}
