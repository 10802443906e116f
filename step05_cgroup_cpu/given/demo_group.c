/*
 * demo_group.c: what is told of a group's directories, into the guard's ledger.
 */
#define _GNU_SOURCE
#include "demo_group.h"
#include "guard_cgroup.h"
#include "step01_clone_pid/floor/demo/guard.h"

#include <stdio.h>

static int enter(const struct cgroup_news *news, void *arg)
{
	static int last_slot = -1; /* of the ledger */

	(void)arg;
	if (news->what == CGROUP_MADE)
		return 0;
	if (news->what == CGROUP_NOT_MADE) { /* another's: the guard must leave it alone */
		guard_forget(last_slot);
		return 0;
	}
	/* Processes in a nest, or in a directory which others may share, are not killed. */
	last_slot = news->role == CGROUP_NEST	 ? guard_nest(news->path)
		    : news->role == CGROUP_UPPER ? guard_file(news->path)
						 : guard_cgroup(news->path);
	return last_slot < 0;
}

int demo_group_create(const struct cgroup_host *host, unsigned controllers, const char *suffix,
		      struct cgroup *out)
{
	char name[64];

	snprintf(name, sizeof(name), "minibox-%s-%s", guard_token(), suffix);
	return group_create(host, controllers, name, enter, NULL, out);
}
