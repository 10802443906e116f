/*
 * mount_ns.h: step 2's piece. A view of the files of its own.
 *
 * A new mount namespace starts as a copy of its maker's: same mounts, and, where
 * those are shared, still wired to them. These four calls turn the copy into a
 * container's own world, and enter somebody else's.
 */
#pragma once

#include <sys/types.h>

/* Cuts the wires: makes every mount of this namespace private, so that what is mounted here from
 * now on is not seen elsewhere, and nothing new of elsewhere here. First call in a new mount
 * namespace.
 * Returns 0, or -1 with errno: EPERM (no CAP_SYS_ADMIN over this namespace), EINVAL (/ is no mount
 * point: a chroot).
 * Source: mount(2), MS_REC | MS_PRIVATE; mount_namespaces(7). */
int mount_private(void);

/* Mounts a proc file system of the *caller's* PID namespace at path (made if missing) inside
 * root, nosuid, nodev, noexec. root: a directory's descriptor, or AT_FDCWD for /. path is
 * resolved inside root (resolve.h): no link leads out. Comes before pivot_into: in a user
 * namespace the kernel allows a new proc only where a whole one is in sight, and after
 * pivot_root none is.
 * Returns 0, or -1 with errno: EPERM (in a user namespace: part of the /proc in sight is covered,
 * or there is none), ENOTDIR, EXDEV (a link led out).
 * Source: proc(5), pid_namespaces(7). */
int mount_own_proc(int root, const char *path);

/* Makes the directory root the root of this mount namespace and lets the old root go; the
 * working directory is the new / after. root need not be a mount point: it is bound onto itself
 * first. All mounts must be private (mount_private). The descriptor stays the caller's.
 * Returns 0, or -1 with errno: EPERM, EINVAL (shared parent mount, or the initial ramfs), ENOTDIR,
 * EBADF, EBUSY (it is / already).
 * Source: pivot_root(2), NOTES: pivot_root(".", ".") and umount2(".", MNT_DETACH). */
int pivot_into(int root);

/* Enters the namespaces of process pid that kinds asks for (CLONE_NEWNS | CLONE_NEWUTS | ...);
 * those that we are in already are passed over, so also our own user namespace (setns would say
 * EINVAL). All links are opened before the first is entered, since the new mount namespace may
 * have no /proc; the user namespace is entered first, because it gives the rights for the
 * others. With CLONE_NEWPID the caller's next child is inside, not the caller. procfd: a
 * descriptor of the proc directory; closed by its owner, and no way to inside must get it.
 * Returns 0, or -1 with errno: ENOENT, ESRCH (it is gone), EACCES, EPERM (not allowed to look or
 * to enter), EINVAL (kinds holds something else).
 * Source: setns(2), namespaces(7). */
int join_namespaces(int procfd, pid_t pid, int kinds);
