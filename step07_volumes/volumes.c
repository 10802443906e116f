/*
 * volumes.c: the mount point inside the root, the bind, the flags.
 */
#define _GNU_SOURCE
#include "volumes.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/mount_api.h"
#include "step02_mount_ns/given/resolve.h"
#include "step07_volumes/given/bind_by_path.h"
#include "step07_volumes/given/mount_flags.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int volume_target(int root, const char *destination, bool directory)
{
	struct stat st;
	int fd = directory ? make_dir_in_root(root, destination, 0755)
			   : make_file_in_root(root, destination, 0644);

	if (fd < 0)
		return -1;
	if (SYS(fstat(fd, &st), destination) < 0)
		goto bad;
	/* A directory goes over a directory, a file over a file. */
	if (S_ISDIR(st.st_mode) == directory)
		return fd;
	sys_failure_set(
		directory ? ENOTDIR : EISDIR, "volume_target", destination,
		directory ? "The source is a directory, and the image has a file in that place."
			  : "The source is a file, and the image has a directory in that place.",
		"Choose another DST, or give a source of the same kind.");
bad:
	close_keeping_errno(fd);
	return -1;
}

/* A second mount of source, put on target. Both are descriptors: no path is looked up again, so
 * no link that is changed meanwhile counts. Returns a descriptor of the new mount, or -1. */
static int bind_on(int target, const char *destination, int source, unsigned below)
{
	/* This is what MS_BIND makes, but it is attached nowhere yet: closed, it is gone. */
	int tree = SYS(
		open_tree(source, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | below),
		destination);

	if (tree < 0)
		return -1;
	if (SYS(move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
		destination) == 0)
		return tree;
	close_keeping_errno(tree);
	return -1;
}

int volume_bind(int root, const char *destination, int source, unsigned long flags)
{
	unsigned long rest = flags & ~(unsigned long)MS_REC;
	struct failure before = *sys_failure();
	struct stat st;
	char on[32];
	int target, mounted;

	if (SYS(fstat(source, &st), destination) < 0)
		return -1;
	target = volume_target(root, destination, S_ISDIR(st.st_mode));
	if (target < 0)
		return -1;
	mounted = bind_on(target, destination, source, flags & MS_REC ? AT_RECURSIVE : 0);
	if (mounted < 0) { /* a filter may know mount(2) only; its errno is the one that counts */
		sys_failure_clear();
		sys_failure_adopt(&before);
		mounted = bind_by_path(root, destination, target, source, flags & MS_REC);
	}
	close_keeping_errno(target);
	if (mounted < 0)
		return -1;
	/* The second call: no bind takes flags. */
	if (rest && mount_add_flags(mounted, rest, destination) < 0)
		goto bad;
	if ((flags & MS_REC) && (flags & MS_RDONLY) && mount_read_only_below(mounted) < 0)
		goto bad;
	close(mounted);
	return 0;
bad:;
	int saved = errno;
	umount2(fd_path(mounted, on, sizeof(on)), MNT_DETACH);
	close(mounted);
	errno = saved;
	return -1;
}
