/*
 * why_mount.c: why mount, umount, pivot_root and chroot fail.
 */
#define _GNU_SOURCE
#include "why_mount.h"
#include "step01_clone_pid/floor/call/why_when.h"

#include <string.h>
#include <sys/mount.h>

/* AppArmor's rule explains more than what is mounted does: that is the floor's to say. */
static WHEN(proc_in_userns)
{
	return h->in_user_ns && has_type(f, "proc") && !apparmor_in_userns(h, f);
}

static WHEN(proc_covered)
{
	return proc_in_userns(h, f) && h->proc_overmounted;
}

static WHEN(is_remount)
{
	return has_flags(f, MS_REMOUNT);
}

/* And so does a filter, or a lack of rights. */
static WHEN(remount_in_userns)
{
	return h->in_user_ns && is_remount(h, f) && !apparmor_in_userns(h, f) &&
	       !container_seccomp(h, f) && !not_admin(h, f);
}

static WHEN(bind_in_userns)
{
	return h->in_user_ns && has_flags(f, MS_BIND) && !has_flags(f, MS_REMOUNT | MS_REC);
}

static WHEN(is_move)
{
	return has_flags(f, MS_MOVE);
}

static WHEN(is_propagation)
{
	return has_flags(f, MS_PRIVATE | MS_SHARED | MS_SLAVE | MS_UNBINDABLE);
}

static WHEN(no_proc_for_fd)
{
	return !h->proc && (f->args.by_fd || no_proc(h, f));
}

static WHEN(root_is_rootfs)
{
	return strcmp(h->root_fs, "rootfs") == 0;
}

#define UMOUNT "umount|umount2"

/* Rows are read as a table. */
/* clang-format off */
static const struct why_row rows[] = {
/* ---- mounting ---- */
{ "mount", EPERM, proc_covered,
  "In a user namespace the kernel mounts a new proc only where the old /proc is all in sight, and here parts of it are "
  "mounted over.",
  "Run it outside the container, or start that with --security-opt systempaths=unconfined; grep ' /proc/' "
  "/proc/self/mountinfo shows what covers it." },
{ "mount", EPERM, proc_in_userns,
  "A proc can be mounted only by who has rights over its PID namespace, from a mount namespace of its own.",
  "Add CLONE_NEWPID and CLONE_NEWNS beside CLONE_NEWUSER, fork, and mount it in the child." },
{ "mount", EPERM, remount_in_userns,
  "This mount came from outside our user namespace, and its flags (nosuid, nodev, noexec, ro) are locked.",
  "Repeat the locked flags in the remount: findmnt -o TARGET,OPTIONS PATH." },
{ "mount", EINVAL, bind_in_userns,
  "Something is mounted below the source, and in a user namespace a bind must not uncover what it hides.",
  "Bind the whole tree: MS_BIND | MS_REC." },
{ "mount", EINVAL, is_remount, "Only a mount can be remounted, and %s is not a mount point.",
  "Bind the directory over itself first: mount(dir, dir, NULL, MS_BIND, NULL)." },
{ "mount", EINVAL, is_propagation,
  "The propagation of a mount is set on its mount point, alone: %s is not a mount point, or other flags are beside it.",
  "Name the mount point (often \"/\") and pass only MS_PRIVATE, MS_SLAVE or MS_SHARED, with MS_REC." },
{ "mount", EINVAL, is_move,
  "A mount cannot be moved out of a shared parent, or the source is not a mount point, or the target lies below it.",
  "Make the parent private first: mount(NULL, \"/\", NULL, MS_REC | MS_PRIVATE, NULL)." },
{ "mount", EINVAL, NULL, "An option or flag is wrong, or the source holds no file system of this type.",
  "sudo dmesg | tail often names the option." },
{ "mount", EBUSY, is_remount, "The mount cannot become read-only: a file on it is open for writing.",
  "Find who writes: fuser -vm PATH." },
{ "mount", EBUSY, NULL, "The source or %s is in use, or the same thing is mounted there already.",
  "findmnt PATH shows what is mounted there." },
{ "mount", ENOENT, no_proc_for_fd, NO_PROC " Mount points are named by /proc/self/fd here.", MOUNT_PROC },
{ "mount", ENOENT, NULL, "The source or the mount point %s does not exist.", "Make the mount point first: mkdir -p." },
{ "mount", ENODEV, NULL, "This kernel does not know the file system type.",
  "cat /proc/filesystems lists what it knows; sudo modprobe TYPE may add it." },
{ "mount", ENOTDIR, NULL,
  "A file cannot be mounted over a directory, nor a directory over a file: %s is of the other sort, or a part of its path is "
  "no directory.",
  "Use a directory for a directory, and an empty file for a file: touch." },
{ "mount", ENOTBLK, NULL, "The source is no block device, and this file system lives on one.",
  "Attach the image to a loop device first: losetup." },
{ "mount", ELOOP, NULL, "Too many symbolic links on the way to %s, or the mount would lie in itself.",
  "namei -l PATH shows the links." },
{ "mount", ENOSPC, NULL, "The mount namespace holds as many mounts as fs.mount-max allows.",
  "sudo sysctl fs.mount-max; count: wc -l /proc/self/mountinfo." },
/* ---- unmounting ---- */
{ UMOUNT, EBUSY, NULL,
  "%s is in use: a process has a file open or its working directory there, or something is mounted below it.",
  "Leave it, or take it off the tree now and free it later: MNT_DETACH." },
{ UMOUNT, EINVAL, in_user_ns, "%s is no mount point, or it came from outside this user namespace and is locked.",
  "findmnt PATH; only what was mounted inside can be unmounted singly." },
{ UMOUNT, EINVAL, NULL, "%s is no mount point in this mount namespace.", "findmnt PATH; grep it in /proc/self/mountinfo." },
{ UMOUNT, EPERM, NULL, "Unmounting needs CAP_SYS_ADMIN over this mount namespace.",
  "Run it as root, or in a user and mount namespace of your own: unshare -Urm." },
{ UMOUNT, ENOENT, NULL, "%s does not exist.", "findmnt lists what is mounted." },
/* ---- changing the root ---- */
{ "pivot_root", EINVAL, root_is_rootfs, "The root is the initramfs itself, and that cannot be pivoted away.",
  "Mount the new root over it: mount(dir, \"/\", NULL, MS_MOVE, NULL), then chroot(\".\")." },
{ "pivot_root", EINVAL, NULL,
  "The new root is not a mount point, or it, its parent or the old root's parent is a shared mount, or put_old is not below it.",
  "Bind the new root over itself (MS_BIND | MS_REC) after mount(NULL, \"/\", NULL, MS_REC | MS_PRIVATE, NULL)." },
{ "pivot_root", EBUSY, NULL, "The new root or put_old lies on the mount that is the root now.",
  "Make the new root a mount of its own: bind it over itself." },
{ "pivot_root", EPERM, NULL, "pivot_root needs CAP_SYS_ADMIN over this mount namespace.",
  "Make a mount namespace (and a user namespace, without root) first." },
{ "pivot_root", ENOTDIR, NULL, "The new root or put_old is no directory.", "Name directories." },
{ "pivot_root", ENOENT, NULL, "The new root or put_old does not exist.", "mkdir -p it first." },
{ "chroot", EPERM, NULL, "chroot needs CAP_SYS_CHROOT in this user namespace.",
  "Run it as root, or in a user namespace of your own: unshare -Ur." },
{ "chroot|chdir|fchdir", ENOENT, NULL, "%s does not exist.", "Check the path: ls -ld PATH." },
{ "chroot|chdir|fchdir", ENOTDIR, NULL, "%s, or a part of its path, is no directory.",
  "A root file system is a directory: unpack the image first." },
{ "chroot|chdir|fchdir", EACCES, NULL, "A directory on the way to %s cannot be searched by this user.",
  "namei -l PATH shows the rights on the way." },
/* ---- calls that are not there ---- */
{ "open_tree|move_mount|fsopen|fsconfig|fsmount|mount_setattr", ENOSYS, NULL,
  "This kernel is too old for the call, or a container's seccomp filter hides it.",
  "uname -r; open_tree, move_mount, fsopen and fsmount need Linux 5.2, mount_setattr 5.12." },
};
/* clang-format on */

struct why_table why_mount = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]) };
