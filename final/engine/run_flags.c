/*
 * run_flags.c: reading and checking the flags of `minibox run`.
 */
#define _GNU_SOURCE
#include "run_flags.h"
#include "docker_flags.h"
#include "limit_flags.h"
#include "volume_flags.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step07_volumes/given/volume_text.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option options[] = {
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "rootfs", required_argument, NULL, OPT_ROOTFS },
	/* Optional: docker takes --rm=true as well. */
	{ "explain", optional_argument, NULL, OPT_EXPLAIN },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "init", optional_argument, NULL, OPT_INIT },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "network", required_argument, NULL, OPT_NETWORK },
	{ "net", required_argument, NULL, OPT_NETWORK },
	{ "read-only", optional_argument, NULL, OPT_READ_ONLY },
	{ "rm", optional_argument, NULL, OPT_RM },
	{ "interactive", optional_argument, NULL, 'i' },
	{ "tty", optional_argument, NULL, 't' },
	{ "hostname", required_argument, NULL, 'h' },
	{ "env", required_argument, NULL, 'e' },
	{ "workdir", required_argument, NULL, 'w' },
	{ "volume", required_argument, NULL, 'v' },
	{ "memory", required_argument, NULL, 'm' },
	{ "memory-swap", required_argument, NULL, OPT_SWAP },
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
	     "  -v, --volume [SRC:]DST[:ro]   a path of the host, a volume's name (it stays),\n"
	     "                          or a new volume that goes with the container\n"
	     "      --cpus N            of N CPUs (0.5), or --cpu-quota US with --cpu-period US\n"
	     "  -c, --cpu-shares N      share of a contended CPU, 1024 is one\n"
	     "      --cpuset-cpus LIST  only on these CPUs (0-1,3)\n"
	     "  -m, --memory SIZE       memory limit: 64m, 1g, or bytes\n"
	     "      --memory-swap SIZE  memory and swap together (default: twice -m); -1: any "
	     "swap\n"
	     "      --pids-limit N      most processes and threads\n"
	     "      --init              PID 1 is an init that reaps and forwards signals\n"
	     "      --name NAME         a name that no other container has\n"
	     "      --network host|none the host's network (default), or only a loopback\n"
	     "      --read-only         the root file system is read-only\n"
	     "      --rootfs DIR        a directory instead of an image; it is not written to\n"
	     "      --root DIR          where minibox keeps its state\n"
	     "      --explain           every system call as it happens, on standard error\n"
	     "  -t, --tty               a terminal of its own, and -i, --interactive: your "
	     "input.\n"
	     "                          Both without being said where you are at a terminal\n"
	     "      --rm                accepted: nothing stays, in any case\n"
	     "\n"
	     "Exit status: the command's; 128 + signal; 125 minibox failed, 126 cannot run, 127 "
	     "not found.");
}

static int variable(struct run_flags *flags)
{
	const char *own = strchr(optarg, '=') ? NULL : getenv(optarg);

	if (!optarg[0] || optarg[0] == '=')
		return flag_wrong("-e", optarg, "NAME or NAME=VALUE");
	flags->env[flags->envs++] = optarg;
	return own && flag_text_ok(optarg, own) >= 0 ? USAGE : flag_text_ok("-e", optarg);
}

/* -h: what sethostname(2) takes, and what can be shown in a prompt. */
static int hostname(struct run_flags *flags)
{
	flags->hostname = optarg;
	for (const char *c = optarg; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return flag_wrong("--hostname", optarg,
					  "a name without blanks and control characters");
	if (!optarg[0] || strlen(optarg) > 64)
		return flag_wrong("--hostname", optarg, "1 to 64 bytes (sethostname(2))");
	return flag_text_ok("--hostname", optarg);
}

static int workdir(struct run_flags *flags)
{
	flags->workdir = optarg;
	if (optarg[0] != '/')
		return flag_wrong("--workdir", optarg, "an absolute path inside");
	if (strlen(optarg) >= PATH_MAX)
		return flag_wrong("--workdir", optarg, "a path of less than 4096 bytes");
	return flag_text_ok("--workdir", optarg);
}

static int directory(const char *option, const char **out)
{
	*out = optarg;
	return *optarg ? -1 : flag_wrong(option, optarg, "a directory");
}

/* --rm, --rm=true, --rm=false */
static int yes_or_no(const char *option, bool *out)
{
	*out = !optarg || strcmp(optarg, "true") == 0;
	return *out || strcmp(optarg, "false") == 0 ? -1
						    : flag_wrong(option, optarg, "true or false");
}

static int maybe(const char *option, int *out)
{
	bool yes;
	int result = yes_or_no(option, &yes);

	*out = yes;
	return result;
}

static int keep(void)
{
	return flag_wrong("--rm", optarg, "true: a container here goes with its command");
}

static int one(struct run_flags *flags, int code)
{
	bool ignored;

	switch (code) {
	case OPT_HELP:
		help();
		return 0;
	case OPT_ROOT:
		return directory("--root", &flags->root);
	case OPT_ROOTFS:
		return directory("--rootfs", &flags->rootfs);
	case OPT_EXPLAIN:
		return yes_or_no("--explain", &flags->explain);
	case OPT_INIT:
		return yes_or_no("--init", &flags->init);
	case OPT_READ_ONLY:
		return yes_or_no("--read-only", &flags->read_only);
	case OPT_RM:
		return yes_or_no("--rm", &ignored) >= 0 ? USAGE : ignored ? -1 : keep();
	case 'i':
		return maybe("--interactive", &flags->interactive);
	case 't':
		return maybe("--tty", &flags->terminal);
	case OPT_NAME:
		flags->name = optarg;
		return volume_name_ok(optarg)
			       ? -1
			       : flag_wrong("--name", optarg,
					    "two or more letters, digits, '_', '.', '-', "
					    "the first a letter or a digit");
	case OPT_NETWORK:
		flags->own_network = strcmp(optarg, "none") == 0;
		return flags->own_network || strcmp(optarg, "host") == 0
			       ? -1
			       : flag_wrong("--network", optarg,
					    "host or none (minibox makes no bridge for its "
					    "containers)");
	case 'h':
		return hostname(flags);
	case 'w':
		return workdir(flags);
	case 'e':
		return variable(flags);
	case 'v':
		return volume_flag(flags);
	default:
		return limit_flag(flags, code);
	}
}

static int no_value(const char *word)
{
	char shown[120];

	dprintf(2, "minibox: run: this option needs a value: %s\n  try: minibox run --help\n",
		flag_shown(word, shown, sizeof(shown)));
	return USAGE;
}

/* word: the one before where getopt stands, which is not the unknown one's where that is inside
 * "-dit": but of a letter getopt says which. */
static int unknown(const char *word)
{
	char name[64], shown[120];

	if (optopt > 0 && optopt < 256)
		snprintf(name, sizeof(name), "-%c", optopt);
	else
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	const struct docker_flag *known = docker_flag(name);
	if (known)
		dprintf(2, "minibox: run: docker has %s, minibox does not: %s\n  try: %s\n", name,
			known->why, known->instead);
	else
		dprintf(2, "minibox: run: unknown option: %s\n  try: minibox run --help\n",
			flag_shown(name, shown, sizeof(shown)));
	return USAGE;
}

int run_flags_parse(int argc, char **argv, struct run_flags *flags)
{
	int code, status = -1;

	flags->terminal = flags->interactive = -1;
	/* No more of each than there are words. */
	flags->env = calloc((size_t)argc, sizeof(*flags->env));
	flags->volumes = calloc((size_t)argc, sizeof(struct run_volume *));
	if (!flags->env || !flags->volumes)
		return flag_wrong("minibox", "run", "more memory");
	opterr = 0;
	optind = 1;
	while (status < 0 &&
	       (code = getopt_long(argc, argv, "+:h:e:w:v:m:c:it", options, NULL)) != -1) {
		status = code == '?'   ? unknown(argv[optind - 1])
			 : code == ':' ? no_value(argv[optind - 1])
				       : one(flags, code);
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
	for (int i = optind; i < argc; i++)
		if (flag_text_ok("COMMAND", argv[i]) >= 0)
			return USAGE;
	return limit_flags_check(flags);
}
