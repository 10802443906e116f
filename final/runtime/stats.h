/*
 * stats.h: what a group has used, as runc's `events --stats` writes it.
 */
#pragma once

#include "step05_cgroup_cpu/given/cgroup_group.h"

struct json_object;

/* The object "data": cpu, memory, pids, blkio, as far as the group has their controllers
 * (group_learn() must have been called). Times are nanoseconds, sizes bytes; no limit is the
 * largest number. The caller frees it by json_object_put(). NULL with ENOMEM. */
struct json_object *stats_of(const struct cgroup *group);
