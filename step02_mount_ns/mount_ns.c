/*
 * mount_ns.c: a mount namespace becomes a container's own world.
 */
#define _GNU_SOURCE
#include "mount_ns.h"
#include "step02_mount_ns/given/resolve.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int mount_private(void)
{
	/* systemd makes / shared, and a copy of a shared mount is its peer. MS_REC: every mount
	 * below / has wires of its own, so cutting only the one at / leaves /tmp, /home and the
	 * rest connected. */
	return SYS(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
}

int mount_own_proc(int root, const char *path)
{
	char name[32];
	int dir = make_dir_in_root(root, path, 0555);

	if (dir < 0)
		return -1;
	/* Whose processes it shows is settled here and for good: those of the PID namespace of the
	 * process that mounts. So PID 1 of the new namespace calls this, not its parent. */
	int result = SYS(mount("proc", fd_path(dir, name, sizeof(name)), "proc",
			       MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
			 path);
	int saved = errno;
	close(dir);
	errno = saved;
	return result;
}

int pivot_into(int root)
{
	char path[PATH_MAX];

	if (SYS(fchdir(root), root) < 0)
		return -1;
	/* pivot_root moves mounts, not directories: bound onto itself, any directory is one. MS_REC
	 * takes along what is mounted inside already: proc, dev, volumes. */
	if (SYS(mount(".", ".", NULL, MS_BIND | MS_REC, NULL), root) < 0)
		return -1;
	/* We still stand below the new mount, in the directory that it covers: come in again by
	 * name. */
	if (!SYS(getcwd(path, sizeof(path)), root) || SYS(chdir(path), path) < 0)
		return -1;
	/* The old root lands on top of the new one, so no directory is needed to put it; then it is
	 * the first thing that "." finds, and MNT_DETACH takes it away with all that is mounted on
	 * it, in use or not. */
	if (SYS(pivot_root(".", "."), path) < 0)
		return -1;
	if (SYS(umount2(".", MNT_DETACH), "the old root") < 0)
		return -1;
	return SYS(chdir("/"), "/");
}

/* Opens one of pid's links. -1: errno; -2: it is the namespace that we are in. */
static int open_other(int procfd, pid_t pid, const struct ns_info *kind)
{
	char theirs[64], ours[64];
	struct stat a, b;
	/* setns never moves the caller to another PID namespace, only its children: compare where
	 * those go. */
	const char *own = kind->flag == CLONE_NEWPID ? "pid_for_children" : kind->name;

	snprintf(theirs, sizeof(theirs), "%d/ns/%s", pid, kind->name);
	snprintf(ours, sizeof(ours), "self/ns/%s", own);
	int fd = SYS(openat(procfd, theirs, O_RDONLY | O_CLOEXEC), theirs);
	if (fd < 0)
		return -1;
	/* An inode number counts only together with its device; ioctl_ns(2). */
	if (fstat(fd, &a) == 0 && fstatat(procfd, ours, &b, 0) == 0 && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino) {
		close(fd);
		return -2;
	}
	return fd;
}

int join_namespaces(int procfd, pid_t pid, int kinds)
{
	static const enum ns_kind order[] = { NS_USER,	 NS_IPC,  NS_UTS, NS_NET,
					      NS_CGROUP, NS_TIME, NS_PID, NS_MNT };
	int fds[NS_KINDS], count = 0, result = -1, saved;

	for (; count < NS_KINDS; count++) {
		const struct ns_info *kind = &ns_info[order[count]];
		fds[count] = kinds & kind->flag ? open_other(procfd, pid, kind) : -2;
		if (fds[count] == -1)
			goto bad;
		kinds &= ~kind->flag;
	}
	if (kinds) {
		sys_failure_set(EINVAL, "setns", "kinds", "A flag that is no kind of namespace.",
				NULL);
		goto bad;
	}
	for (int i = 0; i < NS_KINDS; i++)
		if (fds[i] >= 0 &&
		    SYS(setns(fds[i], ns_info[order[i]].flag), ns_info[order[i]].name) < 0)
			goto bad;
	result = 0;
bad:
	saved = errno;
	while (count-- > 0)
		if (fds[count] >= 0)
			close(fds[count]);
	errno = saved;
	return result;
}
