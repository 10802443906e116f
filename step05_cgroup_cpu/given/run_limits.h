/*
 * run_limits.h: what `-- CMD` gets from this step: a group with limits, and a cgroup namespace
 * (given).
 */
#pragma once

#include "step01_clone_pid/floor/demo/run.h"

/* In the parent, before the child is made: reads --cpu, --memory and --pids, makes the group
 * "minibox-TOKEN-run" with these limits. A host that lets us make none is no error as long as no
 * limit was asked for. Returns 0, or -1 with errno, recorded. */
int run_limit(struct run *run);

/* In the parent, while the child waits for its maps: puts it into the group. Whatever it makes from
 * then on is born in there. */
int run_join(struct run *run);

/* In the child, after that: a cgroup namespace, whose root is the group that we are in now. */
int run_hide_groups(void);
