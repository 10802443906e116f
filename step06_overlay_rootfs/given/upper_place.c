/*
 * upper_place.c: trying what an upper directory needs.
 */
#define _GNU_SOURCE
#include "upper_place.h"
#include "overlay_check.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

bool upper_userxattr(void)
{
	char map[64]; /* a first line is at most 33 bytes long */
	unsigned inside, outside, count;

	/* Asked anew each time: a child may have entered a namespace that its parent's host_facts()
	 * do not know. */
	if (read_file_at(AT_FDCWD, "/proc/self/uid_map", map, sizeof(map)) < 0 ||
	    sscanf(map, "%u %u %u", &inside, &outside, &count) != 3)
		return host_facts_of(FACTS_SELF)->in_user_ns;
	return count != 4294967295U;
}

static int refuse(const char *dir, const char *name)
{
	char cause[300];

	snprintf(cause, sizeof(cause),
		 "The file system there (%s) does not take overlay's marks: %s.", name,
		 upper_userxattr() ? "user.overlay.* attributes and 0:0 devices"
				   : "trusted.overlay.* attributes and 0:0 devices");
	sys_failure_set(EOPNOTSUPP, "upper_check", dir, cause,
			"Point TMPDIR to a directory on ext4, xfs, btrfs or (from 6.6 on) tmpfs.");
	return -1;
}

static const char *fs_name(long magic, char *number, size_t size)
{
	const char *unfit = overlay_unfit_upper(magic);

	if (unfit)
		return unfit;
	if ((unsigned long)magic == TMPFS_MAGIC)
		return "tmpfs of a kernel before 6.6";
	snprintf(number, size, "type 0x%lx", (unsigned long)magic);
	return number;
}

/* The marks, set on a directory of our own in there. */
static bool takes_marks(const char *trial)
{
	char node[PATH_MAX];
	const char *attribute = upper_userxattr() ? "user.overlay.opaque"
						  : "trusted.overlay.opaque";

	snprintf(node, sizeof(node), "%s/whiteout", trial);
	bool marks = setxattr(trial, attribute, "y", 1, 0) == 0;
	bool nodes = mknod(node, S_IFCHR, makedev(0, 0)) == 0;
	unlink(node);
	return marks && nodes;
}

int upper_check(const char *dir)
{
	char trial[PATH_MAX - 16], number[32];
	struct statfs fs;

	if (SYS(statfs(dir, &fs), dir) < 0)
		return -1;
	if (overlay_unfit_upper(fs.f_type))
		return refuse(dir, fs_name(fs.f_type, number, sizeof(number)));
	if (snprintf(trial, sizeof(trial), "%s/.trial-XXXXXX", dir) >= (int)sizeof(trial)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (!mkdtemp(trial)) {
		sys_failure_set(errno, "mkdtemp", dir, NULL, NULL);
		return -1;
	}
	bool fit = takes_marks(trial);
	rmdir(trial);
	return fit ? 0 : refuse(dir, fs_name(fs.f_type, number, sizeof(number)));
}

int upper_tmpfs(const char *on)
{
	if (SYS(mount("tmpfs", on, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755"), on) < 0)
		return -1;
	if (upper_check(on) == 0)
		return 0;
	int saved = errno;
	umount2(on, MNT_DETACH);
	sys_failure_clear(); /* an answer: the caller takes a directory on disk */
	errno = saved;
	return -1;
}
