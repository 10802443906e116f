/*
 * overlay_root.h: the directories of a container's root, ready for overlay_mount() (given).
 */
#pragma once

#include "layer_store.h"
#include "step06_overlay_rootfs/overlay_rootfs.h"

struct overlay_root {
	struct overlay
		overlay; /* for overlay_mount(); its strings lie in this struct: do not copy it */
	struct container_layer own;
	char layer[PATH_MAX];
	const char *layers[2];
};

/* In a private mount namespace, in the directory place: a layer of busybox (PLACE/busybox/diff) and
 * a container's directories beside it (PLACE/container/{diff,work,merged}). All of it on a tmpfs
 * that is mounted on place and goes with the namespace; where a tmpfs cannot hold an upper, on
 * place's own file system, and the caller removes it. Returns 0, or -1 with errno. */
int overlay_root_make(const char *place, struct overlay_root *out);

/* The same, and overlay_mount() on it: what the container writes leaves the layer as it is. Returns
 * a descriptor of the root (O_PATH | O_DIRECTORY, close-on-exec), or -1 with errno. */
int overlay_root_mount(const char *place);
