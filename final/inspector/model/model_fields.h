/*
 * model_fields.h: one table of fields for each struct of the model. It serves both directions, to
 * JSON and back, so that they cannot drift apart. For model_json*.c only.
 */
#pragma once

#include "model.h"

#include <stddef.h>

enum type { INT, UINT, LONG, REAL, FLAG, TEXT, LETTER, START };

/* LONG and REAL: -1 is null ("unknown"), MODEL_NO_LIMIT is "max". */
struct field {
	const char *key;
	enum type type;
	size_t offset, size;
};

#define F(structure, key, type, member)                                                            \
	{                                                                                          \
		key, type, offsetof(struct structure, member),                                     \
			sizeof(((struct structure *)0)->member)                                    \
	}
#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

static const struct field model_fields[] = {
	F(model, "clock_ms", LONG, clock),
	F(model, "interval", REAL, interval),
	F(model, "host", TEXT, host_name),
	F(model, "processes", INT, processes),
	F(model, "denied", INT, denied),
	F(model, "found", FLAG, found),
	F(model, "ended", FLAG, ended),
	F(model, "stand_in", INT, stand_in),
	F(model, "stand_in_of", TEXT, stand_in_of),
	F(model, "stand_in_name", TEXT, stand_in_name),
};
static const struct field box_fields[] = {
	F(box, "init", INT, init),  F(box, "start", START, start),
	F(box, "kind", TEXT, kind), F(box, "name", TEXT, name),
	F(box, "id", TEXT, id),	    F(box, "processes", INT, processes),
	F(box, "comm", TEXT, comm), F(box, "own_bits", UINT, own),
};
static const struct field row_fields[] = {
	F(row, "pid", INT, pid),
	F(row, "ppid", INT, ppid),
	F(row, "start", START, start),
	F(row, "comm", TEXT, comm),
	F(row, "state", LETTER, state),
	F(row, "uid", UINT, uid),
	F(row, "inside", INT, inside),
	F(row, "inside_ppid", INT, inside_ppid),
	F(row, "inside_uid", LONG, inside_uid),
	F(row, "cpu", REAL, cpu),
	F(row, "rss_kb", LONG, rss_kb),
	F(row, "shares_bits", UINT, shares),
	F(row, "born", INT, born),
	F(row, "ended", INT, ended),
	F(row, "exit_code", INT, exit_code),
};
static const struct field ns_fields[] = {
	F(ns_row, "host", UINT, host),	    F(ns_row, "inside", UINT, inside),
	F(ns_row, "members", INT, members), F(ns_row, "others", INT, others),
	F(ns_row, "who", TEXT, who),	    F(ns_row, "base", UINT, base),
};
static const struct field cgroup_fields[] = {
	F(cgroup_model, "path", TEXT, path),
	F(cgroup_model, "own", FLAG, own),
	F(cgroup_model, "cpu_there", FLAG, cpu_there),
	F(cgroup_model, "cpu", REAL, cpu),
	F(cgroup_model, "cpu_by_process", FLAG, cpu_by_process),
	F(cgroup_model, "quota", REAL, quota),
	F(cgroup_model, "tighter_quota", REAL, tighter_quota),
	F(cgroup_model, "tighter_quota_at", TEXT, tighter_quota_at),
	F(cgroup_model, "shares", LONG, shares),
	F(cgroup_model, "periods", LONG, periods),
	F(cgroup_model, "throttled", LONG, throttled),
	F(cgroup_model, "throttled_more", LONG, throttled_more),
	F(cgroup_model, "throttled_us", LONG, throttled_us),
	F(cgroup_model, "cpuset", TEXT, cpuset),
	F(cgroup_model, "peak", LONG, peak),
	F(cgroup_model, "cache", LONG, cache),
	F(cgroup_model, "anon", LONG, anon),
	F(cgroup_model, "failcnt", LONG, failcnt),
	F(cgroup_model, "oom_kill", LONG, oom_kill),
	F(cgroup_model, "refused", LONG, refused),
	F(cgroup_model, "read_rate", REAL, read_rate),
	F(cgroup_model, "write_rate", REAL, write_rate),
	F(cgroup_model, "frozen", INT, frozen),
};
static const struct field usage_fields[] = {
	F(usage, "there", FLAG, there),
	F(usage, "now", LONG, now),
	F(usage, "max", LONG, max),
	F(usage, "tighter", LONG, tighter),
	F(usage, "tighter_at", TEXT, tighter_at),
};
static const struct field id_fields[] = {
	F(identity, "known", FLAG, known),
	F(identity, "uid_map", TEXT, uid_map),
	F(identity, "gid_map", TEXT, gid_map),
	F(identity, "cap_eff", LONG, cap_eff),
	F(identity, "seccomp", INT, seccomp),
	F(identity, "no_new_privs", INT, no_new_privs),
	F(identity, "hostname", TEXT, hostname),
	F(identity, "root_fs", TEXT, root_fs),
	F(identity, "root_source", TEXT, root_source),
	F(identity, "root_read_only", FLAG, root_read_only),
};
