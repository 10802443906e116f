/*
 * limit_flags.h: what the two halves of the reader of `minibox run`'s flags share.
 */
#pragma once

#include "run_flags.h"

enum { USAGE = 125 };

enum code {
	OPT_ROOT = 256,
	OPT_ROOTFS,
	OPT_EXPLAIN,
	OPT_HELP,
	OPT_INIT,
	OPT_NAME,
	OPT_NETWORK,
	OPT_READ_ONLY,
	OPT_RM,
	OPT_CPUS,
	OPT_CPU_PERIOD,
	OPT_CPU_QUOTA,
	OPT_CPUSET,
	OPT_PIDS,
	OPT_SWAP,
};

/* "minibox: OPTION VALUE: expected ..." on standard error. Returns USAGE. */
int flag_wrong(const char *option, const char *value, const char *expected);

/* The same from the failure record of a piece that has parsed the value. */
int flag_recorded(const char *option);

/* Takes optarg as the value of -m, --cpus, ... (code). Returns -1 to go on, or USAGE. */
int limit_flag(struct run_flags *flags, int code);

/* What one option alone cannot know. The same results. */
int limit_flags_check(const struct run_flags *flags);
