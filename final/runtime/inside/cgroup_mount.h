/*
 * cgroup_mount.h: a mount of type "cgroup": the container's own groups, whatever the host has.
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* v2: in a cgroup namespace of the container's own cgroup2, else a bind of the group in which the
 * caller is. v1 and hybrid: a tmpfs with a directory for each hierarchy, in it a bind of the
 * caller's group, or in such a namespace a mount of the hierarchy, which shows that group as its
 * root; and the links of co-mounted names (cpu -> cpu,cpuacct). "ro" is for all of them. Called
 * before pivot_into(), with the caller in its group already.
 * Returns 0, or -1 with errno and the failure record: ENODEV (no cgroups on this host).
 * Source: cgroups(7), cgroup_namespaces(7), config-linux.md. */
int cgroup_mount(int root, const struct spec_mount *mount, bool own_namespace);
