/*
 * limit_flags.c: the limits among the flags of `minibox run`, in docker's units.
 */
#define _GNU_SOURCE
#include "limit_flags.h"

#include "final/runtime/spec/json_check.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step05_cgroup_cpu/given/limit_parse.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes of the character at c that may go to a terminal as they are; 0: it is to be escaped. */
static size_t printable(const char *c)
{
	char one[5] = "";

	if ((unsigned char)*c < 0x80)
		return *c >= ' ' && *c != 0x7f;
	for (size_t n = 2; n <= 4 && c[n - 1]; n++) {
		memcpy(one, c, n);
		/* U+0080 to U+009F are control characters, too. */
		if (json_can_hold(one))
			return !(*c == '\xc2' && (unsigned char)c[1] < 0xa0) ? n : 0;
	}
	return 0;
}

const char *flag_shown(const char *text, char *out, size_t size)
{
	size_t n = 0;

	while (*text && n + 8 < size) {
		size_t length = printable(text);
		if (length)
			memcpy(out + n, text, length);
		else
			length = 1;
		n += printable(text) ? length
		     : *text == '\n' ? (size_t)sprintf(out + n, "\\n")
		     : *text == '\t' ? (size_t)sprintf(out + n, "\\t")
				     : (size_t)sprintf(out + n, "\\x%02x", (unsigned char)*text);
		text += length;
	}
	snprintf(out + n, size - n, "%s", *text ? "..." : "");
	return out;
}

int flag_refused(const char *option, const char *value, const char *cause, const char *remedy)
{
	char shown[300], why[600], try[600];

	dprintf(2, "minibox: %s %s: %s\n", option, flag_shown(value, shown, sizeof(shown)),
		flag_shown(cause, why, sizeof(why)));
	if (remedy[0])
		dprintf(2, "  try: %s\n", flag_shown(remedy, try, sizeof(try)));
	return USAGE;
}

int flag_wrong(const char *option, const char *value, const char *expected)
{
	char cause[400];

	snprintf(cause, sizeof(cause), "expected %s", expected);
	return flag_refused(option, value, cause, "minibox run --help");
}

int flag_recorded(const char *option, const char *value)
{
	sys_failure_explain();
	return flag_refused(option, value,
			    sys_failure()->cause[0] ? sys_failure()->cause
						    : strerror(sys_failure()->err),
			    sys_failure()->remedy);
}

int flag_text_ok(const char *option, const char *value)
{
	return json_can_hold(value)
		       ? -1
		       : flag_wrong(option, value,
				    "text in UTF-8: a bundle's config.json cannot hold "
				    "anything else");
}

/* Digits with at most a minus before them: strtol alone takes blanks and a plus as well. */
static bool plain_whole(const char *text, long *out)
{
	char *end;

	errno = 0;
	*out = strtol(text, &end, 10);
	return isdigit((unsigned char)text[*text == '-']) && !*end && !errno;
}

/* 0, and -1 if minus_one says so, mean that there is no limit: *out becomes 0. */
static int amount(const char *option, long least, long most, bool minus_one, long *out)
{
	char expected[120];
	long value;

	if (plain_whole(optarg, &value)) {
		if (value == 0 || (value == -1 && minus_one)) {
			*out = 0;
			return -1;
		}
		if (value >= least && value <= most) {
			*out = value;
			return -1;
		}
	}
	snprintf(expected, sizeof(expected), "a whole number from %ld to %ld, or 0%s: no limit",
		 least, most, minus_one ? " or -1" : "");
	return flag_wrong(option, optarg, expected);
}

/* A bare number is bytes, as docker has it; 0 of any unit is no limit. */
static int bytes(const char *option, int64_t most, int64_t *out)
{
	char text[64];
	size_t digits = strspn(optarg, "0123456789"), zeros = strspn(optarg, "0");
	const char *unit = optarg + digits;

	if (digits && zeros == digits && (!*unit || (!unit[1] && strchr("bkmgBKMG", *unit)))) {
		*out = 0;
		return -1;
	}
	if (snprintf(text, sizeof(text), "%s%s", optarg, digits && !*unit ? "b" : "") >=
	    (int)sizeof(text))
		return flag_wrong(option, optarg, "a whole number and b, k, m or g");
	if (parse_memory(text, most, out) == 0)
		return -1;
	/* Its remedy is about the steps' own --memory. */
	return flag_refused(option, optarg, sys_failure()->cause,
			    "a whole number and b, k, m or g (64m); 0: no limit");
}

/* The kernel takes the list or leaves it; why is said here. "" is every CPU, as without it. */
static int cpu_list(const char **list)
{
	long most = sysconf(_SC_NPROCESSORS_CONF) - 1;
	char expected[80];

	*list = *optarg ? optarg : NULL;
	if (!*list || parse_id_list(optarg, most) == 0)
		return -1;
	snprintf(expected, sizeof(expected), "a list of CPUs as 0-1,3; this machine has 0 to %ld",
		 most);
	return flag_wrong("--cpuset-cpus", optarg, expected);
}

/* Docker's "2" means two CPUs here; parse_cpu wants the point, to tell it from 2 %. Its remedy
 * names the steps' own --cpu. */
static int cpu_count(long *quota)
{
	char text[32], expected[64];
	int most = machine_cpus();
	size_t zeros = strspn(optarg, "0."), digits = strspn(optarg, "0");

	if (digits && !optarg[zeros] && strchr(optarg, '.') == strrchr(optarg, '.')) { /* 0, 0.00 */
		*quota = 0;
		return -1;
	}
	if (snprintf(text, sizeof(text), "%s%s", optarg, strchr(optarg, '.') ? "" : ".0") <
		    (int)sizeof(text) &&
	    optarg[0] && parse_cpu(text, most, quota) == 0)
		return -1;
	snprintf(expected, sizeof(expected), "a number of CPUs from 0.01 to %d, or 0: no limit",
		 most);
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
		if (amount("--cpu-shares", 2, 262144, false, &value) >= 0)
			return USAGE;
		limits->cpu_shares = (unsigned long)value;
		return -1;
	case OPT_CPUS:
		return cpu_count(&flags->cpus_quota_us);
	case OPT_CPU_PERIOD:
		return amount("--cpu-period", 1000, 1000000, false, &limits->cpu_period_us);
	case OPT_CPU_QUOTA:
		return amount("--cpu-quota", 1000, most_us, true, &limits->cpu_quota_us);
	case OPT_PIDS:
		return amount("--pids-limit", 1, machine_pid_max(), true, &limits->pids);
	default:
		return cpu_list(&limits->cpus);
	}
}

int limit_flags_check(struct run_flags *flags)
{
	struct cgroup_limits *limits = &flags->limits;

	if (flags->cpus_quota_us && (limits->cpu_quota_us || limits->cpu_period_us))
		return flag_wrong("--cpus", "with --cpu-quota or --cpu-period",
				  "one of the two ways to say it");
	if (limits->cpu_period_us && !limits->cpu_quota_us)
		return flag_wrong("--cpu-period", "alone", "--cpu-quota with it");
	if (flags->memory_swap > 0 && !limits->memory)
		return flag_wrong("--memory-swap", "alone", "-m with it");
	if (flags->memory_swap > 0 && flags->memory_swap < limits->memory)
		return flag_wrong("--memory-swap", "less than -m",
				  "memory and swap together: at least what -m says");
	if (flags->cpus_quota_us) {
		limits->cpu_quota_us = flags->cpus_quota_us;
		limits->cpu_period_us = CPU_PERIOD_US;
	}
	return -1;
}
