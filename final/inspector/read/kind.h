/*
 * kind.h: whose container is it? From the text of /proc/PID/cgroup and of the command line of who
 * watches over it; no daemon is asked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Looks for the names that container managers give to groups ("docker-4f2a....scope",
 * "/lxc.payload.web", "machine-web.scope", "minibox-4f2a"). Fills kind ("docker") and name
 * ("4f2a...", the first twelve digits of a long id). Returns false, and leaves both alone, if no
 * path says anything. */
bool kind_of_cgroup(const char *text, char *kind, size_t kind_size, char *name, size_t name_size);

/* The name that podman's user gave ("-n NAME"), from /proc/PID/cmdline of the conmon which watches
 * over the container: length bytes of arguments that end in NUL each. Returns false, and leaves
 * name alone, if there is none. */
bool name_of_conmon(const char *cmdline, size_t length, char *name, size_t size);

/* Is the word a kind of container ("step05", "minibox", "podman")? One may come of any of them. */
bool kind_is_known(const char *word);

/* Is it the beginning of an id, "4f2a0123456b", as kind_of_cgroup() cuts them? */
bool name_is_id(const char *name);
