/*
 * bind_by_path.h: a bind mount by mount(2), where open_tree(2) is refused (given): by a filter of
 * system calls or a security module that does not know it.
 */
#pragma once

#include <stdbool.h>

/* Binds source on target, the descriptor of destination inside root; below: with the mounts below
 * source (MS_REC). mount(2) gives no descriptor of the new mount, so destination is looked up once
 * more. What is found there must be source: the path may have been changed meanwhile.
 * Returns a descriptor of the new mount (O_PATH, close-on-exec), or -1 with errno of mount(2) and
 * resolve_in_root(), ESTALE (something else is there now; the mount is left where it was put). */
int bind_by_path(int root, const char *destination, int target, int source, bool below);
