/*
 * state.h: what minibox keeps on disk, and how it finds out that an owner is dead.
 *
 *	ROOT/images/NAME/diff            an image: one layer, the files
 *	ROOT/containers/ID/lock          held (flock) by the command that runs it;
 *	                                 free: its owner is gone
 *	ROOT/containers/ID/state.json    what it has elsewhere: process, cgroups,
 *	                                 volumes, its --name (state_record.h)
 *	ROOT/containers/ID/config.json   the bundle
 *	ROOT/containers/ID/rootfs        where the overlay is mounted, in the owner's
 *	                                 mount namespace only
 *	ROOT/containers/ID/layer/diff    its upper directory; beside it work
 *	ROOT/containers/ID/left          something of it could not be removed: only gc
 *	                                 tries again, run does not
 *	ROOT/volumes/NAME/_data          a volume with a name: these stay
 *	ROOT/volumes/ID/_data            an anonymous one: goes with its container
 *	ROOT/.filters~                   compiled seccomp filters; a cache
 *	.new-*                           in images and containers: not whole yet, or,
 *	                                 with its lock free, never to be
 *	removing-*                       on its way out
 *
 * ROOT: --root DIR, else $MINIBOX_ROOT, else /var/lib/minibox for the host's root,
 * $XDG_DATA_HOME/minibox or ~/.local/share/minibox for others, among them who is root in a user
 * namespace only.
 *
 * ROOT must be a directory of ours that others cannot write to. It is opened once, and what is
 * below it is reached by descriptors.
 */
#pragma once

#include "state_record.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct state {
	char root[PATH_MAX]; /* for mounts and for words */
	int dir;	     /* ROOT's */
	int images, containers, volumes;
};

struct box_state {
	char id[ID_SIZE];
	char path[PATH_MAX]; /* ROOT/containers/ID */
	int dir;	     /* its descriptor */
	int lock;	     /* held while this process lives: a child must close it */
	const struct state *state;
	struct record record;
};

/* Finds, makes and opens ROOT. given: --root's value or NULL. SIGXFSZ is ignored from then on, so
 * that a file size limit is an error of write(2). Returns 0, or -1 with errno, recorded with the
 * remedy: EINVAL (no absolute path), EPERM (ROOT belongs to another user, or others may write to
 * it), ELOOP (it is a link), ENAMETOOLONG, mkdir(2)'s. */
int state_open(const char *given, struct state *state);

/* A fresh container directory, locked by us, with a record. name: what it is called beside its id,
 * or NULL. Returns 0, or -1 with errno, nothing left: EEXIST, a container that lives has the name;
 * EFBIG, ENOSPC. */
int state_new_container(const struct state *state, const char *name, struct box_state *box);

/* For the runtime's cgroup_announce: records a cgroup directory before and after it is made. arg:
 * struct box_state. */
int state_note_group(const struct cgroup_news *news, void *arg);

/* Records PID 1 of the container: its start time and PID namespace, as /proc has them. To be called
 * between clone and the first word to the child, so that nothing of it runs unrecorded. arg: struct
 * box_state. Returns 0, or -1 with errno, recorded. */
int state_note_process(pid_t pid, void *arg);

/* Makes ROOT/volumes/NAME, recorded before and after: it goes with the box. name: of
 * volume_new_id(). Returns 0, or -1 with errno, recorded. */
int state_new_volume(struct box_state *box, const char *name);

/* Ends and removes what a container has: processes, groups, volumes, its directory, and closes.
 * Never fails: what stays is named on standard error and left for the next gc. The failure record
 * is as before. */
void state_remove_container(struct box_state *box);

struct gc_result {
	int removed;
	int left; /* could not be removed, or is not ours; each named on standard error */
};

enum gc_how {
	GC_QUICK, /* before a run: silent, waits a moment only, passes over what was left before */
	GC_FULL,  /* each thing is named: on standard output if removed, else on standard error */
};

/* Finishes what dead owners have left, and half-made images. Ends what still lives of such a
 * container first; one whose processes do not die stays. Another gc or run at the same time is
 * safe. The failure record and errno are as before. */
struct gc_result state_gc(const struct state *state, enum gc_how how);

/* Makes ".new-ID" below dir (images or containers), 0700, with its lock held: *lock. Writes ID.
 * Returns its descriptor, or -1 with errno, recorded. */
int state_make_new(int dir, char id[ID_SIZE], int *lock);

/* Is dir still the directory of that name in place? Another minibox may have renamed or removed it
 * before our flock(2) held it. */
bool state_still_named(int place, const char *name, int dir);

/* ".new-ID" gets its name, which must be free. Returns 0, or -1 with errno: EEXIST, not recorded;
 * others, recorded. */
int state_rename_new(int dir, const char *id, const char *name);

/* Removes ".new-ID" again. Keeps errno and the failure record. */
void state_drop_new(int dir, const char *id);

/* Is dir a directory of ours that others cannot write to? Returns 0, or -1 with EPERM, why
 * (256 bytes) filled. */
int state_check_owner(int dir, char *why);
