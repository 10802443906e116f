/*
 * group.h: what is done to all processes of a container.
 */
#pragma once

#include "step05_cgroup_cpu/given/cgroup_group.h"

/* Stops every process of the group, or lets them go on, and waits until the kernel says that it is
 * done. Returns 0, or -1 with errno: ENOTSUP (the container has no group with a freezer),
 * ETIMEDOUT.
 */
int group_pause(const struct cgroup *group, bool freeze);

/* Sends the signal to each process of the group and of groups below it, by a pidfd and after a
 * second look at whether it is still a member. SIGKILL: until none is left, frozen or not
 * (group_kill()). Returns 0, or -1 with errno. */
int group_signal(const struct cgroup *group, int signal_number);

/* The numbers of its processes, ascending, those of groups below it included. *pids is for the
 * caller to free(3). Returns how many, or -1 with errno. */
ssize_t group_list(const struct cgroup *group, pid_t **pids);
