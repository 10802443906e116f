/*
 * kind.h: whose container is it? From the text of /proc/PID/cgroup alone; no daemon is asked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Looks for the names that container managers give to groups ("docker-4f2a....scope",
 * "/lxc.payload.web", "machine-web.scope", "minibox-4f2a"). Fills kind ("docker") and name
 * ("4f2a...", the first twelve digits of a long id). Returns false, and leaves both alone, if no
 * path says anything. */
bool kind_of_cgroup(const char *text, char *kind, size_t kind_size, char *name, size_t name_size);
