/*
 * masks.c: what the container may not see, or not write. After pivot_root, and by descriptors
 * alone: /proc is the image's or the container's now, and no name in it is relied on.
 */
#define _GNU_SOURCE
#include "masks.h"
#include "mount_attributes.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/mount_api.h"
#include "step02_mount_ns/given/resolve.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { ATTRIBUTES = 1 | 2 | 4 | 8 }; /* MOUNT_ATTR_RDONLY, NOSUID, NODEV, NOEXEC */
enum { ON_IT = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH };

/* Links lead where they would lead the container: inside its root. A magic link of proc, which
 * could lead elsewhere, is an error (resolve.h). Returns a descriptor, -1 with errno 0 where
 * nothing is there, or -1. */
static int open_if_there(const struct kernel_roots *roots, const char *path)
{
	const char *rest;
	int place = kernel_roots_place(roots, path, &rest);
	int fd = resolve_in_root(place, rest, O_PATH, 0);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		sys_failure_clear();
		errno = 0;
	}
	return fd;
}

/* The device by its type and number: what the image has at that path may be a link to any file of
 * the container's proc, which would lie over the masked one then, writable. */
static int open_null(void)
{
	struct stat st;
	int fd = resolve_in_root(AT_FDCWD, "/dev/null", O_PATH, 0);

	if (fd < 0)
		return -1;
	if (SYS(fstat(fd, &st), "/dev/null") == 0) {
		if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
			return fd;
		sys_failure_set(ENODEV, "masks_apply", "/dev/null",
				"The container's /dev/null is not the null device, so it cannot "
				"cover a masked path.",
				"Mount a tmpfs at /dev, or remove /dev/null from the image.");
	}
	close_keeping_errno(fd);
	return -1;
}

static int cover_file(int on, const char *path)
{
	int result = -1, null = open_null();

	if (null < 0)
		return -1;
	int tree = SYS(open_tree(null, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC),
		       "/dev/null");
	if (tree >= 0)
		result = SYS(move_mount(tree, "", on, "", ON_IT), path);
	close_keeping_errno(tree);
	close_keeping_errno(null);
	return result;
}

static int empty_tmpfs(void)
{
	int mounted = -1, made = SYS(fsopen("tmpfs", FSOPEN_CLOEXEC), "tmpfs");

	if (made >= 0 && SYS(fsconfig(made, FSCONFIG_SET_FLAG, "ro", NULL, 0), "ro") == 0 &&
	    SYS(fsconfig(made, FSCONFIG_SET_STRING, "mode", "755", 0), "mode=755") == 0 &&
	    SYS(fsconfig(made, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "tmpfs") == 0)
		mounted = SYS(fsmount(made, FSMOUNT_CLOEXEC, ATTRIBUTES), "tmpfs");
	close_keeping_errno(made);
	return mounted;
}

/* One file system for all: the first is *empty, the others are mounts of the same. */
static int cover_directory(int on, const char *path, int *empty)
{
	bool first = *empty < 0;
	int result = -1;

	if (first)
		*empty = empty_tmpfs();
	int tree = first || *empty < 0
			   ? *empty
			   : SYS(open_tree(*empty, "",
					   AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC),
				 path);
	if (tree >= 0)
		result = SYS(move_mount(tree, "", on, "", ON_IT), path);
	if (tree != *empty)
		close_keeping_errno(tree);
	return result;
}

static int mask(int on, const char *path, int *empty)
{
	struct stat st;

	if (SYS(fstat(on, &st), path) < 0)
		return -1;
	return S_ISDIR(st.st_mode) ? cover_directory(on, path, empty) : cover_file(on, path);
}

/* With the mounts below it: they are locked together in a user namespace, and what is mounted
 * inside a read-only path is not to be written either. */
static int make_read_only(int on, const char *path, int *empty)
{
	(void)empty;
	unsigned flags = AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	int result = -1, tree = SYS(open_tree(on, "", flags), path);

	if (tree >= 0 && mount_tree_read_only(tree, path) == 0)
		result = SYS(move_mount(tree, "", on, "", ON_IT), path);
	close_keeping_errno(tree);
	return result;
}

static int each(const struct kernel_roots *roots, char **paths,
		int (*act)(int on, const char *path, int *empty))
{
	int empty = -1, result = 0;

	for (; paths && *paths && result == 0; paths++) {
		int on = open_if_there(roots, *paths);
		if (on < 0 && errno == 0)
			continue;
		result = on < 0 ? -1 : act(on, *paths, &empty);
		close_keeping_errno(on);
	}
	close_keeping_errno(empty);
	return result;
}

int masks_apply(const struct kernel_roots *roots, const struct spec *spec)
{
	/* The masks last: they go on top of what the read-only paths have been bound to. */
	if (each(roots, spec->readonly_paths, make_read_only) < 0)
		return -1;
	return each(roots, spec->masked_paths, mask);
}
