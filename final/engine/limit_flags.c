/*
 * limit_flags.c: the limits among the flags of `minibox run`, in docker's units.
 */
#define _GNU_SOURCE
#include "limit_flags.h"

#include "step01_clone_pid/floor/sys.h"
#include "step05_cgroup_cpu/limit_parse.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int flag_wrong(const char *option, const char *value, const char *expected)
{
	dprintf(2, "minibox: %s %s: expected %s\n  try: minibox run --help\n", option, value,
		expected);
	return USAGE;
}

static int whole_number(const char *option, const char *text, long least, long most, long *out)
{
	char *end, expected[80];

	errno = 0;
	*out = strtol(text, &end, 10);
	if (end != text && *end == '\0' && !errno && *out >= least && *out <= most)
		return -1;
	snprintf(expected, sizeof(expected), "a whole number from %ld to %ld", least, most);
	return flag_wrong(option, text, expected);
}

int flag_recorded(const char *option)
{
	sys_failure_explain();
	dprintf(2, "minibox: %s %s: %s\n", option, sys_failure()->subject, sys_failure()->cause);
	if (sys_failure()->remedy[0])
		dprintf(2, "  try: %s\n", sys_failure()->remedy);
	return USAGE;
}

/* A bare number is bytes, as docker has it. */
static int bytes(const char *option, int64_t most, int64_t *out)
{
	char text[64];
	bool bare = optarg[0] && !optarg[strspn(optarg, "0123456789")];

	if (snprintf(text, sizeof(text), "%s%s", optarg, bare ? "b" : "") >= (int)sizeof(text))
		return flag_wrong(option, optarg, "a whole number and b, k, m or g");
	return parse_memory(text, most, out) < 0 ? flag_recorded(option) : -1;
}

/* The kernel takes the list or leaves it; why is said here. */
static int cpu_list(const char *list)
{
	long most = sysconf(_SC_NPROCESSORS_CONF) - 1;
	char expected[80];

	if (parse_id_list(list, most) == 0)
		return -1;
	snprintf(expected, sizeof(expected), "a list of CPUs as 0-1,3; this machine has 0 to %ld",
		 most);
	return flag_wrong("--cpuset-cpus", list, expected);
}

/* Docker's "2" means two CPUs here; parse_cpu wants the point, to tell it from 2 %. Its remedy
 * names the steps' own --cpu. */
static int cpu_count(struct cgroup_limits *limits)
{
	char text[32], expected[48];
	int most = machine_cpus();

	limits->cpu_period_us = CPU_PERIOD_US;
	if (snprintf(text, sizeof(text), "%s%s", optarg, strchr(optarg, '.') ? "" : ".0") <
		    (int)sizeof(text) &&
	    optarg[0] && parse_cpu(text, most, &limits->cpu_quota_us) == 0)
		return -1;
	snprintf(expected, sizeof(expected), "a number of CPUs from 0.01 to %d", most);
	return flag_wrong("--cpus", optarg, expected);
}

int limit_flag(struct run_flags *flags, int code)
{
	struct cgroup_limits *limits = &flags->limits;
	long value, most_us = 1000000L * machine_cpus();

	switch (code) {
	case 'm':
		return bytes("--memory", machine_memory(), &limits->memory);
	case OPT_SWAP:
		if (strcmp(optarg, "-1") != 0)
			return bytes("--memory-swap", INT64_MAX, &flags->memory_swap);
		flags->memory_swap = -1;
		return -1;
	case 'c':
		if (whole_number("--cpu-shares", optarg, 2, 262144, &value) >= 0)
			return USAGE;
		limits->cpu_shares = (unsigned long)value;
		return -1;
	case OPT_CPUS:
		flags->by_cpus = true;
		return cpu_count(limits);
	case OPT_CPU_PERIOD:
		flags->by_quota = true;
		return whole_number("--cpu-period", optarg, 1000, 1000000, &limits->cpu_period_us);
	case OPT_CPU_QUOTA:
		flags->by_quota = true;
		return whole_number("--cpu-quota", optarg, 1000, most_us, &limits->cpu_quota_us);
	case OPT_PIDS:
		limits->pids = 0;
		return strcmp(optarg, "-1") == 0 ? -1 /* docker's "no limit" */
						 : whole_number("--pids-limit", optarg, 1,
								machine_pid_max(), &limits->pids);
	default:
		limits->cpus = optarg;
		return cpu_list(optarg);
	}
}

int limit_flags_check(const struct run_flags *flags)
{
	const struct cgroup_limits *limits = &flags->limits;

	if (flags->by_cpus && flags->by_quota)
		return flag_wrong("--cpus", "with --cpu-quota or --cpu-period",
				  "one of the two ways to say it");
	if (limits->cpu_period_us && !limits->cpu_quota_us)
		return flag_wrong("--cpu-period", "alone", "--cpu-quota with it");
	if (flags->memory_swap && !limits->memory)
		return flag_wrong("--memory-swap", "alone", "-m with it");
	if (flags->memory_swap > 0 && flags->memory_swap < limits->memory)
		return flag_wrong("--memory-swap", "less than -m",
				  "memory and swap together: at least what -m says");
	return -1;
}
