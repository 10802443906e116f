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

/* What is wrong with text, the value of -v, into the failure record; each returns -1 with EINVAL.
 * The second is for an SRC that is a path but not one from / on (rest: of text, from the colon on);
 * it says how the path is written with $PWD. The third for a colon too many, "/tmp/a:b:/data". */
int volume_refuse(const char *text, const char *cause);
int volume_refuse_relative(const char *text, const char *source, const char *rest);
int volume_refuse_colon(const char *text);
