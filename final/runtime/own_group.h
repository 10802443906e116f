/*
 * own_group.h: the container's group, as the spec and the caller want it.
 */
#pragma once

#include "launch.h"

/* Makes the group with its limits and device rules, in the spec's cgroupsPath or where a group of
 * this user can be had; has_group says whether there is one. With --systemd-cgroup it only reads the
 * name. Returns 0, or -1 with errno as group_create(), group_limit(), resource_files_write(),
 * systemd_scope_parse(). What was made by then is in c->group, for container_remove(). */
int own_group_make(struct container *c);

/* Moves the container's process into it; with --systemd-cgroup systemd makes it with the process in
 * it. Returns 0, or -1 with errno as group_join(), systemd_scope_start(). */
int own_group_join(struct container *c);
