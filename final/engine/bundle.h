/*
 * bundle.h: flags and an image become an OCI bundle, a directory with config.json and rootfs.
 */
#pragma once

#include "run_flags.h"
#include "state.h"

/* Writes box's config.json. Volumes are looked up (and named ones made) here, since the runtime
 * knows only paths. in_user_ns: we are root of a user namespace only. terminal: the process has one
 * of its own. Returns 0, or -1 with errno.
 */
int bundle_write(const struct state *state, struct box_state *box, const struct run_flags *flags,
		 bool in_user_ns, bool terminal);
