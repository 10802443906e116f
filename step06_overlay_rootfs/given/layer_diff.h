/*
 * layer_diff.h: what has a container changed? Its upper directory is the answer (given).
 */
#pragma once

#include "step06_overlay_rootfs/overlay_rootfs.h"

struct layer_diff {
	int upper;	   /* descriptor of the upper directory (readable, not O_PATH) */
	const int *layers; /* descriptors of the layers beneath, the lowest first */
	int count;
	bool userxattr;
};

/* Is there anything under this name in the stack of layers, whiteouts and opaque directories of the
 * layers respected? */
bool layers_hold(const struct layer_diff *diff, const char *path);

/* Which layer provides path: its index in layers, or -1 (ENOENT: none, or a layer above deletes
 * it). */
int layers_provider(const struct layer_diff *diff, const char *path);

/* Walks upper and calls fn for each change with a path that begins with "/", sorted by name, a
 * directory before what is in it. An opaque directory comes as OVERLAY_OPAQUE, and what it hides as
 * OVERLAY_DELETED, though upper has no mark for each of them. Links are not followed, also those
 * that a running container puts in the place of a directory meanwhile. Stops when fn
 * returns non-zero and returns that; 0 at the end; -1 with errno. */
int layer_diff_walk(const struct layer_diff *diff,
		    int (*fn)(enum overlay_change change, const char *path, void *arg), void *arg);

/* 'A', 'C' or 'D', as `docker diff` prints it. */
char overlay_change_letter(enum overlay_change change);
