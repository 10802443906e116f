/*
 * bind_sources.h: the sources of bind mounts.
 *
 * A source is a path of the host, and the container's process opens it: a mount of the host's that
 * it has a copy of keeps its locked flags then. But root of a new user namespace may not search a
 * directory of mode 0700 that is the host root's. For such a source there is a copy of the mount,
 * which the runtime has made by its own rights (open_tree(2)); it belongs to no mount namespace,
 * and is put in its place by move_mount(2).
 *
 * The same way comes a mount with "rshared" where linux.rootfsPropagation is shared, too: the
 * host's mounts are made private for the container before it has its own, and this copy stays a
 * peer.
 */
#pragma once

#include "final/runtime/spec/spec.h"

#include <stdbool.h>

enum { BIND_SOURCES = 48 };

/* Copies by the index of the mount in the spec; all -1 or count 0: none. */
struct bind_sources {
	struct {
		int mount, tree;
	} list[BIND_SOURCES];
	int count;
};

/* In the runtime, before the container's process is made: copies the sources, the first
 * BIND_SOURCES of them, where the container gets a user namespace, and those that are to stay peers
 * of the host's mounts, where the caller has CAP_SYS_ADMIN. The others are no peers. What cannot be
 * copied is left out: the container's process tries it, and says why. The descriptors are
 * close-on-exec. */
void bind_sources_open(const struct spec *spec, const char *bundle, struct bind_sources *sources);
void bind_sources_close(struct bind_sources *sources);

/* The copy for a mount of the spec, or -1. */
int bind_sources_tree(const struct bind_sources *sources, int mount);

/* Opens the source of a mount with O_PATH; a relative one begins at the bundle. Returns the
 * descriptor, or -1 with errno, recorded. */
int bind_source_open(const struct spec_mount *mount, const char *bundle);
