/*
 * overlay_rootfs.c: a second correct solution of lab 6, for testing the grader. Written from the
 * header alone, with plain system calls (no SYS(), which the grader does not ask for). The options
 * are printed to a stream in memory.
 */
#define _GNU_SOURCE
#include "step06_overlay_rootfs/overlay_rootfs.h"

#include "step06_overlay_rootfs/given/many_layers.h"
#include "step06_overlay_rootfs/given/overlay_check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { OPTIONS_MOST = 4096 }; /* with the NUL at their end */

static void put_path(FILE *to, const char *path)
{
	for (; *path; path++) {
		if (strchr("\\,:", *path))
			putc('\\', to);
		putc(*path, to);
	}
}

/* The highest layer comes first, so the rest of the list is printed before its first one. */
static void put_layers(FILE *to, const char *const *layers)
{
	if (layers[1]) {
		put_layers(to, layers + 1);
		putc(':', to);
	}
	put_path(to, layers[0]);
}

static char *options_of(const struct overlay *overlay)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	fputs("lowerdir=", to);
	put_layers(to, overlay->layers);
	if (overlay->upper) {
		fputs(",upperdir=", to);
		put_path(to, overlay->upper);
		fputs(",workdir=", to);
		put_path(to, overlay->work);
	}
	fputs(",redirect_dir=nofollow,metacopy=off,index=off", to);
	if (overlay->userxattr)
		fputs(",userxattr", to);
	if (fclose(to) != 0) {
		free(text);
		errno = ENOMEM;
		return NULL;
	}
	return text;
}

int overlay_mount(const struct overlay *overlay, const char *merged)
{
	char *options;
	int result, err;

	if (!overlay->layers || !overlay->layers[0]) {
		errno = EINVAL;
		return -1;
	}
	if (overlay_check(overlay) < 0)
		return -1;
	options = options_of(overlay);
	if (!options)
		return -1;
	if (strlen(options) + 1 > OPTIONS_MOST)
		result = overlay_mount_many(overlay, merged);
	else
		result = mount("overlay", merged, "overlay", 0, options);
	err = errno;
	free(options);
	errno = err;
	return result;
}

/* Does the entry have this mark? value NULL: of any value. 1, 0, or -1 with errno. */
static int marked(const char *entry, bool userxattr, const char *mark, const char *value)
{
	char name[64], has[2];
	ssize_t got;

	snprintf(name, sizeof(name), "%s.overlay.%s", userxattr ? "user" : "trusted", mark);
	got = value ? getxattr(entry, name, has, sizeof(has)) : getxattr(entry, name, NULL, 0);
	if (got < 0)
		return errno == ENODATA || errno == EOPNOTSUPP || errno == ERANGE ? 0 : -1;
	return !value || ((size_t)got == strlen(value) && memcmp(has, value, (size_t)got) == 0);
}

static int classify(int entry, bool below, bool userxattr)
{
	const int plain = below ? OVERLAY_CHANGED : OVERLAY_ADDED;
	char path[40];
	struct stat st;
	int mark;

	if (fstat(entry, &st) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", entry);
	switch (st.st_mode & S_IFMT) {
	case S_IFCHR:
		return st.st_rdev == makedev(0, 0) ? OVERLAY_DELETED : plain;
	case S_IFREG:
		if (st.st_size > 0)
			return plain;
		mark = marked(path, userxattr, "whiteout", NULL);
		return mark < 0 ? -1 : mark ? OVERLAY_DELETED : plain;
	case S_IFDIR:
		if (!below)
			return plain;
		mark = marked(path, userxattr, "opaque", "y");
		return mark < 0 ? -1 : mark ? OVERLAY_OPAQUE : plain;
	default:
		return plain;
	}
}

int overlay_classify(int dir, const char *name, bool below, bool userxattr)
{
	int entry = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int change, err;

	if (entry < 0)
		return -1;
	change = classify(entry, below, userxattr);
	err = errno;
	close(entry);
	errno = err;
	return change;
}

int overlay_unmount(const char *merged)
{
	struct statfs fs;

	if (statfs(merged, &fs) < 0)
		return -1;
	if (fs.f_type == OVERLAYFS_SUPER_MAGIC)
		return umount2(merged, UMOUNT_NOFOLLOW);
	errno = EINVAL;
	return -1;
}
