/*
 * many_layers.h: an overlay whose options do not fit on a page (given; the lab piece is
 * overlay_rootfs.c).
 *
 * mount(2) copies one page of options: some 40 layers with the long paths of an
 * image store. The mount API of fsopen(2) takes them one at a time.
 */
#pragma once

#include "step06_overlay_rootfs/overlay_rootfs.h"

/* As overlay_mount(), by fsopen, fsconfig("lowerdir+"), fsmount, move_mount (6.7 and later). On
 * older kernels, or with paths over 255 bytes, the layers go by descriptor:
 * lowerdir=/proc/self/fd/5:... fits some 200 of them on a page; more than that is E2BIG, said with
 * the limit. Returns 0, or -1 with errno as overlay_mount(). */
int overlay_mount_many(const struct overlay *overlay, const char *merged);
