/*
 * scenes.h: step 6's experiments, by file.
 */
#pragma once

#include "step06_overlay_rootfs/overlay_rootfs.h"
#include "step06_overlay_rootfs/given/layer_diff.h"
#include "step06_overlay_rootfs/given/layer_store.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step02_mount_ns/scenes/scenes.h"

#include <sys/stat.h>

/* union.c: what is seen where */
void scene_union(void);
void scene_copy_up(void);
void scene_whiteout(void);
void scene_opaque(void);

/* limits.c: what an overlay cannot hide */
void scene_rename_dir(void);
void scene_hardlink(void);
void scene_many_layers(void);

/* image.c: layers of an image */
void scene_layers(void);
void scene_commit(void);
void scene_init_layer(void);

/* shared.c: one image, many containers */
void scene_one_image(void);
void scene_where_it_lives(void);
void scene_shared_layer(void);

/* workshop.c: directories to mount. A failure in any of these ends the scene. */

/* Makes a place for layers and enters it: all paths after that are relative. A tmpfs where that can
 * be upper, else a scratch directory on disk; where neither can, the scene is skipped. Returns its
 * absolute name. */
const char *workshop(void);

/* A, B, C, tmp and merged, as the documents have them. */
void make_abc(void);

/* Mounts the overlay of these layers (the lowest first, ends with NULL). */
void mount_layers(const char *const *layers, const char *upper, const char *work,
		  const char *merged);

/* The store's layers and containers, mounted: STORE = the workshop. init: this container's init
 * layer, or NULL. */
struct container_layer mount_container(const char *const *layers, const char *name,
				       const char *init);

/* What a path shows in a table: its first line in quotes, "c 0:0" for a whiteout, "dir/", "-" if
 * there is nothing. */
const char *shown(const char *path);

/* The text of a layer's path: STORE/NAME/diff. */
const char *layer_path(const char *name);

/* Makes the layer NAME of the store; with busybox in it if asked. */
const char *new_layer(const char *name, bool busybox);

/* stat, link not followed; the scene fails if it is not there. */
struct stat stat_of(const char *path);

/* The changes in upper over these layers, as `docker diff` prints them, one a line. Returns how
 * many. */
int diff_text(const char *const *layers, const char *upper, char *text, size_t size);
