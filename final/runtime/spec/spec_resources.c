/*
 * spec_resources.c: "linux.resources" of config.json, the limits of the container's group.
 *
 * 0 is what docker writes where nothing was asked for; -1 is "no limit". A new group has none, so
 * that both leave it alone there.
 */
#define _GNU_SOURCE
#include "spec_parts.h"

#include "step05_cgroup_cpu/given/limit_parse.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RULES = 150 }; /* a BPF program of v2 has room for some 200 */

/* What the kernel takes: kernel/sched/core.c, max_bw_runtime_us and the periods around it. */
static const int64_t least_us = 1000, most_period_us = 1000000, most_quota_us = 1LL << 44;

static int read_list(const struct spec_node *cpu, const char *name, const char **out)
{
	struct spec_node at = spec_at(cpu, name);
	const char *text = NULL;
	int there = spec_text(cpu, name, &text);

	if (there <= 0 || !*text)
		return there < 0 ? -1 : 0;
	if (parse_id_list(text, INT_MAX) < 0)
		return spec_wrong(&at, "a list of numbers and ranges as 0-1,3");
	*out = text;
	return 0;
}

static int read_cpu(const struct spec_node *resources, struct cgroup_limits *limits)
{
	struct spec_node cpu, quota, period, shares;
	int64_t us = 0, period_us = 0, share = 0;

	if (spec_object(resources, "cpu", &cpu) <= 0)
		return 0;
	quota = spec_at(&cpu, "quota");
	period = spec_at(&cpu, "period");
	shares = spec_at(&cpu, "shares");
	if (spec_number(&cpu, "quota", INT64_MIN, INT64_MAX, &us) < 0 ||
	    spec_number(&cpu, "period", 0, INT64_MAX, &period_us) < 0 ||
	    spec_number(&cpu, "shares", 0, INT64_MAX, &share) < 0)
		return -1;
	if (us != 0 && us != -1 && (us < least_us || us > most_quota_us))
		return spec_wrong(&quota, "-1 (no limit), or microseconds from %d to %lld", 1000,
				  (long long)most_quota_us);
	if (period_us && (period_us < least_us || period_us > most_period_us))
		return spec_wrong(&period, "microseconds from 1000 to 1000000");
	if (share && (share < 2 || share > 262144))
		return spec_wrong(&shares, "a whole number from 2 to 262144");
	limits->cpu_quota_us = (long)us;
	limits->cpu_period_us = (long)period_us;
	limits->cpu_shares = (unsigned long)share;
	return read_list(&cpu, "cpus", &limits->cpus) < 0 ||
			       read_list(&cpu, "mems", &limits->mems) < 0
		       ? -1
		       : 0;
}

/* Bytes or a number of something. */
static int read_amount(const struct spec_node *object, const char *name, int64_t *out)
{
	return spec_number(object, name, -1, INT64_MAX, out);
}

static int read_memory(const struct spec_node *resources, struct spec_resources *into)
{
	struct spec_node memory;

	if (spec_object(resources, "memory", &memory) <= 0)
		return 0;
	return read_amount(&memory, "limit", &into->limits.memory) < 0 ||
			       read_amount(&memory, "reservation",
					   &into->limits.memory_reservation) < 0 ||
			       read_amount(&memory, "swap", &into->both) < 0 ||
			       spec_flag(&memory, "checkBeforeUpdate", &into->check_before_update) <
				       0
		       ? -1
		       : 0;
}

static int read_pids(const struct spec_node *resources, struct cgroup_limits *limits)
{
	struct spec_node pids;
	int64_t most = 0;

	if (spec_object(resources, "pids", &pids) <= 0)
		return 0;
	if (spec_number(&pids, "limit", INT64_MIN, INT64_MAX, &most) < 0)
		return -1;
	limits->pids = most < 0 ? -1 : (long)most; /* any number below 0, as runc has it */
	return 0;
}

/* -1 is any number, and so is one that is not there. */
static int read_device(const struct spec_node *one, struct device_rule *rule)
{
	const char *type = "a", *access = NULL;
	struct spec_node at_type = spec_at(one, "type"), at_access = spec_at(one, "access");
	int64_t major = -1, minor = -1;

	if (spec_value_is(one, json_type_object) < 0)
		return -1;
	int there = spec_flag(one, "allow", &rule->allow);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(one, "allow", "true or false");
	if (spec_text(one, "type", &type) < 0 || spec_text(one, "access", &access) < 0 ||
	    spec_number(one, "major", -1, INT_MAX, &major) < 0 ||
	    spec_number(one, "minor", -1, INT_MAX, &minor) < 0)
		return -1;
	if (strlen(type) > 1 || (*type && !strchr("abc", *type)))
		return spec_wrong(&at_type, "a, b or c");
	if (access && strspn(access, "rwm") != strlen(access))
		return spec_wrong(&at_access, "letters of rwm");
	rule->type = *type ? *type : 'a';
	rule->major = (long)major;
	rule->minor = (long)minor;
	rule->access = access && *access ? access : "rwm";
	return 0;
}

static int read_devices(const struct spec_node *from, struct spec_resources *resources)
{
	struct spec_node list, one;
	int there = spec_array(from, "devices", &list);
	size_t count = there > 0 ? spec_length(&list) : 0;

	if (there < 0 || !count)
		return there < 0 ? -1 : 0;
	if (count > MOST_RULES)
		return spec_wrong(&list, "at most %d rules", MOST_RULES);
	if (!(resources->devices = calloc(count, sizeof(*resources->devices))))
		return -1;
	for (size_t i = 0; i < count; i++) {
		spec_element(&list, i, &one);
		if (read_device(&one, &resources->devices[i]) < 0)
			return -1;
		resources->device_count++;
	}
	return 0;
}

int spec_read_resources(const struct spec_node *linux_part, struct spec_resources *into)
{
	struct cgroup_limits *limits = &into->limits;
	struct spec_node resources;
	int there = spec_object(linux_part, "resources", &resources);

	if (there <= 0)
		return there;
	return read_cpu(&resources, limits) < 0 || spec_read_resource_files(&resources, into) < 0 ||
			       read_memory(&resources, into) < 0 ||
			       read_pids(&resources, limits) < 0 ||
			       read_devices(&resources, into) < 0
		       ? -1
		       : 0;
}

/* The specification's swap is memory and swap together; ours is what comes on top. */
static int settle_swap(const struct spec_node *linux_part, struct spec_resources *into)
{
	struct spec_node resources, memory, at;

	if (into->both <= 0)
		return 0;
	spec_object(linux_part, "resources", &resources);
	spec_object(&resources, "memory", &memory);
	at = spec_at(&memory, "swap");
	if (into->limits.memory <= 0)
		return spec_wrong(&at, "a limit with it: swap is memory and swap together");
	if (into->both < into->limits.memory)
		return spec_wrong(&at, "memory and swap together: not less than limit, %lld",
				  (long long)into->limits.memory);
	into->limits.swap = into->both == into->limits.memory ? CGROUP_NO_SWAP
							      : into->both - into->limits.memory;
	return 0;
}

int spec_read_new_resources(const struct spec_node *linux_part, struct spec_resources *into)
{
	struct cgroup_limits *limits = &into->limits;

	if (spec_read_resources(linux_part, into) < 0 || settle_swap(linux_part, into) < 0)
		return -1;
	limits->cpu_quota_us = limits->cpu_quota_us > 0 ? limits->cpu_quota_us : 0;
	limits->memory = limits->memory > 0 ? limits->memory : 0;
	limits->memory_reservation = limits->memory_reservation > 0 ? limits->memory_reservation
								    : 0;
	limits->pids = limits->pids > 0 ? limits->pids : 0;
	return 0;
}

void resources_free(struct spec_resources *resources)
{
	free(resources->devices);
	free(resources->files);
	resources->devices = NULL;
	resources->files = NULL;
	resources->device_count = resources->file_count = 0;
}
