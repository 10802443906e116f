/*
 * exec_group.h: where in a container's group a process of exec begins.
 */
#pragma once

#include "step05_cgroup_cpu/given/cgroup_group.h"

/* Goes down in the container's group: each of places is a path below it, "/sub", or on version 1
 * "CONTROLLER,CONTROLLER:/sub" for the trees of these controllers. Ends with NULL. The group must have
 * been learnt (group_learn()). Returns 0, or -1 with errno, recorded: ENOENT, there is no such group;
 * EINVAL, no such controller, or a path that leads out (openat2(2), RESOLVE_BENEATH). */
int exec_group_enter(struct cgroup *group, const char *const places[]);

/* Moves the caller in. A group of version 2 that hands controllers down takes no process of its own
 * (EBUSY): then it is the one below it in which init is. Returns 0, or -1 with errno as
 * group_join(). */
int exec_group_join(const struct cgroup *group, pid_t init);
