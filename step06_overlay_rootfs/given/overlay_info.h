/*
 * overlay_info.h: what a mounted overlay is made of, from its line in mountinfo (given).
 */
#pragma once

#include <stdbool.h>

struct overlay_info {
	char **layers;	    /* the lowest first; ends with NULL */
	char *upper, *work; /* NULL: a read-only union */
	bool userxattr;
	/* Filled by overlay_info_find() only. base: what relative names among the layers are
	 * relative to, as far as can be found out; NULL: they are absolute. */
	char *merged, *base;
	char *text; /* what the strings point into */
};

/* Parses the super options of an overlay ("rw,lowerdir=/b:/a,upperdir=...", or newer kernels'
 * "lowerdir+="); escapes are undone. Returns 0, or -1 with errno: EINVAL (no layers in it), ENOMEM.
 * overlay_info_free() takes it back. */
int overlay_info_parse(const char *super_options, struct overlay_info *out);

/* The overlay of this mount namespace that has path as its mount point or as its upper directory,
 * whichever is mounted last. Returns 0, or -1 with ENOENT (none). procfd: a descriptor of the proc
 * directory. */
int overlay_info_find(int procfd, const char *path, struct overlay_info *out);

void overlay_info_free(struct overlay_info *info);
