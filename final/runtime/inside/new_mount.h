/*
 * new_mount.h: a mount by its descriptor, from the first moment.
 *
 * mount(2) takes a place and gives back nothing: what comes after it (read-only, propagation, files
 * that are put in) has to look for the place once more, and by then another container that shares
 * the root file system can have put a link there (CVE-2021-30465).
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* A new file system of a type, which is mounted nowhere yet. flags: MS_*, those of a mount and
 * those of a file system; source and data as for mount(2); destination: what a failure names.
 * Returns a descriptor of its root, or -1 with errno and the failure record: EINVAL (an option
 * of data), ENODEV (the type). Source: fsopen(2), fsconfig(2), fsmount(2). */
int new_mount(const char *type, const char *source, unsigned long flags, const char *data,
	      const char *destination);

/* What is at source once more, mounted nowhere yet; below: with what is mounted inside. Returns a
 * descriptor of it, or -1. Source: open_tree(2). */
int new_bind(int source, bool below, const char *destination);

/* Puts the mount at its place inside root, which is made where it is missing. The descriptor stays
 * the caller's, and leads to the mount. Returns 0, or -1 with errno: of volume_target() and
 * move_mount(2). */
int new_mount_attach(int mount, int root, const char *destination);
