/*
 * mount_flags.h: a mount's flags, and those of the mounts below it (given).
 */
#pragma once

/* The MS_* flags that the mount of fd has now: nosuid, nodev, noexec, ro and the atime ones. A
 * remount that leaves out a locked one is EPERM in a user namespace. 0 if fd cannot be asked.
 * Source: fstatvfs(3), mount_namespaces(7). */
unsigned long mount_flags_of(int fd);

/* Makes the mount of fd and all mounts below it read-only: MS_REMOUNT alone changes one, and what
 * is mounted inside stays writable. Returns 0, also where the kernel cannot (before 5.12: ENOSYS),
 * or -1 with errno. Source: mount_setattr(2), AT_RECURSIVE. */
int mount_read_only_below(int fd);
