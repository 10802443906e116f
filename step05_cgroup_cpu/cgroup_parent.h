/*
 * cgroup_parent.h: below which group ours may be made (given).
 *
 * v1: below our own group, if that directory is ours to write. v2 has two more rules: a child sees
 * only the controllers that its parent's cgroup.subtree_control hands down, and a group that hands
 * down may have no processes of its own. So we look upwards from our own group for the nearest one
 * that hands down already what is wanted; where there is none (a delegated group in which our shell
 * itself sits), the processes go one level down into a group beside ours, "nested", until the last
 * of ours is gone.
 */
#pragma once

#include "cgroup_find.h"

struct cgroup_parent {
	int version;
	char path[CG_PATH]; /* the directory; "" where none was found */
	unsigned
		enable; /* v2: CG() bits that must be written to its cgroup.subtree_control first */
	bool nest;	/* v2: ... and before that its processes must go one level down */
	char reason[256]; /* why none: one line */
	char remedy[256];
};

/* Finds the parent for groups with these controllers in that tree; makes and writes nothing.
 * Returns 0, or -1 with errno EACCES, EROFS, ENOENT (a controller is not to be had), reason and
 * remedy filled. */
int cgroup_parent_find(const struct cgroup_host *host, int tree, unsigned controllers,
		       struct cgroup_parent *out);

/* Called with a directory's path before it is made, for a ledger or a journal. nest: it is no group
 * for a container but the place of our own processes, which must not be killed: cgroup_unnest()
 * undoes it. Non-zero: do not make it. */
typedef int cgroup_announce(const char *path, bool nest, void *arg);

/* Makes it so: the processes go down into a nest, the controllers are enabled. What was enabled
 * stands in the nest's own name, "NAME.nest.cpu.memory", so that the way back needs no other
 * memory. Returns 0, or -1 with errno of mkdir or of the write to cgroup.subtree_control. */
int cgroup_parent_prepare(const struct cgroup_parent *parent, const char *name,
			  cgroup_announce *announce, void *arg);

/* The way back: the controllers are taken back, the nest's processes go up again, it is removed.
 * Does nothing and returns 0 while another group of ours ("minibox-*") is beside it: the last one
 * out does it. A nest that is gone is no error. -1 with errno otherwise. */
int cgroup_unnest(const char *path);
