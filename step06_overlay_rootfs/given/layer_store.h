/*
 * layer_store.h: directories of layers, laid out as docker's overlay2 does (given).
 *
 *	STORE/NAME/diff                 a layer: the files that it adds
 *	STORE/NAME/{diff,work,merged}   a container: diff is its upper
 *	STORE/NAME-init/diff            its init layer, between image and upper
 */
#pragma once

#include <limits.h>
#include <stddef.h>

struct container_layer {
	char upper[PATH_MAX], work[PATH_MAX], merged[PATH_MAX];
};

/* Makes STORE/NAME/diff (0755), STORE too if it is missing. path receives its name, unless size is
 * 0. Returns a descriptor of it (a readable directory, close-on-exec), or -1 with errno: EEXIST,
 * ENAMETOOLONG, EINVAL (a slash in the name), mkdir(2)'s. */
int layer_make(const char *store, const char *name, char *path, size_t size);

/* The same, filled with a root file system of one static busybox (step 2's busybox_root.h). */
int layer_make_busybox(const char *store, const char *name, char *path, size_t size);

/* Makes diff, work and merged for a container. Returns 0, or -1 with errno. */
int layer_make_container(const char *store, const char *name, struct container_layer *out);

/* Fills an init layer: what differs from container to container but is no change of the user's:
 * etc/hosts, etc/hostname, etc/resolv.conf, and the mount points dev, proc, sys. It lies above the
 * image, so it wins, and below upper, so that diff and commit do not see it. resolv: the text of
 * resolv.conf, NULL: empty. Returns 0, or -1 with errno. */
int layer_fill_init(int dirfd, const char *hostname, const char *resolv);

/* Copies the directory tree from into the directory to, as a layer needs it: whiteouts stay
 * whiteouts, opaque directories stay opaque (the overlay.* attributes that say so), hard links stay
 * one file, links are not followed, owner, mode and time are kept where this user may set them.
 * This is commit: from is a container's upper. A container may run in it and change it meanwhile:
 * nothing that is outside of from is read. Sockets are passed over. Returns 0, or -1 with errno
 * (ENOENT: an entry was removed between the listing and the copy). */
int layer_copy(int from, int to);
