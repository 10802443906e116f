/*
 * mount_flags.h: changing the flags of a mount, and of the mounts below it (given).
 */
#pragma once

/* The flags that a remount of the mount at fd has to repeat, as MS_* of mount(2): ro, nosuid,
 * nodev, noexec, nosymfollow. Without those of access times: the kernel keeps them in a remount
 * that names none. 0 if fd cannot be asked. Source: fstatvfs(3). */
unsigned long mount_flags_of(int fd);

/* Gives the mount whose root fd is (O_PATH will do) these flags besides those that it has. flags:
 * MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, or those of access times, of which MS_NOATIME,
 * MS_RELATIME and MS_STRICTATIME replace one another. A remount replaces all flags, and in a user
 * namespace those of the parent's mounts are locked: without one of them it is EPERM. subject: what
 * a failure is about.
 * Returns 0, or -1 with errno: EINVAL (fd is no mount's root), EPERM (also: another atime flag than
 * a locked one). Source: mount(2), MS_REMOUNT | MS_BIND; mount_namespaces(7), "Restrictions". */
int mount_add_flags(int fd, unsigned long flags, const char *subject);

/* Makes the mount of fd and all mounts below it read-only: MS_REMOUNT alone changes one, and what
 * is mounted inside stays writable. Returns 0, also where the kernel cannot (before 5.12: ENOSYS),
 * or -1 with errno. Source: mount_setattr(2), AT_RECURSIVE. */
int mount_read_only_below(int fd);
