/*
 * run_flags.c: reading and checking the flags of `minibox run`.
 */
#define _GNU_SOURCE
#include "run_flags.h"

#include "step01_clone_pid/floor/sys.h"
#include "step05_cgroup_cpu/limit_parse.h"
#include "step07_volumes/volumes.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USAGE = 125 };

enum code {
	OPT_ROOT = 256,
	OPT_ROOTFS,
	OPT_EXPLAIN,
	OPT_HELP,
	OPT_INIT,
	OPT_NETWORK,
	OPT_READ_ONLY,
	OPT_RM,
	OPT_CPUS,
	OPT_CPU_PERIOD,
	OPT_CPU_QUOTA,
	OPT_CPUSET,
	OPT_PIDS,
};

static const struct option options[] = {
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "rootfs", required_argument, NULL, OPT_ROOTFS },
	{ "explain", no_argument, NULL, OPT_EXPLAIN },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "init", no_argument, NULL, OPT_INIT },
	{ "network", required_argument, NULL, OPT_NETWORK },
	{ "read-only", no_argument, NULL, OPT_READ_ONLY },
	{ "rm", no_argument, NULL, OPT_RM },
	{ "interactive", no_argument, NULL, 'i' },
	{ "tty", no_argument, NULL, 't' },
	{ "hostname", required_argument, NULL, 'h' },
	{ "env", required_argument, NULL, 'e' },
	{ "workdir", required_argument, NULL, 'w' },
	{ "volume", required_argument, NULL, 'v' },
	{ "memory", required_argument, NULL, 'm' },
	{ "cpu-shares", required_argument, NULL, 'c' },
	{ "cpus", required_argument, NULL, OPT_CPUS },
	{ "cpu-period", required_argument, NULL, OPT_CPU_PERIOD },
	{ "cpu-quota", required_argument, NULL, OPT_CPU_QUOTA },
	{ "cpuset-cpus", required_argument, NULL, OPT_CPUSET },
	{ "pids-limit", required_argument, NULL, OPT_PIDS },
	{ NULL, 0, NULL, 0 },
};

static void help(void)
{
	puts("minibox run [OPTIONS] IMAGE [COMMAND [ARG...]]\n"
	     "\n"
	     "  -h, --hostname NAME     host name inside (default: the container's short id)\n"
	     "  -e, --env NAME[=VALUE]  a variable; without a value it is taken over from here\n"
	     "  -w, --workdir DIR       working directory inside\n"
	     "  -v, --volume [SRC:]DST[:ro]   a volume: a path, a name, or a new anonymous one\n"
	     "      --cpus N            of N CPUs (0.5), or --cpu-quota US with --cpu-period US\n"
	     "  -c, --cpu-shares N      share of a contended CPU, 1024 is one\n"
	     "      --cpuset-cpus LIST  only on these CPUs (0-1,3)\n"
	     "  -m, --memory SIZE       memory limit: 64m, 1g\n"
	     "      --pids-limit N      most processes and threads\n"
	     "      --init              PID 1 is an init that reaps and forwards signals\n"
	     "      --network host|none the host's network (default), or only a loopback\n"
	     "      --read-only         the root file system is read-only\n"
	     "      --rootfs DIR        a directory instead of an image; it is not written to\n"
	     "      --root DIR          where minibox keeps its state\n"
	     "      --explain           every system call as it happens, on standard error\n"
	     "  -i, -t, --rm            accepted: the terminal is yours, and nothing stays, in any "
	     "case\n"
	     "\n"
	     "Exit status: the command's; 128 + signal; 125 minibox failed, 126 cannot run, 127 "
	     "not found.");
}

static int wrong(const char *option, const char *value, const char *expected)
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
	return wrong(option, text, expected);
}

static int recorded(const char *option)
{
	sys_failure_explain();
	dprintf(2, "minibox: %s %s: %s\n", option, sys_failure()->subject, sys_failure()->cause);
	if (sys_failure()->remedy[0])
		dprintf(2, "  try: %s\n", sys_failure()->remedy);
	return USAGE;
}

static int limit(struct run_flags *flags, int code)
{
	struct cgroup_limits *limits = &flags->limits;
	long value, most_us = 1000000L * machine_cpus();
	char cpus[32];

	switch (code) {
	case 'm':
		return parse_memory(optarg, machine_memory(), &limits->memory) < 0
			       ? recorded("--memory")
			       : -1;
	case 'c':
		if (whole_number("--cpu-shares", optarg, 2, 262144, &value) >= 0)
			return USAGE;
		limits->cpu_shares = (unsigned long)value;
		return -1;
	case OPT_CPUS:
		/* Docker's "2" means two CPUs here; parse_cpu wants the point, to tell it from 2 %.
		 */
		snprintf(cpus, sizeof(cpus), "%s%s", optarg, strchr(optarg, '.') ? "" : ".0");
		limits->cpu_period_us = CPU_PERIOD_US;
		return parse_cpu(cpus, machine_cpus(), &limits->cpu_quota_us) < 0
			       ? recorded("--cpus")
			       : -1;
	case OPT_CPU_PERIOD:
		return whole_number("--cpu-period", optarg, 1000, 1000000, &limits->cpu_period_us);
	case OPT_CPU_QUOTA:
		return whole_number("--cpu-quota", optarg, 1000, most_us, &limits->cpu_quota_us);
	case OPT_PIDS:
		return whole_number("--pids-limit", optarg, 1, machine_pid_max(), &limits->pids);
	default:
		limits->cpus = optarg;
		if (!optarg[0] || optarg[strspn(optarg, "0123456789-,")])
			return wrong("--cpuset-cpus", optarg, "a list of CPUs: 0-1,3");
		return -1;
	}
}

static int add(const char *option, const char *list[], int *count, const char *value)
{
	if (*count == RUN_MANY)
		return wrong(option, value, "at most 64 of them");
	list[(*count)++] = value;
	return -1;
}

static int volume(struct run_flags *flags)
{
	static struct volume parsed;

	if (volume_parse(optarg, &parsed) < 0)
		return recorded("-v");
	return add("-v", flags->volumes, &flags->volume_count, optarg);
}

static int one(struct run_flags *flags, int code)
{
	switch (code) {
	case OPT_HELP:
		help();
		return 0;
	case OPT_ROOT:
		flags->root = optarg;
		return -1;
	case OPT_ROOTFS:
		flags->rootfs = optarg;
		return -1;
	case OPT_EXPLAIN:
		flags->explain = true;
		return -1;
	case OPT_INIT:
		flags->init = true;
		return -1;
	case OPT_READ_ONLY:
		flags->read_only = true;
		return -1;
	case OPT_RM:
	case 'i':
	case 't':
		return -1;
	case OPT_NETWORK:
		flags->own_network = strcmp(optarg, "none") == 0;
		return flags->own_network || strcmp(optarg, "host") == 0
			       ? -1
			       : wrong("--network", optarg, "host or none");
	case 'h':
		flags->hostname = optarg;
		return strlen(optarg) <= 64 && optarg[0]
			       ? -1
			       : wrong("--hostname", optarg, "1 to 64 bytes (sethostname(2))");
	case 'w':
		flags->workdir = optarg;
		return optarg[0] == '/' ? -1
					: wrong("--workdir", optarg, "an absolute path inside");
	case 'e':
		return optarg[0] && optarg[0] != '=' ? add("-e", flags->env, &flags->envs, optarg)
						     : wrong("-e", optarg, "NAME or NAME=VALUE");
	case 'v':
		return volume(flags);
	default:
		return limit(flags, code);
	}
}

int run_flags_parse(int argc, char **argv, struct run_flags *flags)
{
	int code, status = -1;

	opterr = 0;
	optind = 1;
	while (status < 0 &&
	       (code = getopt_long(argc, argv, "+:h:e:w:v:m:c:it", options, NULL)) != -1) {
		if (code == '?' || code == ':') {
			dprintf(2, "minibox: run: %s: %s\n  try: minibox run --help\n",
				code == '?' ? "unknown option" : "this option needs a value",
				argv[optind - 1]);
			return USAGE;
		}
		status = one(flags, code);
	}
	if (status >= 0)
		return status;
	if (!flags->rootfs) {
		if (optind == argc)
			return dprintf(2, "minibox: run: no image named\n  try: minibox run "
					  "busybox\n"),
			       USAGE;
		flags->image = argv[optind++];
	}
	if (optind < argc && !argv[optind][0])
		return dprintf(2, "minibox: run: the command is empty\n  try: minibox run busybox "
				  "sh\n"),
		       USAGE;
	flags->command = optind < argc ? argv + optind : NULL;
	if (flags->limits.cpu_period_us && !flags->limits.cpu_quota_us)
		return wrong("--cpu-period", "alone", "--cpu-quota with it");
	return -1;
}
