/*
 * box.h: what the runtime keeps of a container between one operation and the next.
 *
 *	ROOT/ID/lock         held (flock) by the operation that changes the container
 *	ROOT/ID/config.json  the bundle's, as it was at create
 *	ROOT/ID/start        the gate (gate.h)
 *	ROOT/ID/failure
 *	ROOT/ID/notify/      the socket of a container whose service manager waits for it (notify.h)
 *	ROOT/ID/state.json   its process and its groups (record.h)
 *	ROOT/.new-ID         not whole yet
 *
 * ROOT: --root DIR, else /run/minibox-runtime for the host's root, else
 * $XDG_RUNTIME_DIR/minibox-runtime, else /tmp/minibox-runtime-UID. It must be a directory of the
 * caller's that others cannot write to.
 *
 * Every operation may come from another process than the one before, and any of them may have been
 * killed at any point: what state.json names is all that is known, and delete --force ends it.
 */
#pragma once

#include "final/runtime/spec/spec.h"
#include "record.h"

#include <limits.h>

enum { BOX_ID_MOST = 250 }; /* bytes: it is a file's name, also behind ".new-" */

struct runtime_root {
	char path[PATH_MAX];
	int dir;
};

struct box {
	const struct runtime_root *root;
	char id[BOX_ID_MOST + 1];
	int dir;
	int lock; /* -1: not held */
	struct box_record record;
	const struct spec *spec; /* its config.json, where this process has parsed it; or NULL */
};

enum box_status {
	BOX_CREATING,
	BOX_CREATED,
	BOX_RUNNING,
	BOX_PAUSED,
	BOX_STOPPED,
	BOX_UNKNOWN, /* the kernel could not be asked; the failure record says why */
};

/* "creating", ... as the OCI specification has them. */
const char *box_status_name(enum box_status status);

/* Finds, makes and opens ROOT. given: --root's value or NULL. Returns 0, or -1 with errno,
 * recorded: of mkdir(2) and open(2); EPERM: another user's, or others may write to it. */
int runtime_root_open(const char *given, struct runtime_root *root);

/* Letters, digits, "_+-." and not "." or "..", as runc's. Returns 0, or -1 with EINVAL. */
int box_check_id(const char *id);

/* A new directory for the container, locked by the caller. Returns 0, or -1 with errno, recorded,
 * nothing left: EEXIST, `container with id "ID" already exists`. */
int box_new(const struct runtime_root *root, const char *id, const char *bundle, struct box *box);

enum box_how {
	BOX_LOOK, /* without the lock */
	BOX_HOLD, /* with it: waits 10 seconds for another operation */
};

/* Opens what is there and reads state.json. Returns 0, or -1 with errno, recorded: ENOENT,
 * `container "ID" does not exist`; ETIMEDOUT; EINVAL: a record that is torn, of another version or
 * not ours: it is not obeyed. */
int box_open(const struct runtime_root *root, const char *id, enum box_how how, struct box *box);

/* Lets go of the lock while nothing is done to the container, so that other operations can be, and
 * takes it again. Returns 0, or -1 with errno, recorded: ENOENT, another operation has deleted it;
 * ETIMEDOUT. The record is read again. */
void box_let_go(struct box *box);
int box_hold_again(struct box *box);

/* Where the container's life stands now, asked of the kernel. */
enum box_status box_status(const struct box *box);

/* Was it made since this machine has started? Numbers of another boot are a stranger's. Returns 1
 * or 0, or -1 with errno, recorded: it cannot be told. */
int box_is_of_this_boot(const struct box *box);

/* A pidfd of its process, if that lives (a zombie does not); -1 with ESRCH: it does not; with
 * another errno, recorded: it cannot be told, and may live. */
int box_pidfd(const struct box *box);

/* Its groups, those that are proved to be its own; what is gone is left out. Returns 0, or -1 with
 * errno, recorded: there may be more. group_close() it in any case. */
int box_groups(const struct box *box, struct cgroup *group);

/* For struct container: arg is the box. */
int box_note_group(const struct cgroup_news *news, void *arg);
int box_note_process(pid_t pid, void *arg);

/* Removes the directory, whose lock is held, and closes. Returns 0, or -1 with errno, recorded:
 * what does not go is left for the next delete. */
int box_remove(struct box *box);
void box_close(struct box *box);

/* Calls fn with the id of each container; stops where it returns not 0, and returns that. -1 with
 * errno: ROOT cannot be read. */
int box_each(const struct runtime_root *root,
	     int (*fn)(const struct runtime_root *root, const char *id, void *arg), void *arg);
