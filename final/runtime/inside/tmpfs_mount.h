/*
 * tmpfs_mount.h: a tmpfs of config.json.
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* Makes it on its destination inside root. Where its options say no mode it has that of the
 * directory that is there. One at /dev stays writable, for devices_make(). Returns 0, or -1 with
 * errno, recorded. Source: tmpfs(5). */
int tmpfs_mount(int root, const struct spec_mount *m);
