/*
 * resources.h: linux.resources of config.json, on the files of a group.
 */
#pragma once

#include "final/runtime/resource_files.h"

#include "step05_cgroup_cpu/given/cgroup_devices.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"

/* All zero: nothing is asked for. */
struct spec_resources {
	struct cgroup_limits limits;
	int64_t both; /* memory.swap: memory and swap together; 0: not said, -1: no limit */
	struct device_rule *devices; /* the spec's own memory; the last that matches decides */
	int device_count;
	struct resource_file *files; /* its own; resources_free() */
	int file_count;
	bool check_before_update; /* memory.checkBeforeUpdate */
};

/* Which controllers these need, as CG() bits. */
unsigned resources_need(const struct spec_resources *resources);

/* Does a container need rules for devices that config.json does not name? Outside of a user
 * namespace mknod(2) works, and an image may bring nodes: without a rule of its group all
 * devices of the host are open to it. */
bool resources_guard_devices(bool own_user_namespace);

/* Puts the device rules into force for the group, and after them the ones that every container has
 * (null zero full random urandom tty, ptys); all others are closed. A group that was made without
 * CG_DEVICES has none. In a user namespace no rule can be set and none is
 * needed, since there is no mknod(2): passed over. Returns 0, or -1 with errno as cgroup_devices().
 */
int resources_apply_devices(const struct cgroup *group, const struct spec_resources *resources);
