/*
 * cgroup_group.h: one group, whatever the layout (given).
 *
 * A container's group is one directory on v2 and one for each controller's tree on v1. This piece
 * finds the places, calls the lab piece for each, and keeps the descriptors, so that its callers
 * say "join" once.
 */
#pragma once

#include "cgroup_parent.h"

/* The group in one tree. */
struct cgroup_part {
	int version;
	unsigned controllers; /* CG() bits that are controlled by this directory */
	int dir;	      /* its descriptor */
	char path[CG_PATH];   /* and its path */
};

struct cgroup {
	int parts;
	struct cgroup_part part[CG_KINDS];
};

/* Makes a group with these controllers (CG() bits). name: one word, made below
 * cgroup_parent_find()'s choice; or an absolute path
 * ("/minibox/4f2a", from the top of each tree), whose upper directories are made as well where they
 * are missing. CG_FREEZER and CG_CPUACCT are there for the asking. Undone if a part fails. Returns
 * 0, or -1 with errno: EEXIST (unlike upper directories, the last one must be new), ENOENT (a
 * controller is not to be had here), EACCES, EROFS, EINVAL. The failure record says which
 * controller, why, and what to do. */
int group_create(const struct cgroup_host *host, unsigned controllers, const char *name,
		 cgroup_announce *announce, void *arg, struct cgroup *out);

/* Opens a group that is there, from the paths of its parts (a journal's, or the caller's own from
 * /proc/PID/cgroup). Returns 0, or -1 with errno: ENOENT; EINVAL: no cgroup directory. */
int group_open(const struct cgroup_host *host, const char *const paths[], int count,
	       struct cgroup *out);

/* The part that has this controller, or NULL. */
const struct cgroup_part *group_part(const struct cgroup *group, enum cgroup_controller controller);

/* Moves the process into all parts. Returns 0, or -1 with errno as cgroup_join(). */
int group_join(const struct cgroup *group, pid_t pid);

/* The processes in the group and in groups below it. Returns how many there are (pids filled up to
 * max), or -1 with errno. */
int group_pids(const struct cgroup *group, pid_t pids[], int max);

/* Kills all that is in it (and below): cgroup.kill where there is one, else by PID until nobody is
 * left; a frozen v1 group is thawed, for a SIGKILL takes effect there only after. Waits until they
 * are gone, timeout_ms at most. Returns 0, or -1 with ETIMEDOUT. */
int group_kill(const struct cgroup *group, int timeout_ms);

/* Removes the directories, groups below them first, and closes. The processes must be gone. Returns
 * 0, or -1 with errno as cgroup_remove(). */
int group_remove(struct cgroup *group);

/* Closes the descriptors and leaves the group alone. */
void group_close(struct cgroup *group);
