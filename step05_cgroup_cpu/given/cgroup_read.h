/*
 * cgroup_read.h: counters of a group (given). Parsers take text, readers the descriptor of a
 * directory. A group may end while it is read, so no failure is recorded (no SYS): the inspector
 * looks at groups of others in this way.
 *
 * A value that the kernel does not give here is -1; "no limit" is CGROUP_MAX.
 */
#pragma once

#include "cgroup_group.h"

#include <stdint.h>

#define CGROUP_MAX INT64_MAX

/* A file with one number, or "max" (CGROUP_MAX; v1's nearly 2^63 memory limits too). -1: not there
 * or not a number. */
int64_t cgroup_number(int dir, const char *file);
int64_t cgroup_number_parse(const char *text);

struct cgroup_cpu_stat {
	int64_t quota_us, period_us; /* quota CGROUP_MAX: no limit */
	int64_t shares;		     /* v1 cpu.shares, v2 cpu.weight */
	int64_t periods, throttled;  /* as cgroup_throttled() has them (cgroup_cpu.h) */
	int64_t throttled_us;
	int64_t usage_us; /* v1: from the cpuacct directory */
};

struct cgroup_memory_stat {
	int64_t current, max, peak;
	int64_t cache, anon;
	int64_t swap, swap_max; /* swap alone, also on v1 (memsw less memory) */
	int64_t failcnt;	/* v1 failcnt, v2 events "max": how often it hit the limit */
	int64_t oom, oom_kill;
};

struct cgroup_pids_stat {
	int64_t current, max, refused; /* refused: pids.events "max" */
};

struct cgroup_io_stat {
	int64_t read_bytes, write_bytes, reads, writes; /* all devices together */
};

enum cgroup_frozen { CGROUP_FREEZE_UNKNOWN = -1, CGROUP_THAWED, CGROUP_FREEZING, CGROUP_FROZEN };

/* Each fills what there is; returns 0, or -1 with errno if nothing could be read (no such
 * controller here). */
int cgroup_read_cpu(int dir, int version, struct cgroup_cpu_stat *out);
int cgroup_read_cpuacct(int dir, int version, struct cgroup_cpu_stat *out); /* usage_us only */
int cgroup_read_memory(int dir, int version, struct cgroup_memory_stat *out);
int cgroup_read_pids(int dir, int version, struct cgroup_pids_stat *out);
int cgroup_read_io(int dir, int version, struct cgroup_io_stat *out);
enum cgroup_frozen cgroup_read_frozen(int dir, int version);

/* The parsers behind them. */
void cgroup_cpu_max_parse(const char *cpu_max, struct cgroup_cpu_stat *out);
void cgroup_io_stat_parse(const char *io_stat, int version,
			  struct cgroup_io_stat *out); /* v1: blkio.throttle.io_service_bytes */
