/*
 * oom_watch.h: hear of it when the kernel kills a process of a group because memory has run out.
 */
#pragma once

#include "step05_cgroup_cpu/given/cgroup_group.h"

#include <stdbool.h>

struct oom_watch {
	int fd;	      /* to poll(2); -1: the group has no memory controller */
	short events; /* for that: POLLIN (v1), POLLPRI (v2) */
	int dir, version;
	int64_t seen;
};

/* v1: an eventfd that is registered with memory.oom_control. v2: the file memory.events, which
 * polls as POLLPRI when it changes. Returns 0, or -1 with errno, recorded. oom_watch_close() it.
 * Source: cgroup-v1/memory.rst, "OOM Control"; cgroup-v2.rst, "memory.events". */
int oom_watch_open(const struct cgroup *group, struct oom_watch *watch);

/* After poll(2): has there been one since the last call? */
bool oom_watch_happened(struct oom_watch *watch);

void oom_watch_close(struct oom_watch *watch);
