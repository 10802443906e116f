/*
 * mount_attributes.h: what is changed on a mount that is made already.
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* Does something have to be said about the mount, and those below it, when they are all there? Then
 * it is made by its descriptor. */
bool mount_has_attributes(const struct spec_mount *m);

/* Gives the mount whose root on is, and all mounts below it, the attributes attributes_set and
 * takes attributes_clear from them; then its propagation, unless it
 * is unbindable. Returns 0, or -1 with errno; subject of
 * the failure is the destination: ENOSYS (a kernel before 5.12), EPERM (a locked flag was to be
 * taken away). Source: mount_setattr(2), AT_RECURSIVE; mount(2), MS_SHARED. */
int mount_attributes(int on, const struct spec_mount *mount);

/* The tree at descriptor tree, and all mounts in it, become read-only. As above. */
int mount_tree_read_only(int tree, const char *subject);

/* The propagation of a tree that may be mounted nowhere yet: MS_PRIVATE, MS_SLAVE, ... Returns 0,
 * or -1 with errno, not recorded. */
int mount_tree_propagation(int tree, unsigned long propagation);
