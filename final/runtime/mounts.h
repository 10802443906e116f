/*
 * mounts.h: the mounts of config.json, made below the prepared root, before pivot_root.
 */
#pragma once

#include "spec.h"

/* Makes them in the order of the list. root: the root directory's descriptor. Returns 0, or -1 with
 * errno; subject of the failure is the destination. */
int mounts_make(int root, const struct spec *spec);
