/*
 * scenes.h: step 7's experiments, by file.
 */
#pragma once

#include "step07_volumes/given/volume_store.h"
#include "step07_volumes/volumes.h"
#include "step06_overlay_rootfs/scenes/scenes.h"

/* bind.c: a directory in two places */
void scene_anonymous(void);
void scene_host_dir(void);
void scene_one_file(void);
void scene_only_this_container(void);

/* order.c: which call, and when */
void scene_read_only(void);
void scene_why_before_pivot(void);

/* trap.c: the attack */
void scene_symlink_trap(void);

/* life.c: what stays when the container goes */
void scene_survives(void);
void scene_not_committed(void);

/* room.c: containers with a volume. A failure ends the scene. */

struct told { /* what a container has to tell; shared with it */
	char text[4][128];
	long number[4];
};

struct room {
	struct witness self;
	const char *root;		  /* directory that becomes its / */
	const char *volumes[3];		  /* -v texts, ends with NULL; volumes of our own are in the
					     workshop's volumes/ */
	int (*inside)(struct told *told); /* runs in it, behind pivot_root; 0 or -1 */
	struct told *told;
};

/* Prepares the workshop with a busybox layer "image", and a container NAME over it, mounted, as a
 * root. Call it once for each container. Returns its name: NAME/merged. */
const char *new_room(const char *name);

/* Starts the container; returns when inside() is done and it waits to be looked at. */
void room_open(struct room *room);
void room_close(struct room *room);

/* An absolute path below the workshop; NULL: the workshop itself. */
const char *workshop_path(const char *name);

/* "-v PLACE/source:rest". */
const char *volume_text(const char *source, const char *rest);

/* Inside: writes a line; the errno of the attempt, 0 if it worked. */
int try_write(const char *path, const char *text);
