/*
 * cgroup_read.c: counters, from the files of either layout.
 */
#define _GNU_SOURCE
#include "cgroup_read.h"
#include "cgroup_file.h"
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 8192 };

int64_t cgroup_number_parse(const char *text)
{
	char *end;

	if (strncmp(text, "max", 3) == 0)
		return CGROUP_MAX;
	if (!isdigit((unsigned char)text[0]))
		return -1;
	errno = 0;
	int64_t number = strtoll(text, &end, 10);
	if (errno == ERANGE)
		return CGROUP_MAX;
	if (*end && !isspace((unsigned char)*end))
		return -1;
	/* v1 has no word for "no limit": it is 2^63 rounded down to a page. */
	return number >= INT64_MAX - 65536 ? CGROUP_MAX : number;
}

int64_t cgroup_number(int dir, const char *file)
{
	char text[64];

	return read_file_at(dir, file, text, sizeof(text)) > 0 ? cgroup_number_parse(text) : -1;
}

/* A flat-keyed file whole; "" if it is not there. */
static const char *read_text(int dir, const char *file, char *text)
{
	if (read_file_at(dir, file, text, TEXT_SIZE) < 0)
		text[0] = '\0';
	return text;
}

/* ---- cpu ---- */

void cgroup_cpu_max_parse(const char *text, struct cgroup_cpu_stat *out)
{
	const char *blank = strchr(text, ' ');
	char quota[32];

	snprintf(quota, sizeof(quota), "%.*s", blank ? (int)(blank - text) : 31, text);
	out->quota_us = cgroup_number_parse(quota);
	out->period_us = blank ? cgroup_number_parse(blank + 1) : -1;
}

int cgroup_read_cpu(int dir, int version, struct cgroup_cpu_stat *out)
{
	char text[TEXT_SIZE];
	struct cgroup_throttling counted;

	*out = (struct cgroup_cpu_stat){ -1, -1, -1, -1, -1, -1, -1 };
	/* v2's cpu.stat is there without the controller too, and says how much was used. */
	if (version == 2 && cgroup_read_cpuacct(dir, version, out) < 0)
		return -1;
	if (cgroup_throttled(dir, version, &counted) == 0) {
		out->periods = counted.periods;
		out->throttled = counted.throttled;
		out->throttled_us = counted.throttled_us;
	} else if (version == 1) {
		return -1;
	}
	if (version == 2) {
		if (read_file_at(dir, "cpu.max", text, sizeof(text)) > 0)
			cgroup_cpu_max_parse(text, out);
		out->shares = cgroup_number(dir, "cpu.weight");
		return 0;
	}
	out->period_us = cgroup_number(dir, "cpu.cfs_period_us");
	out->shares = cgroup_number(dir, "cpu.shares");
	if (read_file_at(dir, "cpu.cfs_quota_us", text, sizeof(text)) > 0)
		out->quota_us = text[0] == '-' ? CGROUP_MAX : cgroup_number_parse(text);
	return 0;
}

int cgroup_read_cpuacct(int dir, int version, struct cgroup_cpu_stat *out)
{
	char text[TEXT_SIZE];

	if (version == 2) {
		if (read_file_at(dir, "cpu.stat", text, sizeof(text)) < 0)
			return -1;
		out->usage_us = cgroup_key(text, "usage_usec");
		return 0;
	}
	int64_t ns = cgroup_number(dir, "cpuacct.usage");
	out->usage_us = ns < 0 ? -1 : ns / 1000;
	return ns < 0 ? -1 : 0;
}

/* ---- memory ---- */

static void memory_v1(int dir, struct cgroup_memory_stat *out)
{
	char text[TEXT_SIZE];
	int64_t both = cgroup_number(dir, "memory.memsw.usage_in_bytes");
	int64_t both_max = cgroup_number(dir, "memory.memsw.limit_in_bytes");

	out->max = cgroup_number(dir, "memory.limit_in_bytes");
	out->peak = cgroup_number(dir, "memory.max_usage_in_bytes");
	out->failcnt = cgroup_number(dir, "memory.failcnt");
	read_text(dir, "memory.stat", text);
	out->cache = cgroup_key(text, "total_cache");
	out->anon = cgroup_key(text, "total_rss");
	out->oom_kill = cgroup_key(read_text(dir, "memory.oom_control", text), "oom_kill");
	if (both >= 0 && out->current >= 0)
		out->swap = both > out->current ? both - out->current : 0;
	if (both_max >= 0 && out->max >= 0)
		out->swap_max = both_max == CGROUP_MAX ? CGROUP_MAX : both_max - out->max;
}

static void memory_v2(int dir, struct cgroup_memory_stat *out)
{
	char text[TEXT_SIZE];

	out->max = cgroup_number(dir, "memory.max");
	out->peak = cgroup_number(dir, "memory.peak"); /* since 5.19 */
	out->swap = cgroup_number(dir, "memory.swap.current");
	out->swap_max = cgroup_number(dir, "memory.swap.max");
	read_text(dir, "memory.stat", text);
	out->cache = cgroup_key(text, "file");
	out->anon = cgroup_key(text, "anon");
	read_text(dir, "memory.events", text);
	out->failcnt = cgroup_key(text, "max");
	out->oom = cgroup_key(text, "oom");
	out->oom_kill = cgroup_key(text, "oom_kill");
}

int cgroup_read_memory(int dir, int version, struct cgroup_memory_stat *out)
{
	*out = (struct cgroup_memory_stat){ -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 };
	out->current = cgroup_number(dir,
				     version == 1 ? "memory.usage_in_bytes" : "memory.current");
	if (version == 1)
		memory_v1(dir, out);
	else
		memory_v2(dir, out);
	if (out->current >= 0 || out->anon >= 0) /* v2's topmost group has memory.stat only */
		return 0;
	errno = ENOENT;
	return -1;
}

/* ---- pids, io, freezer ---- */

int cgroup_read_pids(int dir, int version, struct cgroup_pids_stat *out)
{
	char text[TEXT_SIZE];

	(void)version;
	out->current = cgroup_number(dir, "pids.current");
	out->max = cgroup_number(dir, "pids.max");
	out->refused = cgroup_key(read_text(dir, "pids.events", text), "max");
	return out->current < 0 ? -1 : 0;
}

/* v1: "8:0 Read 4096", one count a line; v2: "8:0 rbytes=4096 wbytes=0 rios=1 ...". */
static void add_io_line(char *line, int version, struct cgroup_io_stat *out)
{
	char *save, *word = strtok_r(line, " ", &save);

	if (!word || !strchr(word, ':'))
		return; /* v1's "Total" */
	while ((word = strtok_r(NULL, " ", &save))) {
		char *value = version == 2 ? strchr(word, '=') : strtok_r(NULL, " ", &save);
		int64_t number = value ? strtoll(value + (version == 2), NULL, 10) : 0;
		if (strncmp(word, "rbytes=", 7) == 0 || strcmp(word, "Read") == 0)
			out->read_bytes += number;
		else if (strncmp(word, "wbytes=", 7) == 0 || strcmp(word, "Write") == 0)
			out->write_bytes += number;
		else if (strncmp(word, "rios=", 5) == 0)
			out->reads += number;
		else if (strncmp(word, "wios=", 5) == 0)
			out->writes += number;
	}
}

void cgroup_io_stat_parse(const char *text, int version, struct cgroup_io_stat *out)
{
	char line[512]; /* a device and six counters */

	*out = (struct cgroup_io_stat){ 0 };
	for (size_t n; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		add_io_line(line, version, out);
	}
}

/* A line a device: a host may have hundreds. */
static int read_io_file(int dir, const char *file, int version, struct cgroup_io_stat *out)
{
	char *text = read_whole_at(dir, file, NULL);

	if (!text)
		return -1;
	cgroup_io_stat_parse(text, version, out);
	free(text);
	return 0;
}

int cgroup_read_io(int dir, int version, struct cgroup_io_stat *out)
{
	struct cgroup_io_stat operations;

	*out = (struct cgroup_io_stat){ -1, -1, -1, -1 };
	if (read_io_file(dir, version == 2 ? "io.stat" : "blkio.throttle.io_service_bytes", version,
			 out) < 0)
		return -1;
	if (version == 1 &&
	    read_io_file(dir, "blkio.throttle.io_serviced", version, &operations) == 0) {
		out->reads = operations.read_bytes;
		out->writes = operations.write_bytes;
	}
	return 0;
}

enum cgroup_frozen cgroup_read_frozen(int dir, int version)
{
	char text[TEXT_SIZE];

	if (version == 2) {
		int64_t asked = cgroup_number(dir, "cgroup.freeze");
		int64_t is = cgroup_key(read_text(dir, "cgroup.events", text), "frozen");
		return asked < 0 || is < 0 ? CGROUP_FREEZE_UNKNOWN
		       : is		   ? CGROUP_FROZEN
		       : asked		   ? CGROUP_FREEZING
					   : CGROUP_THAWED;
	}
	read_text(dir, "freezer.state", text);
	return strncmp(text, "FROZEN", 6) == 0	   ? CGROUP_FROZEN
	       : strncmp(text, "FREEZING", 8) == 0 ? CGROUP_FREEZING
	       : strncmp(text, "THAWED", 6) == 0   ? CGROUP_THAWED
						   : CGROUP_FREEZE_UNKNOWN;
}
