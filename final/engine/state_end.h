/*
 * state_end.h: the end of a container, in order: processes, groups, volumes, directory.
 */
#pragma once

#include "state.h"

/* Ends what the record names and is proved to be this container's, then removes it, then the
 * directory `id` of state->containers, which dir is open on and whose lock the caller holds. The
 * directory is not touched while a process of the container lives. */
enum ended container_end(const struct state *state, int dir, const char *id,
			 const struct record *record, struct ending *ending);

/* The last part of it: a directory of `dir` that nothing uses any more goes by way of
 * "removing-NAME". Returns 0, or -1 with why (512 bytes); then it has a file "left" in it. */
int directory_end(int dir, const char *name, char *why);

/* Ends PID 1 of the record, if it lives. Returns 0: there is none (any more); -1: it lives, or that
 * cannot be judged, and why. For container_end() and its tests. */
int process_end(const struct record *record, struct ending *ending);
