/*
 * busybox_root.h: a root file system of one static program (given).
 */
#pragma once

#include <stddef.h>

/* Finds a static busybox: $MINIBOX_BUSYBOX and nothing else if that is set; build/busybox beside
 * this program or up to three folders above; the user's cache (~/.cache/minibox/busybox); /bin,
 * /usr/bin.
 * Returns 0 with its path, or -1 with ENOENT (none), ENOEXEC (only a dynamic one, which would need
 * its libraries in the root too); recorded with the remedy. */
int busybox_find(char *path, size_t size);

/* Fills an empty directory: bin/busybox and its applets as links (sbin, usr/bin, usr/sbin lead
 * to bin), etc/{passwd,group,hosts,os-release}, proc sys dev tmp root.
 * Returns 0, or -1 with errno. */
int busybox_root_fill(int dirfd);

/* In a private mount namespace: mounts a tmpfs on directory `on` and fills it. What is made here
 * goes with the namespace; nothing is left on disk.
 * Returns a descriptor of the root (O_PATH | O_DIRECTORY, close-on-exec), or -1 with errno. */
int busybox_root_mount(const char *on);
