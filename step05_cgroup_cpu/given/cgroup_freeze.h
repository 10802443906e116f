/*
 * cgroup_freeze.h: stopping a whole group, and what it cannot notice (given).
 */
#pragma once

#include <stdbool.h>

/* Freezes (or thaws) every process of the group, at once and for all below it, and waits until the
 * kernel says that it is done, timeout_ms at most. dir, version: the directory of CG_FREEZER. v1:
 * "FROZEN" to freezer.state, which reads FREEZING meanwhile; a frozen process does not even die
 * before THAWED. v2: 1 to cgroup.freeze, then "frozen 1" in cgroup.events; a SIGKILL works at once.
 * Returns 0, or -1 with errno: ETIMEDOUT (a process sits in an uninterruptible sleep), ENOENT,
 * EACCES, EBUSY. */
int cgroup_freeze(int dir, int version, bool freeze, int timeout_ms);
