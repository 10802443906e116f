/*
 * no_pivot.c: another root without pivot_root(2).
 */
#define _GNU_SOURCE
#include "no_pivot.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step02_mount_ns/given/mount_api.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* What is below a mount that is gone by now is not there any more. In a user namespace the mounts
 * of the parent's are locked (EINVAL): covered, none of them counts for the kernel either. */
static int uncover_one(const struct mountinfo *mount_at, void *arg)
{
	const char *path = mount_at->mount_point;

	(void)arg;
	if (strcmp(mount_at->fs_type, "proc") != 0 && strcmp(mount_at->fs_type, "sysfs") != 0)
		return 0;
	if (SYS_MAY(umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW), path, EINVAL) == 0)
		return 0;
	if (errno == ENOENT || errno == ENOTDIR) {
		sys_failure_clear();
		return 0;
	}
	if (errno != EINVAL && errno != EPERM)
		return -1;
	sys_failure_clear();
	if (SYS(mount("tmpfs", path, "tmpfs", MS_RDONLY, "size=4k"), path) == 0)
		return 0;
	if (errno != ENOENT && errno != ENOTDIR)
		return -1;
	sys_failure_clear();
	return 0;
}

int move_into(int root)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE;
	/* A copy of the tree with all that is mounted in it, mounted nowhere yet: so each proc and
	 * sysfs that mountinfo has is one of the old root's. */
	int bind = SYS(open_tree(root, "", flags), "the new root");
	int procfd = bind < 0 ? -1 : SYS(proc_open(), "/proc");

	if (procfd < 0 || mountinfo_each(procfd, 0, uncover_one, NULL) < 0)
		goto bad;
	if (SYS(move_mount(bind, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH), "/") < 0)
		goto bad;
	if (SYS(fchdir(bind), "the new root") < 0 || SYS(chroot("."), "the new root") < 0)
		goto bad;
	close(procfd);
	close(bind);
	return SYS(chdir("/"), "/");
bad:
	close_keeping_errno(procfd);
	close_keeping_errno(bind);
	return -1;
}
