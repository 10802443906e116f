/*
 * overlay_check.c: says which directory is at fault, and why. The kernel says so only in its log.
 */
#define _GNU_SOURCE
#include "overlay_check.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static int fault(int err, const char *path, const char *cause, const char *remedy)
{
	sys_failure_set(err, "overlay_mount", path, cause, remedy);
	return -1;
}

const char *overlay_unfit_upper(long magic)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} unfit[] = { { OVERLAYFS_SUPER_MAGIC, "overlay" },
		      { NFS_SUPER_MAGIC, "NFS" },
		      { MSDOS_SUPER_MAGIC, "FAT" },
		      { 0xff534d42, "CIFS" },
		      { 0xfe534d42, "SMB" },
		      { V9FS_MAGIC, "9p" },
		      { SQUASHFS_MAGIC, "squashfs" },
		      { ISOFS_SUPER_MAGIC, "ISO 9660" },
		      { PROC_SUPER_MAGIC, "proc" },
		      { SYSFS_MAGIC, "sysfs" } };

	for (size_t i = 0; i < sizeof(unfit) / sizeof(*unfit); i++)
		if (unfit[i].magic == ((unsigned long)magic & 0xffffffff))
			return unfit[i].name;
	return NULL;
}

/* One directory: is it there, and is it one? */
static int check_directory(const char *path, struct stat *st)
{
	if (SYS(stat(path, st), path) < 0)
		return -1;
	if (S_ISDIR(st->st_mode))
		return 0;
	return fault(ENOTDIR, path, "An overlay is made of directories, and this is a file.",
		     "Unpack it into a directory first: a layer is a directory.");
}

/* Is path inside dir, or dir itself? Both are as realpath(3) has them. */
static bool inside(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0' || n == 1);
}

static int check_apart(const char *one, const char *other)
{
	char a[PATH_MAX], b[PATH_MAX];

	/* realpath fails with NULL, which is not what SYS looks for. Both were there a moment ago.
	 */
	if (!realpath(one, a) || !realpath(other, b))
		return fault(errno, one, NULL, NULL);
	if (!inside(a, b) && !inside(b, a))
		return 0;
	return fault(EINVAL, one,
		     "It lies inside another directory of the same overlay, or that one in it.",
		     "Keep the layers, upper and work side by side.");
}

static int check_upper(const struct overlay *overlay)
{
	struct stat upper, work;
	struct statfs fs;

	if (check_directory(overlay->upper, &upper) < 0 ||
	    check_directory(overlay->work, &work) < 0 ||
	    SYS(statfs(overlay->upper, &fs), overlay->upper) < 0)
		return -1;
	if (upper.st_dev != work.st_dev)
		return fault(EXDEV, overlay->work,
			     "work is on another file system than upper: files are renamed between "
			     "the two.",
			     "Make work beside upper.");
	const char *unfit = overlay_unfit_upper(fs.f_type);
	if (unfit) {
		char cause[200];
		snprintf(cause, sizeof(cause), "upper is on %s, which cannot keep overlay's marks.",
			 unfit);
		return fault(EINVAL, overlay->upper, cause,
			     "Put upper and work on ext4, xfs, btrfs or tmpfs.");
	}
	return check_apart(overlay->upper, overlay->work);
}

int overlay_check(const struct overlay *overlay)
{
	struct stat st;

	if (!overlay->layers || !overlay->layers[0])
		return fault(EINVAL, overlay->upper ? overlay->upper : "",
			     "An overlay needs a layer beneath.", NULL);
	if (!overlay->upper != !overlay->work || (!overlay->upper && !overlay->layers[1]))
		return fault(EINVAL, overlay->layers[0],
			     "upper and work belong together; without them it takes two layers.",
			     NULL);
	if (overlay->upper && check_upper(overlay) < 0)
		return -1;
	for (const char *const *layer = overlay->layers; *layer; layer++)
		if (check_directory(*layer, &st) < 0 ||
		    (overlay->upper && check_apart(*layer, overlay->upper) < 0))
			return -1;
	return 0;
}
