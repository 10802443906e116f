/*
 * mounts.h: the mounts of config.json, made below the prepared root, before pivot_root.
 */
#pragma once

#include "bind_sources.h"
#include "final/runtime/spec/spec.h"

/* Makes them in the order of the list. root: the root directory's descriptor. bundle: the path that
 * a relative source of a bind begins at. sources: copies of those that are out of reach. A tmpfs at
 * /dev stays writable and empty: devices_make() is to be called next. Returns 0, or -1 with errno;
 * subject of the failure is the destination, or the source that is not there. */
int mounts_make(int root, const struct spec *spec, const char *bundle,
		const struct bind_sources *sources);

/* Before any mount: what is mounted here from now on does not reach the host.
 * linux.rootfsPropagation slave or rslave: what the host mounts later below a directory that is
 * bound comes in; else, and where the spec says nothing, not. Returns 0, or -1 with errno,
 * recorded. Source: mount_namespaces(7), "Shared subtrees". */
int mounts_leave_host(const struct spec *spec);

/* After pivot_root: linux.rootfsPropagation for the caller's root mount; where the spec says none
 * it stays private. Returns 0, or -1 with errno of mount(2). */
int mounts_root_propagation(const struct spec *spec);

/* After pivot_root: the mounts that are not to be bound. Before it, they would not come with the
 * root. Returns 0, or -1 with errno of mount(2). */
int mounts_unbindable(const struct spec *spec);

/* After pivot_root: makes the caller's root mount read-only. By its name, and not by a descriptor's
 * name in /proc: that may be a directory of the image by now, with links that lead to other mounts.
 * Returns 0, or -1 with errno of mount(2). */
int mounts_root_read_only(void);
