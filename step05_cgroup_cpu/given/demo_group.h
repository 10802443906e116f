/*
 * demo_group.h: a group of a demo's run, which the guard removes (given).
 */
#pragma once

#include "cgroup_group.h"

/* group_create() with the name "minibox-TOKEN-SUFFIX" (TOKEN: guard_token()). Each directory is
 * entered in the guard's ledger before it is made, so that nothing of it stays, even after a
 * kill -9. Returns 0, or -1 with errno as group_create(). */
int demo_group_create(const struct cgroup_host *host, unsigned controllers, const char *suffix,
		      struct cgroup *out);
