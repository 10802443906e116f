/*
 * no_pivot.h: --no-pivot, for a host whose root is the initial ramfs, which pivot_root(2) refuses.
 */
#pragma once

/* As pivot_into() of step 2, but the new root is mounted over the old one, and the caller's root is
 * changed to it by chroot(2). What the old root holds stays mounted below, where no path leads;
 * its proc and sysfs mounts are taken away or covered first: with one of them in this mount
 * namespace, the container could have the kernel mount a proc that none of its masks cover.
 * root: the new root's descriptor. All mounts must be private before. Returns 0, or -1 with errno;
 * after a failure the process should end.
 * Source: mount(2), "Moving a mount"; switch_root(8); mount_namespaces(7), "Restrictions". */
int move_into(int root);
