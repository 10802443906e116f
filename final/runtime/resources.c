/*
 * resources.c: what a group may use besides its limits.
 */
#define _GNU_SOURCE
#include "resources.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

unsigned resources_need(const struct spec_resources *resources)
{
	return limits_need(&resources->limits) | (resources->device_count ? CG(CG_DEVICES) : 0) |
	       resource_files_need(resources->files, resources->file_count);
}

/* The first user namespace maps all ids to themselves; what it contains has less. */
static bool in_user_namespace(void)
{
	unsigned inside = 1, outside = 1, count = 0;
	FILE *map = fopen("/proc/self/uid_map", "re");
	int n = map ? fscanf(map, "%u %u %u", &inside, &outside, &count) : 0;

	if (map)
		fclose(map);
	return n == 3 && !(inside == 0 && outside == 0 && count == 4294967295U);
}

bool resources_guard_devices(bool own_user_namespace)
{
	return !own_user_namespace && geteuid() == 0 && !in_user_namespace();
}

int resources_apply_devices(const struct cgroup *group, const struct spec_resources *resources)
{
	const struct cgroup_part *part = group_part(group, CG_DEVICES);
	size_t own = (size_t)resources->device_count, usual = (size_t)device_defaults_count;

	if (!part || in_user_namespace())
		return 0;
	struct device_rule *rules = SYS(calloc(own + usual, sizeof(*rules)),
					"linux.resources.devices");
	if (!rules)
		return -1;
	memcpy(rules, resources->devices, own * sizeof(*rules));
	memcpy(rules + own, device_defaults, usual * sizeof(*rules));
	int result = cgroup_devices(part->dir, part->version, rules, (int)(own + usual));
	int saved = errno;
	free(rules);
	errno = saved;
	return result;
}
