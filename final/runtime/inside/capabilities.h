/*
 * capabilities.h: the five sets of a thread, set and not inherited; capabilities(7).
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* Drops from the bounding set what is not in bounding. Needs CAP_SETPCAP. Returns 0, or -1 with
 * errno. Source: prctl(2), PR_CAPBSET_DROP. */
int capabilities_bound(uint64_t bounding);

/* Sets effective, permitted, inheritable and then the ambient set. After a change of ids the
 * permitted ones are there only with PR_SET_KEEPCAPS. Returns 0, or -1 with errno: EPERM, and the
 * record names the first capability that is asked for and cannot be had. Source: capset(2). */
int capabilities_set(const struct spec_capabilities *sets);
