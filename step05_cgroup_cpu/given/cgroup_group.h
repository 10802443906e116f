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
	bool optional;	      /* of group_add_to_end(): a join that is refused is no failure */
};

enum { CG_PARTS = CG_KINDS + 1 }; /* a tree for each controller, and one to end it by */

struct cgroup {
	int parts;
	struct cgroup_part part[CG_PARTS];
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

/* Adds to a group that has an absolute name (zeroed, or of group_create()) the directory of that
 * name in every other tree, where it can be made: who gave the name reads there what the processes
 * use, whether it is limited or not. v2: the controllers that the top of the tree hands down are
 * handed down to the group. A tree that refuses is passed over, and the failure record and errno
 * stay as they were. With another name it does nothing. */
void group_add_rest(const struct cgroup_host *host, const char *name, cgroup_announce *announce,
		    void *arg, struct cgroup *group);

/* Adds to the group (zeroed, or of group_create()) a part by which all of its processes can be
 * ended at once, where one can be had for nothing: v2's cgroup.kill, else v1's freezer or pids
 * tree. No other process is moved for it and no controller enabled. name: one word. A host that
 * gives none is no failure: the failure record and errno stay as they were. Returns whether the
 * group has any part now. */
bool group_add_to_end(const struct cgroup_host *host, const char *name, cgroup_announce *announce,
		      void *arg, struct cgroup *group);

/* Adds a part that an earlier process has made, from a record: path, and the directory's device and
 * inode as they were then. The path alone proves nothing: what is there must be this very
 * directory, no link, in a cgroup file system and not its top. Returns 1: added; 0: it is gone, or
 * another is there now, which is not ours; -1 with errno, where the kernel does not say
 * which: EACCES, EMFILE, ENAMETOOLONG (or too many parts). */
int group_add_known(struct cgroup *group, const char *path, dev_t dev, ino_t ino);

/* Adds to the group (zeroed, or with other parts) a directory that is there, by its path, as far as
 * it must be known to end it: CG_FREEZER and CG_MEMORY. Returns 0, or -1 with errno: ENOENT;
 * EINVAL: no cgroup directory; ENAMETOOLONG (or too many parts). */
int group_open(struct cgroup *group, const char *path);

/* Looks in the directories which controllers each part has, for parts of group_add_known() and
 * group_open(), which know only what ends them. */
void group_learn(struct cgroup *group);

/* Adds controllers (CG() bits) that no part has, to a group that has processes already. version 1: a
 * part in that controller's tree, made as group_create() makes it, into which the processes are
 * moved, those that are born meanwhile too. version 2: the group above is asked to hand the
 * controller down. Returns 0, or -1 with errno as group_create() and group_join(); ENOENT: neither
 * was possible; EAGAIN: processes are made faster than they are moved. A part that was made stays in
 * group, for group_remove(). */
int group_extend(struct cgroup *group, const struct cgroup_host *host, unsigned controllers,
		 const char *name, cgroup_announce *announce, void *arg);

/* The part that has this controller, or NULL. */
const struct cgroup_part *group_part(const struct cgroup *group, enum cgroup_controller controller);

/* Moves the process into all parts. Returns 0, or -1 with errno as cgroup_join(). */
int group_join(const struct cgroup *group, pid_t pid);

/* The processes in the group and in groups below it. Returns how many there are (pids filled up to
 * max), or -1 with errno. */
int group_pids(const struct cgroup *group, pid_t pids[], int max);

/* Kills all that is in it (and below): cgroup.kill where there is one, else by pidfd, each after a
 * second look whether it is still a member, until none is left; frozen v1 groups, here and below,
 * are thawed, for a SIGKILL takes effect there only after. Waits until they are gone, timeout_ms at
 * most. Returns 0, or -1 with errno: ETIMEDOUT, or as cgroup_members(). */
int group_kill(const struct cgroup *group, int timeout_ms);

/* Removes the directories that the descriptors are open on, groups below them first, and closes.
 * The processes must be gone. A directory that is gone is no error, and another one of its name is
 * left alone. Returns 0, or -1 with errno as cgroup_remove(). */
int group_remove(struct cgroup *group);

/* Closes the descriptors and leaves the group alone. */
void group_close(struct cgroup *group);
