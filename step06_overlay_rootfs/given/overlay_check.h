/*
 * overlay_check.h: what the kernel would answer with a bare EINVAL (given).
 */
#pragma once

#include "step06_overlay_rootfs/overlay_rootfs.h"

/* Looks at an overlay's directories before the mount: all there, all directories, upper and work
 * apart but on one file system, no layer inside upper or the other way round, upper on a file
 * system that can be one. Returns 0, or -1 with errno (ENOENT, ENOTDIR, EINVAL, EXDEV) and a
 * failure record that names the one at fault. */
int overlay_check(const struct overlay *overlay);

/* A name for a file system that cannot hold an upper ("overlay", "NFS", "FAT" ...), NULL if nothing
 * is known against it. magic: statfs(2)'s f_type. */
const char *overlay_unfit_upper(long magic);
