/*
 * dev.h: a small /dev (given).
 */
#pragma once

/* Fills root's dev: null zero full random urandom tty, bound from the host's /dev, because
 * mknod(2) is refused in a user namespace; a devpts of its own at pts, a tmpfs at shm; the links
 * fd stdin stdout stderr ptmx. A tmpfs is mounted on dev first, so nothing is written into the
 * image. A device that the host lacks is left out. Call it in a private mount namespace, before
 * pivot_into (the host's /dev must be in sight).
 * Returns 0, or -1 with errno.
 * Source: mount(2), devpts in the kernel's filesystems/devpts.rst, null(4), tty(4). */
int dev_mount(int root);
