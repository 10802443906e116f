/*
 * live_view.h: the interactive inspector.
 */
#pragma once

#include "options.h"
#include "source.h"

/* Runs until the user quits. other: the second container of --vs, or NULL. Returns the exit status.
 */
int live_view(const struct options *options, struct source *source, struct source *other);
