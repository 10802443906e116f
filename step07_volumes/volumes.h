/*
 * volumes.h: step 7's piece. A directory of the host, seen inside a container.
 *
 * A bind mount shows the same directory in a second place. Nothing is copied: both places are the
 * same inode, and both sides write to the same files. The container's overlay does not see these
 * writes. So they stay when the container is removed, and commit does not take them along.
 *
 * The host's paths exist in the container's process only before pivot_root(2). So volumes are
 * mounted before it.
 *
 * Each system call is made by SYS() (floor/call/sys.h): the first that fails is recorded, with the
 * path, process or name that it was about.
 */
#pragma once

#include <stdbool.h>
#include <sys/mount.h> /* MS_* */

/* Makes the mount point `destination` inside the directory root (a descriptor): a directory, or,
 * with directory false, an empty file. Missing directories on the way are made too. A
 * directory gets the mode 0755, a file 0644. What exists already is left as it is. The image may
 * hold symbolic links: they are followed as if root were / (resolve.h), so no link leads to the
 * host.
 * Returns a descriptor of the mount point (O_PATH | O_CLOEXEC), which the caller closes; or -1 with
 * errno: ENOTDIR (a file is there, or on the way), EISDIR (directory is false, and a directory is
 * there), ELOOP, EXDEV (a magic link of /proc), EROFS, EACCES.
 * Source: openat2(2), RESOLVE_IN_ROOT. */
int volume_target(int root, const char *destination, bool directory);

/* Bind-mounts source (a descriptor of a directory or a file; O_PATH is enough) on destination
 * inside root. The mount point is made by volume_target(). flags are MS_* of mount(2):
 *
 *	MS_REC      with the mounts below source. In a user namespace it is needed where there
 *	            are such mounts: without it one could see what they cover.
 *	MS_RDONLY   the new mount is read-only. With MS_REC the mounts below it are too, where
 *	            the kernel can do that (Linux 5.12, mount_setattr(2)).
 *	MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME, ...  for the new mount alone
 *
 * A bind takes no other flag than MS_REC, so the others need a second call, a remount. The remount
 * replaces all flags of a mount, so it repeats those that the mount has from its source. In a user
 * namespace these are locked, and a remount without one of them is EPERM. mount_flags.h (given)
 * does that: mount_add_flags(), mount_read_only_below().
 *
 * The mount is made by open_tree(2) and move_mount(2), since they take descriptors: no path is
 * looked up that another process could change. Where they are refused (an old kernel, a filter),
 * bind_by_path() (given) makes it by mount(2), compares afterwards what it has got, and that
 * refusal is not recorded.
 *
 * source must have been opened in the caller's mount namespace, and the caller must have made its
 * mounts private (mount_private()), or the new mount may show elsewhere.
 *
 * Returns 0, or -1 with errno: those of volume_target(); EPERM (no CAP_SYS_ADMIN over the mount
 * namespace), EINVAL (source belongs to another mount namespace; or no MS_REC, and mounts below
 * source are locked), ESTALE (the path was changed during the call). After any other
 * failure nothing stays mounted. A mount point that was made stays.
 * Source: mount(2), MS_BIND and MS_REMOUNT; open_tree(2); move_mount(2); mount_namespaces(7),
 * "Restrictions on mount namespaces". */
int volume_bind(int root, const char *destination, int source, unsigned long flags);
