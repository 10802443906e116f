/*
 * resources.h: linux.resources of config.json, on the files of a group.
 */
#pragma once

#include "step05_cgroup_cpu/given/cgroup_limits.h"

/* All zero: nothing is asked for. */
struct spec_resources {
	struct cgroup_limits limits;
};
