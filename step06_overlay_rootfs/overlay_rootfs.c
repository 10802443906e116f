/*
 * overlay_rootfs.c: one mount(2), and what its upper directory says afterwards.
 */
#define _GNU_SOURCE
#include "overlay_rootfs.h"
#include "step06_overlay_rootfs/given/many_layers.h"
#include "step06_overlay_rootfs/given/overlay_check.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/resolve.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { PAGE = 4096 }; /* mount(2) takes one page of options and ignores the rest silently */

/* Appends key and path to options; characters of the path that mean something there are escaped.
 * Returns the new length, PAGE - 1 when the options do not fit. */
static size_t add(char *options, size_t used, const char *key, const char *path)
{
	for (; *key && used + 1 < PAGE; key++)
		options[used++] = *key;
	for (; *path && used + 2 < PAGE; path++) {
		if (strchr(":,\\", *path))
			options[used++] = '\\';
		options[used++] = *path;
	}
	options[used] = '\0';
	return *key || *path ? PAGE - 1 : used;
}

int overlay_mount(const struct overlay *overlay, const char *merged)
{
	char options[PAGE];
	size_t used = 0, count = 0;

	if (overlay_check(overlay) < 0)
		return -1;
	while (overlay->layers[count])
		count++;
	/* An image lists the lowest layer first, lowerdir= the highest. */
	for (size_t i = count; i-- > 0;)
		used = add(options, used, i == count - 1 ? "lowerdir=" : ":", overlay->layers[i]);
	if (overlay->upper) {
		used = add(options, used, ",upperdir=", overlay->upper);
		used = add(options, used, ",workdir=", overlay->work);
	}
	used = add(options, used, ",redirect_dir=nofollow,metacopy=off,index=off", "");
	if (overlay->userxattr)
		used = add(options, used, ",userxattr", "");
	if (used == PAGE - 1)
		return overlay_mount_many(overlay, merged);
	sys_trace_say("options: %s", options);
	return SYS(mount("overlay", merged, "overlay", 0, options), merged);
}

/* Does the entry have this attribute? value NULL: of any value. 1, 0 (also where the caller may not
 * see it), or -1 with errno: it could not be looked for. */
static int marked(int dir, const char *name, const char *mark, const char *value)
{
	char link[32], has[8];
	/* O_PATH needs no right to read the entry. A descriptor of that kind takes no fgetxattr(2),
	 * but its name in /proc does. */
	int fd = SYS(openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), name);

	if (fd < 0)
		return -1;
	ssize_t length = getxattr(fd_path(fd, link, sizeof(link)), mark, value ? has : NULL,
				  value ? sizeof(has) : 0);
	close(fd);
	if (length < 0)
		return 0;
	return !value ||
	       ((size_t)length == strlen(value) && memcmp(has, value, (size_t)length) == 0);
}

int overlay_classify(int dir, const char *name, bool below, bool userxattr)
{
	const char *whiteout = userxattr ? "user.overlay.whiteout" : "trusted.overlay.whiteout";
	const char *opaque = userxattr ? "user.overlay.opaque" : "trusted.overlay.opaque";
	struct stat st;
	int mark;

	if (SYS_MAY(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW), name, ENOENT) < 0)
		return -1;
	/* A device with other numbers was made inside, by mknod. */
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0))
		return OVERLAY_DELETED;
	if (S_ISREG(st.st_mode) && st.st_size == 0) {
		mark = marked(dir, name, whiteout, NULL);
		if (mark != 0)
			return mark < 0 ? -1 : OVERLAY_DELETED;
	} else if (S_ISDIR(st.st_mode) && below) {
		mark = marked(dir, name, opaque, "y");
		if (mark != 0)
			return mark < 0 ? -1 : OVERLAY_OPAQUE;
	}
	return below ? OVERLAY_CHANGED : OVERLAY_ADDED;
}

int overlay_unmount(const char *merged)
{
	struct statfs fs;

	if (SYS(statfs(merged, &fs), merged) < 0)
		return -1;
	/* Mounts stack, and umount(2) takes the topmost. It must be an overlay. */
	if (fs.f_type != OVERLAYFS_SUPER_MAGIC) {
		sys_failure_set(EINVAL, "overlay_unmount", merged,
				"What is mounted here is no overlay.", NULL);
		return -1;
	}
	return SYS(umount2(merged, UMOUNT_NOFOLLOW), merged);
}
