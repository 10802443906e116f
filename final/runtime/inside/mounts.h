/*
 * mounts.h: the mounts of config.json, made below the prepared root, before pivot_root.
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* The first call in the new mount namespace: makes every mount private; where the spec asks for a
 * root that is a slave, slaves, which go on to get what is mounted outside and hand nothing back: a
 * bind mount can be no more of a slave than its source here. (A shared root begins as a private
 * one: else the bind mount of the root itself would show up on the host.) Returns 0, or -1 with
 * errno of mount(2). */
int mounts_begin(const struct spec *spec);

/* Makes them in the order of the list. root: the root directory's descriptor. bundle: the path that
 * a relative source of a bind begins at. A tmpfs at /dev stays writable and empty: devices_make()
 * is to be called next. Returns 0, or -1 with errno; subject of the failure is the destination, or
 * the source that is not there. */
int mounts_make(int root, const struct spec *spec, const char *bundle);

/* After pivot_root: linux.rootfsPropagation for the caller's root mount; where the spec says none
 * it stays private. Returns 0, or -1 with errno of mount(2). */
int mounts_root_propagation(const struct spec *spec);

/* After pivot_root: makes the caller's root mount read-only. By its name, and not by a descriptor's
 * name in /proc: that may be a directory of the image by now, with links that lead to other mounts.
 * Returns 0, or -1 with errno of mount(2). */
int mounts_root_read_only(void);
