/*
 * upper_place.h: where an upper directory can live (given).
 *
 * Upper must take overlay's extended attributes (trusted.*, or user.* in a user namespace: tmpfs
 * learnt those in 6.6), device nodes 0:0 and rename's whiteouts. overlay, NFS, FAT and some FUSE do
 * not.
 */
#pragma once

#include <stdbool.h>

/* Does this process need userxattr? (It lives in a user namespace.) */
bool upper_userxattr(void);

/* Tries it: can the file system of directory dir hold an upper? Leaves nothing there.
 * Returns 0, or -1 with EOPNOTSUPP and a failure record that names the file system, or errno of the
 * trial (EACCES, EROFS, ENOSPC). */
int upper_check(const char *dir);

/* In a private mount namespace: mounts a tmpfs on directory `on` if that can hold an upper; else
 * nothing is mounted. Returns 0, or -1 with errno: EOPNOTSUPP (its attributes are missing: use a
 * directory on disk), EPERM. */
int upper_tmpfs(const char *on);
