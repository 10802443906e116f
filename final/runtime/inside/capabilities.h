/*
 * capabilities.h: the five sets of a thread, set and not inherited; capabilities(7).
 */
#pragma once

#include "final/runtime/spec/spec.h"

#include <stdbool.h>
#include <stdint.h>

/* Drops from the bounding set what is not in bounding. Needs CAP_SETPCAP. Returns 0, or -1 with
 * errno. Source: prctl(2), PR_CAPBSET_DROP. */
int capabilities_bound(uint64_t bounding);

/* Sets effective, permitted, inheritable and then the ambient set, to what of them can be had; the
 * rest is left out. After a change of ids the permitted ones are there only with PR_SET_KEEPCAPS.
 * Returns 0, or -1 with errno. Source: capset(2). */
int capabilities_set(const struct spec_capabilities *sets);

/* What of them this process could not give to a container, with or without a user namespace of its
 * own. An effective one that is not permitted counts. Returns 0, or -1 with errno. */
int capabilities_missing(const struct spec_capabilities *asked, bool new_user_ns,
			 uint64_t *missing);

/* The name of the first of a set that is not empty. */
const char *capabilities_name(uint64_t set);
