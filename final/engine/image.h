/*
 * image.h: images by name. The first one, busybox, is made from the static busybox of this host.
 */
#pragma once

#include "state.h"

/* Finds the image, or makes it if it is "busybox" and not there yet. layer receives its directory.
 * Returns 0, or -1 with errno: ENOENT (no such image, no static busybox), EINVAL (no name for an
 * image). */
int image_find(const struct state *state, const char *name, char *layer, size_t size);
