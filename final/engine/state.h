/*
 * state.h: what minibox keeps on disk, and how it finds out that an owner is dead.
 *
 *	ROOT/images/NAME/diff            an image: one layer, the files
 *	ROOT/containers/ID/lock          held (flock) by the command that runs it;
 *	                                 free: its owner is gone
 *	ROOT/containers/ID/name          --name, where one was given
 *	ROOT/containers/ID/config.json   the bundle
 *	ROOT/containers/ID/rootfs        where the overlay is mounted, in the owner's
 *	                                 mount namespace only
 *	ROOT/containers/ID/layer/diff    its upper directory; beside it work
 *	ROOT/containers/ID/journal       what it was about to make elsewhere, a line
 *	                                 each: cgroup directories, anonymous volumes
 *	ROOT/volumes/NAME/_data          a volume with a name: these stay
 *	ROOT/volumes/ID/_data            an anonymous one: goes with its container
 *
 * ROOT: --root DIR, else $MINIBOX_ROOT, else /var/lib/minibox for root,
 * $XDG_DATA_HOME/minibox or ~/.local/share/minibox for others.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum { ID_SIZE = 13 }; /* 12 hex digits and the NUL, as docker's short id */

struct state {
	char root[PATH_MAX];
};

struct box_state {
	char id[ID_SIZE];
	char path[PATH_MAX]; /* ROOT/containers/ID */
	int dir;	     /* its descriptor */
	int lock;	     /* held while this process lives */
};

/* Finds and makes ROOT. given: --root's value or NULL. Returns 0, or -1 with errno (EACCES, ENOENT:
 * no home directory). */
int state_open(const char *given, struct state *state);

/* A fresh container directory, locked by us. name: what it is called beside its id, or NULL.
 * Returns 0, or -1 with errno: EEXIST, a container that lives has the name. */
int state_new_container(const struct state *state, const char *name, struct box_state *box);

/* Removes a container's directory: groups of its journal, then all files. Never fails; what cannot
 * go stays for the next gc. */
void state_remove_container(struct box_state *box);

/* Finishes what dead owners have left. Returns how many containers were removed; with verbose each
 * is named on standard output. */
int state_gc(const struct state *state, bool verbose);

/* For the runtime's cgroup_announce: notes the directory in the box's journal. arg: struct
 * box_state. */
int state_note_group(const char *path, bool nest, void *arg);

/* Notes a volume's directory that is to go with the box. Returns 0, or -1 with errno. */
int state_note_volume(struct box_state *box, const char *path);
