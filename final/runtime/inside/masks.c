/*
 * masks.c: linux.maskedPaths and linux.readonlyPaths.
 */
#define _GNU_SOURCE
#include "masks.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/resolve.h"
#include "step07_volumes/given/mount_flags.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The path inside the root in sight; its links lead nowhere else. -1 with ENOENT, ENOTDIR: not
 * there. */
static int open_path(const char *path)
{
	int fd = resolve_in_root(AT_FDCWD, path, O_PATH, 0);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		int saved = errno;
		sys_failure_clear();
		errno = saved;
	}
	return fd;
}

static bool is_missing(int fd)
{
	return fd < 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* The device 1:3, whatever the image has under that name. */
static int open_null(void)
{
	struct stat st;
	int fd = resolve_in_root(AT_FDCWD, "/dev/null", O_PATH, 0);

	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)))
		return fd;
	close(fd);
	sys_failure_set(ENODEV, "masks_apply", "/dev/null",
			"It is not the device 1:3, so that it cannot cover a file.",
			"Mount a tmpfs at /dev: the runtime makes its devices there.");
	return -1;
}

static int cover(const char *path, int on, int null)
{
	struct stat st;
	char from[32], to[32];

	if (SYS(fstat(on, &st), path) < 0)
		return -1;
	fd_path(on, to, sizeof(to));
	if (S_ISDIR(st.st_mode))
		return SYS(mount("tmpfs", to, "tmpfs", MS_RDONLY, "size=0k"), path);
	return SYS(mount(fd_path(null, from, sizeof(from)), to, NULL, MS_BIND, NULL), path);
}

static int mask_all(char *const paths[])
{
	int result = 0, null = paths[0] ? open_null() : -1;

	if (paths[0] && null < 0)
		return -1;
	for (int i = 0; result == 0 && paths[i]; i++) {
		int on = open_path(paths[i]);
		if (is_missing(on))
			continue;
		result = on < 0 ? -1 : cover(paths[i], on, null);
		close_keeping_errno(on);
	}
	close_keeping_errno(null);
	return result;
}

/* A bind of the path on itself; its flags are kept, and read-only joins them. */
static int make_read_only(const char *path, int on)
{
	char name[32];

	fd_path(on, name, sizeof(name));
	if (SYS(mount(name, name, NULL, MS_BIND | MS_REC, NULL), path) < 0)
		return -1;
	/* What is mounted there now. */
	int top = resolve_in_root(AT_FDCWD, path, O_PATH, 0);
	int result = top < 0 ? -1 : mount_add_flags(top, MS_RDONLY, path);
	close_keeping_errno(top);
	return result;
}

int masks_apply(const struct spec *spec)
{
	for (int i = 0; spec->readonly_paths && spec->readonly_paths[i]; i++) {
		int on = open_path(spec->readonly_paths[i]);
		if (is_missing(on))
			continue;
		int result = on < 0 ? -1 : make_read_only(spec->readonly_paths[i], on);
		close_keeping_errno(on);
		if (result < 0)
			return -1;
	}
	return spec->masked_paths ? mask_all(spec->masked_paths) : 0;
}
