/*
 * update.c: the operation update.
 */
#define _GNU_SOURCE
#include "runtime.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"

#include <fcntl.h>
#include <stdio.h>

static int refuse(int err, const char *subject, const char *cause, const char *remedy)
{
	sys_failure_set(err, "update", subject, cause, remedy);
	return -1;
}

/* A quota and its period are written together: what is not said stays as it is now. */
static void complete_cpu(const struct cgroup *group, struct cgroup_limits *limits)
{
	const struct cgroup_part *part = group_part(group, CG_CPU);
	struct cgroup_cpu_stat now = { .quota_us = CGROUP_MAX };

	if (!part || (!limits->cpu_quota_us && !limits->cpu_period_us) ||
	    (limits->cpu_quota_us && limits->cpu_period_us))
		return;
	if (cgroup_read_cpu(part->dir, part->version, &now) < 0)
		return;
	if (!limits->cpu_quota_us)
		limits->cpu_quota_us = now.quota_us == CGROUP_MAX || now.quota_us < 0
					       ? -1
					       : (long)now.quota_us;
	else if (now.period_us > 0)
		limits->cpu_period_us = (long)now.period_us;
}

/* What memory and swap may be together at most, now. v1: one number of its own. */
static int64_t both_now(const struct cgroup_part *part)
{
	return part->version == 1 ? cgroup_number(part->dir, "memory.memsw.limit_in_bytes")
				  : CGROUP_MAX;
}

/* No limit on swap any more: before memory's own is raised, for v1 never lets it be the larger. */
static int lift_swap(const struct cgroup_part *part)
{
	const char *file = part->version == 1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max";

	if (!cgroup_has(part->dir, file))
		return 0; /* swap is not accounted: there is no limit */
	return cgroup_write(part->dir, file, part->version == 1 ? "-1" : "max");
}

static int complete_memory(const struct cgroup *group, struct spec_resources *resources)
{
	const struct cgroup_part *part = group_part(group, CG_MEMORY);
	struct cgroup_limits *limits = &resources->limits;
	int64_t memory, current;

	if (!part || (!limits->memory && !resources->both))
		return 0;
	current = cgroup_number(part->dir,
				part->version == 1 ? "memory.usage_in_bytes" : "memory.current");
	if (resources->check_before_update && limits->memory > 0 && current > limits->memory)
		return refuse(EINVAL, "memory.limit",
			      "More memory than that is in use, and checkBeforeUpdate is set.",
			      "A larger limit.");
	if (resources->both == -1) {
		limits->swap = -1;
		return lift_swap(part);
	}
	memory = limits->memory
			 ? limits->memory
			 : cgroup_number(part->dir, part->version == 1 ? "memory.limit_in_bytes"
								       : "memory.max");
	if (!resources->both) {
		int64_t both = both_now(part);
		if (memory > 0 && both >= 0 && both != CGROUP_MAX && memory > both)
			return refuse(EINVAL, "memory.limit",
				      "Memory limit should be smaller than already set "
				      "memoryswap limit, update the memoryswap at the same time",
				      "--memory-swap BYTES as well, or -1.");
		return 0;
	}
	if (memory < 0 || memory == CGROUP_MAX)
		return refuse(EINVAL, "memory.swap",
			      "It is memory and swap together, and memory has no limit.",
			      "--memory BYTES as well.");
	if (resources->both < memory)
		return refuse(EINVAL, "memory.swap",
			      "It is memory and swap together, and less than memory's own limit.",
			      "A larger number.");
	limits->memory = memory;
	limits->swap = resources->both == memory ? CGROUP_NO_SWAP : resources->both - memory;
	return 0;
}

static int write_limits(struct box *box, struct cgroup *group, struct spec_resources *resources)
{
	unsigned need = resources_need(resources) | (resources->both ? CG(CG_MEMORY) : 0) |
			(resources->limits.cpu_period_us ? CG(CG_CPU) : 0);
	struct cgroup_host host;
	struct spec spec;

	if (SYS(cgroup_find(AT_FDCWD, &host), "/proc/self/mountinfo") < 0 ||
	    spec_read(box->dir, &spec) < 0)
		return -1;
	int result = group_extend(
		group, &host, need,
		spec.cgroups_path && spec.cgroups_path[0] == '/' ? spec.cgroups_path : box->id,
		box_note_group, box);
	spec_free(&spec);
	if (result < 0 || complete_memory(group, resources) < 0)
		return -1;
	complete_cpu(group, &resources->limits);
	if (box->record.groups.systemd &&
	    systemd_scope_update(group, &host, &resources->limits) < 0)
		return -1;
	if (group_limit(group, &resources->limits) < 0)
		return -1;
	return resource_files_write(group, resources->files, resources->file_count);
}

int runtime_update(struct box *box, struct spec_resources *resources)
{
	enum box_status status = box_status(box);
	struct cgroup group;

	if (status == BOX_UNKNOWN)
		return -1;
	if (status != BOX_RUNNING && status != BOX_CREATED && status != BOX_PAUSED)
		return refuse(EINVAL, box->id, "container not running", NULL);
	int result = box_groups(box, &group);
	group_learn(&group);
	if (result == 0)
		result = write_limits(box, &group, resources);
	int saved = errno;
	group_close(&group);
	errno = saved;
	return result;
}
