/*
 * limit_flags.h: what the two halves of the reader of `minibox run`'s flags share.
 */
#pragma once

#include "run_flags.h"

#include "step01_clone_pid/floor/call/exit_codes.h"

enum { USAGE = EXIT_OURS }; /* docker's number for a bad command line */

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

/* "minibox: OPTION VALUE: expected ..." on standard error; what of the value is no printable text
 * is shown escaped (\n, \x1b). Returns USAGE. */
int flag_wrong(const char *option, const char *value, const char *expected);

/* The same with a sentence and a remedy of its own. */
int flag_refused(const char *option, const char *value, const char *cause, const char *remedy);

/* The same from the failure record of a piece that has judged the value. */
int flag_recorded(const char *option, const char *value);

/* text for a message, control characters and bytes that are not UTF-8 escaped, cut to what fits in
 * out. Returns out. */
const char *flag_shown(const char *text, char *out, size_t size);

/* Refuses text that config.json cannot hold: JSON is UTF-8 and nothing else. Returns -1 to go on,
 * or USAGE. */
int flag_text_ok(const char *option, const char *value);

/* Takes optarg as the value of -m, --cpus, ... (code); 0 and -1 mean "no limit" where docker has it
 * so, and the last of two counts. Returns -1 to go on, or USAGE. */
int limit_flag(struct run_flags *flags, int code);

/* What one option alone cannot know; makes --cpus a quota. The same results. */
int limit_flags_check(struct run_flags *flags);
