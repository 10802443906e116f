/*
 * cgroup_mount.h: a mount of type "cgroup": the container's own groups.
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* Binds the group that the caller is in: on a v2 host its directory, on v1 and hybrid a tmpfs and in
 * it a directory for each hierarchy; a hierarchy of several controllers ("cpu,cpuacct") gets a link
 * for each of them. A new mount of the file system would show all groups, or need a cgroup namespace;
 * a bind is the same with and without one. Called before pivot_into() and before the cgroup namespace
 * is made: after that /proc/self/cgroup says "/".
 * Returns 0, or -1 with errno and the failure record. Source: cgroup_namespaces(7). */
int cgroup_mount(int root, const struct spec_mount *mount);
