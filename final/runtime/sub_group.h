/*
 * sub_group.h: `exec --cgroup`: a group below the container's own.
 */
#pragma once

#include "step05_cgroup_cpu/given/cgroup_group.h"

/* Goes down to an existing group: "PATH" in every part of the group, "CONTROLLER[,CONTROLLER]:PATH"
 * in those of these controllers. PATH begins at the container's group, with a '/' or without, and
 * cannot lead out of it. Each part's descriptor is replaced. Returns 0, or -1 with errno and the
 * failure record: ENOENT (there is no such group, or no such controller), EXDEV (".." out of the
 * container's group), EINVAL. Source: runc-exec(8), openat2(2). */
int group_go_down(struct cgroup *group, const char *where);
