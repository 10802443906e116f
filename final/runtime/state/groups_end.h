/*
 * groups_end.h: the end of the groups that a record names.
 */
#pragma once

#include "step01_clone_pid/floor/meet/procfs.h"
#include "step05_cgroup_cpu/given/cgroup_group.h"

#include <stdbool.h>

struct record_group {
	char path[CG_PATH];
	enum cgroup_role role;
	bool made;	 /* id is known */
	struct ns_id id; /* device and inode of the directory */
};

struct record_groups {
	struct record_group *list; /* the owner frees it */
	int count;
	bool systemd; /* systemd made the group: a scope */
};

struct ending {
	int timeout_ms; /* how long processes may take to die */
	char why[512];	/* out: of END_LEFT and END_WAITS, for a person */
};

enum ended {
	END_GONE,  /* nothing is left */
	END_LEFT,  /* something lives or could not be removed; what it needs to be found again stays
		    */
	END_WAITS, /* all but a directory that other groups still need: its record stays */
};

/* Kills what is in the groups that are proved to be the record's own, by device and inode, and
 * removes them. Of a scope systemd is told. Returns 0, or -1 with why. */
int groups_end_own(const struct record_groups *groups, struct ending *ending);

/* After that the directories above them, the last made first, where they are empty, and the nests.
 * A path alone is removed where it is empty, and nothing in it is killed. */
enum ended groups_end_others(const struct record_groups *groups, struct ending *ending);
