/*
 * mount_ns.h: step 2's piece. A container's own view of the files.
 *
 * A new mount namespace starts as a copy of its maker's. Where the mounts are shared, the copy
 * still gets what is mounted in the other one, and the other way round. Three functions make a
 * container's world of that copy; the fourth enters the namespaces of a running container.
 *
 * Each system call is made by SYS() (floor/call/sys.h): the first that fails is recorded, with the
 * path, process or name that it was about.
 */
#pragma once

#include <sys/mount.h>

/* Makes every mount of this mount namespace private. What is mounted here from now on is not
 * seen in other namespaces, and what is mounted there is not seen here. It is the first call in
 * a new mount namespace.
 * Returns 0, or -1 with errno: EPERM (no CAP_SYS_ADMIN over this mount namespace), EINVAL (/ is
 * no mount point, as in a chroot).
 * Source: mount(2), MS_REC and MS_PRIVATE; mount_namespaces(7). */
int mount_private(void);

/* The flags that a container's proc usually has. */
#define PROC_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* Mounts a proc file system on the directory path inside root, and makes the directory if it is
 * missing. The new proc shows the PID namespace of the *caller*, for ever; so PID 1 of the new
 * PID namespace calls this, and not its parent.
 *
 * root is a directory's descriptor, or AT_FDCWD for /. It stays the caller's. path is resolved
 * inside root, so that no symbolic link leads out; resolve.h does that. flags and data are
 * passed to mount(2) as they are: PROC_FLAGS, PROC_FLAGS | MS_RDONLY; NULL, "hidepid=2".
 *
 * Call it before pivot_into(). In a user namespace the kernel allows a new proc only while
 * another one, with no part of it covered, is mounted in this mount namespace. After
 * pivot_into() none is.
 * Returns 0, or -1 with errno: EPERM (no CAP_SYS_ADMIN over the mount namespace and the PID
 * namespace; in a user namespace: no such other proc), ENOTDIR (path is a file), EXDEV (path
 * leads through a magic link of /proc), EINVAL (data holds an option that proc does not know),
 * ELOOP, EROFS, EACCES. A directory that was made (mode 0555) stays. make_dir_in_root() and
 * fd_path() of resolve.h do the path.
 * Source: proc(5), mount(2), pid_namespaces(7), user_namespaces(7). */
int mount_own_proc(int root, const char *path, unsigned long flags, const char *data);

/* Makes the directory root the root of this mount namespace, and removes all mounts of the old
 * root. What is mounted inside root comes along. Afterwards the working directory is the new /.
 *
 * root is a directory's descriptor; O_PATH is enough. It stays the caller's. The directory need
 * not be a mount point, but pivot_root(2) takes only a mount point: so a bind mount of root is
 * mounted on root first, with all that is mounted inside. All mounts must be private before,
 * by mount_private(). root may have no path that the caller can walk, so everything is done by
 * descriptors (mount_api.h, given, has the calls where the C library has not).
 *
 * Returns 0, or -1 with errno: EPERM (no CAP_SYS_ADMIN over this mount namespace), EINVAL (the
 * mount that holds root is shared; or the present root is the initial ramfs; or root is in
 * another mount namespace), ENOTDIR (root is a file), EBADF. After a failure the working
 * directory and the mounts may have changed: the process should end.
 * Source: pivot_root(2), NOTES: pivot_root(".", "."); open_tree(2), move_mount(2). */
int pivot_into(int root);

/* Moves the caller into namespaces. fds: count open namespaces, at most one of a kind, in any
 * order: descriptors of /proc/PID/ns/KIND, or of a file that a namespace is bound to. They stay
 * the caller's.
 *
 * A namespace that the caller is in already, by device and inode of /proc/self/ns/KIND, is passed
 * over; for a PID namespace that is the one of its next child, pid_for_children. (To enter one's
 * own user namespace is an error, and to enter another one of one's own needs rights all the same.)
 *
 * The order: first those that the caller may enter with the rights that it has. Then the user
 * namespace. Then those that were refused before (EPERM), with the rights in that user
 * namespace. Both are needed. Who enters a user namespace gets all rights over the namespaces
 * that belong to it, and loses those over all others.
 *
 * With a PID namespace the caller stays where it is; its next child is inside.
 *
 * The caller has opened all namespaces before, because /proc may be another one after the first is
 * entered. It must have one thread. All descriptors are looked at before the first is entered; an
 * EPERM that a later attempt mends is not recorded. After a failure the caller may be in some of
 * the namespaces: call this in a child process.
 *
 * Returns 0, or -1 with errno: EPERM (no rights), EBADF or ENOTTY (a descriptor of no
 * namespace), EINVAL (more than there are kinds; several threads), EUSERS (the same, for a time
 * namespace).
 * Source: setns(2), namespaces(7), ioctl_ns(2). */
int join_namespaces(const int fds[], int count);
