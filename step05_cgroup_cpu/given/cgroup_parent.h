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

/* What a directory is for, and so what may be done with it later. */
enum cgroup_role {
	CGROUP_GROUP, /* the group: its processes may be killed, it is removed */
	CGROUP_UPPER, /* a directory on the way to it, which groups of others may come to share:
			 removed where it is empty, nothing in it is killed */
	CGROUP_NEST,  /* the place of processes that were there before: nothing in it is killed,
			 cgroup_unnest() undoes it */
};

/* What is said of a directory, for a ledger or a record. */
struct cgroup_news {
	enum {
		CGROUP_WILL_BE, /* it will be made now, if the callback returns 0 */
		CGROUP_MADE, /* it was made by us: dir is open on it. Not 0: it is removed again */
		CGROUP_NOT_MADE /* it could not be made: what is there is not ours */
	} what;
	enum cgroup_role role;
	const char *path;
	int dir; /* of CGROUP_MADE; it stays the caller's. Else -1 */
};

/* Called before and after each mkdir. Returns 0, or not 0 with errno and a failure record. */
typedef int cgroup_announce(const struct cgroup_news *news, void *arg);

/* cgroup_create(), announced before and after. parent, name: as there; path: both in words for the
 * announcement. What is there already is not announced. announce may be NULL. Returns the new
 * directory's descriptor, or -1 with errno as cgroup_create() or as the callback left it; nothing
 * is left then. */
int cgroup_create_announced(int parent, const char *name, const char *path, enum cgroup_role role,
			    cgroup_announce *announce, void *arg);

/* Makes it so: the processes go down into a nest, the controllers are enabled. What was enabled
 * stands in the nest's own name, "NAME.nest.cpu.memory", so that the way back needs no other
 * memory. Returns 0, or -1 with errno of mkdir or of the write to cgroup.subtree_control. */
int cgroup_parent_prepare(const struct cgroup_parent *parent, const char *name,
			  cgroup_announce *announce, void *arg);

/* The way back: the controllers are taken back, the nest's processes go up again, it is removed.
 * Returns 0: done, or the nest is gone; 1: another group of ours ("minibox-*") is beside it and
 * needs it, so nothing was done, and the last one out does it; -1 with errno otherwise. */
int cgroup_unnest(const char *path);

/* The same for a nest that is open: dir. name: what it is called. */
int cgroup_unnest_dir(int dir, const char *name);
