/*
 * root.c: the directory of all containers of the runtime.
 */
#define _GNU_SOURCE
#include "box.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Is uid 0 of the caller's user namespace the host's? A file of the first user namespace cannot be
 * told from the map alone where that is the identity; then /run is the right place, too. */
static bool is_host_root(void)
{
	unsigned inside = 0, outside = 1;
	FILE *map = geteuid() == 0 ? fopen("/proc/self/uid_map", "re") : NULL;
	int n = map ? fscanf(map, "%u %u", &inside, &outside) : 0;

	if (map)
		fclose(map);
	return n == 2 && inside == 0 && outside == 0;
}

static int default_path(char *out, size_t size)
{
	const char *run = getenv("XDG_RUNTIME_DIR");

	if (is_host_root())
		snprintf(out, size, "/run/minibox-runtime");
	else if (run && run[0] == '/' && strlen(run) < size - 20)
		snprintf(out, size, "%s/minibox-runtime", run);
	else
		snprintf(out, size, "/tmp/minibox-runtime-%u", geteuid());
	return 0;
}

/* Most often it is there. */
static int make_all(char *path)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		int made = SYS_MAY(mkdir(path, 0700), path, EEXIST);
		*slash = '/';
		if (made < 0 && errno != EEXIST)
			return -1;
	}
	return SYS_MAY(mkdir(path, 0700), path, EEXIST) < 0 && errno != EEXIST ? -1 : 0;
}

static int check_owner(const struct runtime_root *root)
{
	struct stat st;

	if (SYS(fstat(root->dir, &st), root->path) < 0)
		return -1;
	if (st.st_uid == geteuid() && !(st.st_mode & 022))
		return 0;
	sys_failure_set(EPERM, "--root", root->path,
			"The directory belongs to another user, or others may write to it: they "
			"could change what is recorded there.",
			"Give a directory of your own: --root DIR.");
	return -1;
}

/* Whoever may write to a directory can rename what is in it, and put something else in its place,
 * unless it is sticky. 65534: an id that this user namespace has no number for, as a rule the
 * host's root, whose directories /, /run and /tmp are. */
static bool is_safe_above(const struct stat *st)
{
	bool known = st->st_uid == geteuid() || st->st_uid == 0 || st->st_uid == 65534;

	return known && (!(st->st_mode & S_IWOTH) || (st->st_mode & S_ISVTX));
}

/* The directories above, up to /: path has no link any more. */
static int check_above(const char *path)
{
	char above[PATH_MAX];
	struct stat st;

	snprintf(above, sizeof(above), "%s", path);
	for (char *slash; (slash = strrchr(above, '/'));) {
		slash[slash == above] = '\0';
		if (SYS(lstat(above, &st), above) < 0)
			return -1;
		if (!is_safe_above(&st)) {
			sys_failure_set(EPERM, "--root", above,
					"This directory, which --root is in, belongs to another "
					"user, or others may write to it and it is not sticky: "
					"they could put another directory in the place of --root.",
					"Give a directory below one of your own: --root DIR.");
			return -1;
		}
		if (slash == above)
			return 0;
	}
	return 0;
}

int runtime_root_open(const char *given, struct runtime_root *root)
{
	char path[PATH_MAX];

	root->dir = -1;
	if (given && strlen(given) >= sizeof(path) - 1) {
		sys_failure_set(ENAMETOOLONG, "--root", given, NULL, NULL);
		return -1;
	}
	if (!given)
		default_path(path, sizeof(path));
	else
		snprintf(path, sizeof(path), "%s", given);
	if (!*path || make_all(path) < 0)
		return *path ? -1 : (sys_failure_set(ENOENT, "--root", "", NULL, NULL), -1);
	if (!SYS(realpath(path, root->path), path))
		return -1;
	root->dir = SYS(open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), root->path);
	if (root->dir < 0)
		return -1;
	if (check_owner(root) == 0 && check_above(root->path) == 0)
		return 0;
	close_keeping_errno(root->dir);
	return -1;
}

int box_each(const struct runtime_root *root,
	     int (*fn)(const struct runtime_root *root, const char *id, void *arg), void *arg)
{
	int result = 0,
	    fd = SYS(openat(root->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), root->path);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (!list)
		return -1;
	for (struct dirent *entry; result == 0 && (errno = 0, entry = readdir(list));)
		if (entry->d_name[0] != '.')
			result = fn(root, entry->d_name, arg);
	if (result == 0 && errno) {
		sys_failure_set(errno, "readdir", root->path, NULL, NULL);
		result = -1;
	}
	closedir(list);
	return result;
}
