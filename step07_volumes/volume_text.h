/*
 * volume_text.h: paths and names in the text of -v (given).
 */
#pragma once

#include <stdbool.h>

/* "/a//b/./../c/" becomes "/a/c", "/.." and "/" become "". By the text alone: no link is looked at
 * here, that is resolve.h's work. out needs as much room as path. */
void path_clean(const char *path, char *out);

/* May a volume be called so? [a-zA-Z0-9][a-zA-Z0-9_.-]+, 255 at most. */
bool volume_name_ok(const char *name);
