/*
 * limit_parse.h: "20%", "64m", "32": what people type (given).
 *
 * Strict, because a limit that means something else than was meant is worse than none. All return
 * 0, or -1 with errno EINVAL (no such number) or ERANGE (too small, or more than the machine has),
 * and a failure record that says what was meant by the format.
 */
#pragma once

#include <stdint.h>

enum { CPU_PERIOD_US = 100000 };

/* "20%" of one CPU, or "0.5", "1.5" CPUs (with a point); a bare "20" could mean either and is
 * refused. cpus: how many there are. *quota_us becomes the quota for a period of CPU_PERIOD_US. */
int parse_cpu(const char *text, int cpus, long *quota_us);

/* "64m": a whole number and b, k, m or g, powers of 1024. total: the machine's memory in bytes. At
 * least 1m: an exec needs about that. */
int parse_memory(const char *text, int64_t total, int64_t *bytes);

/* "32": processes and threads, at least 1. most: the machine's /proc/sys/kernel/pid_max. */
int parse_pids(const char *text, long most, long *pids);

/* "0-1,3": what cpuset.cpus and cpuset.mems take, numbers and ranges from 0 to most; nothing else,
 * no blanks either. 0, or -1 with errno EINVAL, ERANGE (beyond most) and no record: the caller
 * knows what is listed. */
int parse_id_list(const char *text, long most);

/* This machine's. */
int machine_cpus(void);
int64_t machine_memory(void);
long machine_pid_max(void);
