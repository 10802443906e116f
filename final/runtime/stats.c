/*
 * stats.c: the files of a group become numbers of JSON.
 */
#define _GNU_SOURCE
#include "stats.h"

#include "step01_clone_pid/floor/meet/procfs.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct json_object json;

enum { NS_PER_US = 1000 };

static void put(json *object, const char *name, json *value)
{
	json_object_object_add(object, name, value);
}

static json *object_in(json *object, const char *name)
{
	json *inner = json_object_new_object();

	put(object, name, inner);
	return inner;
}

/* A number that the kernel does not give is left out. */
static void put_number(json *object, const char *name, int64_t number)
{
	if (number == CGROUP_MAX)
		put(object, name, json_object_new_uint64(UINT64_MAX));
	else if (number >= 0)
		put(object, name, json_object_new_int64(number));
}

static char *text_of(int dir, const char *file)
{
	return read_whole_at(dir, file, NULL);
}

/* ---- cpu ---- */

static void put_each_cpu(json *usage, int dir)
{
	char *text = text_of(dir, "cpuacct.usage_percpu"), *end = text;

	if (!text)
		return;
	json *list = json_object_new_array();
	for (char *at = text;; at = end) {
		unsigned long long ns = strtoull(at, &end, 10);
		if (end == at)
			break;
		json_object_array_add(list, json_object_new_int64((int64_t)ns));
	}
	put(usage, "percpu", list);
	free(text);
}

static void put_usage_v1(json *usage, int dir)
{
	put_number(usage, "total", cgroup_number(dir, "cpuacct.usage"));
	put_number(usage, "kernel", cgroup_number(dir, "cpuacct.usage_sys"));
	put_number(usage, "user", cgroup_number(dir, "cpuacct.usage_user"));
	put_each_cpu(usage, dir);
}

static void put_us(json *object, const char *name, const char *text, const char *key)
{
	int64_t us = cgroup_key(text, key);

	put_number(object, name, us < 0 ? us : us * NS_PER_US);
}

static void put_usage_v2(json *usage, int dir)
{
	char *text = text_of(dir, "cpu.stat");

	if (!text)
		return;
	put_us(usage, "total", text, "usage_usec");
	put_us(usage, "kernel", text, "system_usec");
	put_us(usage, "user", text, "user_usec");
	free(text);
}

static void put_cpu(json *data, const struct cgroup *group)
{
	const struct cgroup_part *account = group_part(group, CG_CPUACCT);
	const struct cgroup_part *limit = group_part(group, CG_CPU);
	struct cgroup_cpu_stat stat;
	json *cpu = object_in(data, "cpu"), *usage = object_in(cpu, "usage");

	if (account && account->version == 2)
		put_usage_v2(usage, account->dir);
	else if (account)
		put_usage_v1(usage, account->dir);
	if (!limit || cgroup_read_cpu(limit->dir, limit->version, &stat) < 0)
		return;
	json *throttling = object_in(cpu, "throttling");
	put_number(throttling, "periods", stat.periods);
	put_number(throttling, "throttledPeriods", stat.throttled);
	put_number(throttling, "throttledTime",
		   stat.throttled_us < 0 ? -1 : stat.throttled_us * NS_PER_US);
}

/* ---- memory ---- */

/* "KEY VALUE" lines. */
static void put_keys(json *object, int dir, const char *file)
{
	char *text = text_of(dir, file), *rest = text, *line;

	while (text && (line = strsep(&rest, "\n"))) {
		char *key = strsep(&line, " ");
		if (line && *key)
			put_number(object, key, atoll(line));
	}
	free(text);
}

static void put_one_memory(json *memory, const char *name, int dir, const char *prefix)
{
	static const char *const files[][2] = { { "limit", "limit_in_bytes" },
						{ "usage", "usage_in_bytes" },
						{ "max", "max_usage_in_bytes" },
						{ "failcnt", "failcnt" } };
	char file[64];

	snprintf(file, sizeof(file), "%s.usage_in_bytes", prefix);
	if (!cgroup_has(dir, file))
		return;
	json *one = object_in(memory, name);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(file, sizeof(file), "%s.%s", prefix, files[i][1]);
		put_number(one, files[i][0], cgroup_number(dir, file));
	}
}

static void put_memory_v2(json *memory, int dir)
{
	json *usage = object_in(memory, "usage");

	put_number(usage, "limit", cgroup_number(dir, "memory.max"));
	put_number(usage, "usage", cgroup_number(dir, "memory.current"));
	put_number(usage, "max", cgroup_number(dir, "memory.peak"));
	if (!cgroup_has(dir, "memory.swap.max"))
		return;
	json *swap = object_in(memory, "swap");
	put_number(swap, "limit", cgroup_number(dir, "memory.swap.max"));
	put_number(swap, "usage", cgroup_number(dir, "memory.swap.current"));
}

static void put_memory(json *data, const struct cgroup *group)
{
	const struct cgroup_part *part = group_part(group, CG_MEMORY);
	struct cgroup_memory_stat stat;

	if (!part)
		return;
	json *memory = object_in(data, "memory");
	if (cgroup_read_memory(part->dir, part->version, &stat) == 0)
		put_number(memory, "cache", stat.cache);
	if (part->version == 2) {
		put_memory_v2(memory, part->dir);
	} else {
		put_one_memory(memory, "usage", part->dir, "memory");
		put_one_memory(memory, "swap", part->dir, "memory.memsw");
		put_one_memory(memory, "kernel", part->dir, "memory.kmem");
		put_one_memory(memory, "kernelTCP", part->dir, "memory.kmem.tcp");
	}
	put_keys(object_in(memory, "raw"), part->dir, "memory.stat");
}

/* ---- pids, block devices ---- */

static void put_pids(json *data, const struct cgroup *group)
{
	const struct cgroup_part *part = group_part(group, CG_PIDS);
	int64_t limit;

	if (!part)
		return;
	json *pids = object_in(data, "pids");
	put_number(pids, "current", cgroup_number(part->dir, "pids.current"));
	limit = cgroup_number(part->dir, "pids.max");
	put_number(pids, "limit", limit == CGROUP_MAX ? 0 : limit); /* runc's word for none */
}

static void put_entry(json *list, unsigned major, unsigned minor, const char *op, int64_t value)
{
	json *entry = json_object_new_object();

	put(entry, "major", json_object_new_int64(major));
	put(entry, "minor", json_object_new_int64(minor));
	put(entry, "op", json_object_new_string(op));
	put(entry, "value", json_object_new_int64(value));
	json_object_array_add(list, entry);
}

/* "8:0 Read 4096" */
static void put_io_v1(json *blkio, const char *name, int dir, const char *file)
{
	char *text = text_of(dir, file), *rest = text, *line;
	json *list = json_object_new_array();

	while (text && (line = strsep(&rest, "\n"))) {
		unsigned major, minor;
		char op[16];
		long long value;
		if (sscanf(line, "%u:%u %15s %lld", &major, &minor, op, &value) == 4)
			put_entry(list, major, minor, op, value);
	}
	free(text);
	put(blkio, name, list);
}

/* "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 ..." */
static void put_io_v2(json *blkio, int dir)
{
	static const char *const names[][2] = {
		{ "rbytes", "Read" }, { "wbytes", "Write" }, { "rios", "Read" }, { "wios", "Write" }
	};
	char *text = text_of(dir, "io.stat"), *rest = text, *line;
	json *bytes = json_object_new_array(), *operations = json_object_new_array();

	while (text && (line = strsep(&rest, "\n"))) {
		unsigned major, minor;
		int length = 0;
		if (sscanf(line, "%u:%u %n", &major, &minor, &length) < 2)
			continue;
		for (char *word, *words = line + length; (word = strsep(&words, " "));)
			for (int i = 0; i < 4; i++) {
				size_t n = strlen(names[i][0]);
				if (strncmp(word, names[i][0], n) == 0 && word[n] == '=')
					put_entry(i < 2 ? bytes : operations, major, minor,
						  names[i][1], atoll(word + n + 1));
			}
	}
	free(text);
	put(blkio, "ioServiceBytesRecursive", bytes);
	put(blkio, "ioServicedRecursive", operations);
}

static void put_io(json *data, const struct cgroup *group)
{
	const struct cgroup_part *part = group_part(group, CG_IO);

	if (!part)
		return;
	json *blkio = object_in(data, "blkio");
	if (part->version == 2) {
		put_io_v2(blkio, part->dir);
		return;
	}
	put_io_v1(blkio, "ioServiceBytesRecursive", part->dir, "blkio.throttle.io_service_bytes");
	put_io_v1(blkio, "ioServicedRecursive", part->dir, "blkio.throttle.io_serviced");
}

struct json_object *stats_of(const struct cgroup *group)
{
	json *data = json_object_new_object();

	if (!data)
		return NULL;
	put_cpu(data, group);
	put_memory(data, group);
	put_pids(data, group);
	put_io(data, group);
	return data;
}
