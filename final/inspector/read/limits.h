/*
 * limits.h: the container's control group: what it uses, what it may, and what happened at the
 * limit.
 */
#pragma once

#include "final/inspector/model/model.h"
#include "step05_cgroup_cpu/given/cgroup_find.h"

/* What is kept from tick to tick, to tell growth. */
struct limits_state {
	char path[192];
	double seconds;
	int64_t usage_us, throttled, oom_kill, refused, read_bytes, write_bytes;
	int64_t quota_us;
	int frozen;
	bool known;
};

/* Chooses the group to look at: the first of these processes (init first) that is in a group
 * other than the top one and other than our own. Fills path ("" if no group is known). Returns
 * whether it is a group of the container's own. *text becomes the chosen one's /proc/PID/cgroup,
 * valid until the next call; "" if there is none. */
bool limits_choose(int procfd, const struct cgroup_host *host, const pid_t *pids, int count,
		   char *path, size_t path_size, const char **text);

/* Reads the group of this /proc/PID/cgroup text and notes what happened in the model's log.
 * rootfd: what stands for /. seconds: a monotonic clock. */
void limits_read(int rootfd, const struct cgroup_host *host, const char *text, double seconds,
		 struct limits_state *state, struct model *model);

/* The two halves of growth, for limits_read(): before the group is read, whether it is another one
 * than last time (then everything counts anew); and after it, what its counters say of the time in
 * between. -1: no such counter. */
void limits_follow(struct limits_state *state, struct model *model);
void limits_grown(int64_t usage_us, int64_t read_bytes, int64_t write_bytes, double seconds,
		  struct limits_state *state, struct model *model);
