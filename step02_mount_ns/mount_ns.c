/*
 * mount_ns.c: a mount namespace becomes a container's own world.
 */
#define _GNU_SOURCE
#include "mount_ns.h"
#include "step02_mount_ns/given/mount_api.h"
#include "step02_mount_ns/given/resolve.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

int mount_private(void)
{
	/* systemd makes / shared, and a copy of a shared mount is its peer. MS_REC: every mount has
	 * a propagation of its own. Without it only the one at / is made private, and /tmp, /home
	 * and the rest stay shared. */
	return SYS(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
}

int mount_own_proc(int root, const char *path, unsigned long flags, const char *data)
{
	char name[32];
	int dir = make_dir_in_root(root, path, 0555);

	if (dir < 0)
		return -1;
	/* Whose processes it shows is settled here and for good: those of the PID namespace of the
	 * process that mounts. So PID 1 of the new namespace calls this, not its parent. */
	int result = SYS(mount("proc", fd_path(dir, name, sizeof(name)), "proc", flags, data),
			 path);
	close_keeping_errno(dir);
	return result;
}

int pivot_into(int root)
{
	/* pivot_root moves mounts, not directories. A bind mount makes a mount of any directory;
	 * open_tree gives it as a descriptor, AT_RECURSIVE with all that is mounted inside: proc,
	 * dev, volumes. */
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE;
	int bind = SYS(open_tree(root, "", flags), "the new root");

	if (bind < 0)
		return -1;
	/* It has to be mounted somewhere: on the directory itself. The descriptor leads into the
	 * new mount, with no need for a path that the caller may not be allowed to walk. */
	flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
	if (SYS(move_mount(bind, "", root, "", flags), "the new root") < 0)
		goto bad;
	if (SYS(fchdir(bind), "the new root") < 0)
		goto bad;
	/* The old root lands on top of the new one, so no directory is needed to put it; then it is
	 * the first thing that "." finds, and MNT_DETACH takes it away with all that is mounted on
	 * it, in use or not. */
	if (SYS(pivot_root(".", "."), "the new root") < 0)
		goto bad;
	if (SYS(umount2(".", MNT_DETACH), "the old root") < 0)
		goto bad;
	close(bind);
	return SYS(chdir("/"), "/");
bad:
	close_keeping_errno(bind);
	return -1;
}

/* The kind of the namespace behind fd, as a CLONE_NEW* flag; 0: the caller is in it; -1: errno. */
static int kind_to_join(int fd)
{
	struct stat target, own;
	char path[48];
	int flag = SYS(ioctl(fd, NS_GET_NSTYPE), fd);

	if (flag < 0 || SYS(fstat(fd, &target), fd) < 0)
		return -1;
	/* setns never moves the caller to another PID namespace, only its children: compare where
	 * those go. */
	const char *name = flag == CLONE_NEWPID ? "pid_for_children" : ns_names(flag);
	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	/* An inode number counts only together with its device; ioctl_ns(2). */
	if (stat(path, &own) == 0 && own.st_dev == target.st_dev && own.st_ino == target.st_ino)
		return 0;
	return flag;
}

/* Enters those of the wanted kinds that are left, and strikes them out of kinds. later: the errno
 * that means "not yet", or 0. */
static int enter(const int fds[], int kinds[], int count, int wanted, int later)
{
	for (int i = 0; i < count; i++) {
		if (!(kinds[i] & wanted))
			continue;
		if (SYS_MAY(setns(fds[i], kinds[i]), ns_names(kinds[i]), later) == 0)
			kinds[i] = 0;
		else if (errno != later)
			return -1;
	}
	return 0;
}

int join_namespaces(const int fds[], int count)
{
	int kinds[NS_KINDS];

	if (count > NS_KINDS) {
		sys_failure_set(EINVAL, "join_namespaces", "the list",
				"There are more than there are kinds of namespaces.", NULL);
		return -1;
	}
	for (int i = 0; i < count; i++)
		if ((kinds[i] = kind_to_join(fds[i])) < 0)
			return -1;
	/* With the caller's own rights: they may be needed for a namespace that belongs to another
	 * user namespace than the one to be entered, and end there. */
	if (enter(fds, kinds, count, ~CLONE_NEWUSER, EPERM) < 0)
		return -1;
	if (enter(fds, kinds, count, CLONE_NEWUSER, 0) < 0)
		return -1;
	/* With all capabilities, which a process gets in the user namespace that it enters. */
	return enter(fds, kinds, count, ~0, 0);
}
