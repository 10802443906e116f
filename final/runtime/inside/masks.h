/*
 * masks.h: paths of the container that it may not see or not write.
 */
#pragma once

#include "kernel_roots.h"

/* Covers each path of linux.maskedPaths: a file by /dev/null, a directory by an empty read-only
 * tmpfs; makes each of linux.readonlyPaths a read-only bind of itself. Paths that are not there
 * are passed over. To be called after pivot_into(). By descriptors: what covers a file is proved
 * to be the device 1:3, whatever link the image has at /dev/null (CVE-2025-31133), and no link
 * of the image is followed out of a path (CVE-2023-27561); those below /proc and /sys are looked
 * for in the file systems that were mounted there, wherever they are by now. Returns 0, or -1
 * with errno and the failure record. Source: config-linux.md, "Masked Paths". */
int masks_apply(const struct kernel_roots *roots, const struct spec *spec);
