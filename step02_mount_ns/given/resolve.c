/*
 * resolve.c: paths inside a root, with openat2(2).
 */
#define _GNU_SOURCE
#include "resolve.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LINKS = 40 }; /* as the kernel's own limit; path_resolution(7) */

static void close_keeping_errno(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

/* expected: an errno that is an answer to the caller and no failure. */
static int open_in_root(int root, const char *path, int flags, mode_t mode, int expected)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT
				? mode
				: 0, /* openat2, unlike open, refuses what it would ignore */
		.resolve = RESOLVE_IN_ROOT,
	};
	int slash = -1, fd;

	/* AT_FDCWD as it is would make the working directory the root. */
	if (root == AT_FDCWD && (root = slash = SYS(open("/", O_PATH | O_CLOEXEC), "/")) < 0)
		return -1;
	/* EAGAIN: something was renamed while the kernel stepped over a "..", it cannot be sure any
	 * more. */
	for (int tries = 0; tries < 100; tries++) {
		fd = SYS_MAY(openat2(root, path, &how, sizeof(how)), path, expected);
		if (fd >= 0 || errno != EAGAIN || expected == EAGAIN)
			break;
	}
	close_keeping_errno(slash);
	return fd;
}

int resolve_in_root(int root, const char *path, int flags, mode_t mode)
{
	return open_in_root(root, path, flags, mode, 0);
}

static int make_dirs(int root, const char *path, mode_t mode, int links);

/* Where the link called name leads, as a path below root; malloc'ed. prefix: the link's own path,
 * which ends in name. On the heap, like all that the recursion holds: a child of clone has a small
 * stack. */
static char *link_target(int parent, const char *prefix, const char *name)
{
	char *target = malloc(PATH_MAX), *path = NULL;
	ssize_t n = target ? SYS(readlinkat(parent, name, target, PATH_MAX - 1), prefix) : -1;

	if (n >= 0) {
		target[n] = '\0';
		int before = target[0] == '/' ? 0 : (int)(name - prefix);
		if (asprintf(&path, "%.*s%s", before, prefix, target) < 0)
			path = NULL;
	}
	free(target);
	return path;
}

/* name is there but leads nowhere: a link like var/run -> /run whose target the image does not
 * have. Makes the target. */
static int make_link_target(int root, int parent, const char *prefix, const char *name, mode_t mode,
			    int links)
{
	if (links >= MOST_LINKS) {
		sys_failure_set(ELOOP, "readlinkat", prefix,
				"Links that lead to links, without end.", NULL);
		return -1;
	}
	char *path = link_target(parent, prefix, name);
	if (!path)
		return -1;
	int fd = make_dirs(root, path, mode, links + 1);
	int saved = errno;
	free(path);
	errno = saved;
	return fd;
}

/* One directory; prefix is its path below root, name the last part of that, parent the rest,
 * opened. */
static int make_one(int root, int parent, const char *prefix, const char *name, mode_t mode,
		    int links)
{
	int fd = open_in_root(root, prefix, O_PATH | O_DIRECTORY, 0, ENOENT);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (SYS_MAY(mkdirat(parent, name, mode), prefix, EEXIST) == 0)
		return SYS(openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			   prefix);
	if (errno != EEXIST)
		return -1;
	return make_link_target(root, parent, prefix, name, mode, links);
}

static int make_dirs(int root, const char *path, mode_t mode, int links)
{
	if (strlen(path) >= PATH_MAX) {
		sys_failure_set(ENAMETOOLONG, "mkdirat", path, "The path is longer than PATH_MAX.",
				NULL);
		return -1;
	}
	char *copy = strdup(path), *name = copy;
	int at = !copy		    ? -1
		 : root == AT_FDCWD ? open("/", O_PATH | O_CLOEXEC)
				    : fcntl(root, F_DUPFD_CLOEXEC, 0);

	while (at >= 0 && *(name += strspn(name, "/"))) {
		char *end = name + strcspn(name, "/"), slash = *end;
		*end = '\0'; /* copy is the path up to here now */
		int next = make_one(root, at, copy, name, mode, links);
		*end = slash;
		close_keeping_errno(at);
		at = next;
		name = end;
	}
	int saved = errno;
	free(copy);
	errno = saved;
	return at;
}

int make_dir_in_root(int root, const char *path, mode_t mode)
{
	return make_dirs(root, path, mode, 0);
}

static int make_file(int root, const char *path, mode_t mode, int links);

/* The link at path leads nowhere yet. parent: the directory that it is in, name: the last part. */
static int make_linked_file(int root, int parent, const char *path, const char *name, mode_t mode,
			    int links)
{
	if (links >= MOST_LINKS) {
		sys_failure_set(ELOOP, "readlinkat", path, "Links that lead to links, without end.",
				NULL);
		return -1;
	}
	char *target = link_target(parent, path, name);
	int fd = target ? make_file(root, target, mode, links + 1) : -1;
	int saved = errno;
	free(target);
	errno = saved;
	return fd;
}

static int make_file(int root, const char *path, mode_t mode, int links)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	/* By O_PATH first: opening a FIFO or a device for real could block, or do something. */
	int fd = open_in_root(root, path, O_PATH, 0, ENOENT);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		sys_failure_set(EISDIR, "openat", path, "The name of a file is missing.", NULL);
		return -1;
	}
	char *above = strndup(path, (size_t)(name - path));
	int parent = above ? make_dirs(root, above, 0755, links) : -1;
	int saved = errno;
	free(above);
	errno = saved;
	if (parent < 0)
		return -1;
	/* O_EXCL: a link is not followed here, wherever it leads. */
	int made = SYS_MAY(openat(parent, name, O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, mode),
			   path, EEXIST);
	if (made >= 0)
		fd = SYS(openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), path);
	else if (errno == EEXIST)
		fd = make_linked_file(root, parent, path, name, mode, links);
	close_keeping_errno(made);
	close_keeping_errno(parent);
	return fd;
}

int make_file_in_root(int root, const char *path, mode_t mode)
{
	if (strlen(path) >= PATH_MAX) {
		sys_failure_set(ENAMETOOLONG, "openat", path, "The path is longer than PATH_MAX.",
				NULL);
		return -1;
	}
	return make_file(root, path, mode, 0);
}

/* One part more of the path; a link is put before what is left of it. Returns the rest (malloc'ed,
 * instead of rest, which is freed), or NULL. */
static char *walk_one(int root, char *rest, char *out, int *links)
{
	char target[PATH_MAX], *name = rest + strspn(rest, "/"), *joined = NULL;
	size_t length = strcspn(name, "/"), n = strlen(out);

	if ((length == 1 && *name == '.') || length == 0)
		return memmove(rest, name + length, strlen(name + length) + 1);
	if (length == 2 && strncmp(name, "..", 2) == 0) {
		while (n > 0 && out[--n] != '/')
			;
		out[n] = '\0';
		return memmove(rest, name + length, strlen(name + length) + 1);
	}
	if (n + length + 2 > PATH_MAX) {
		errno = ENAMETOOLONG;
		goto out;
	}
	snprintf(out + n, PATH_MAX - n, "/%.*s", (int)length, name);
	ssize_t size = readlinkat(root, out + 1, target, sizeof(target) - 1);
	if (size < 0 && (errno == EINVAL || errno == ENOENT || errno == ENOTDIR))
		return memmove(rest, name + length, strlen(name + length) + 1);
	if (size < 0 || ++*links > MOST_LINKS) {
		errno = size < 0 ? errno : ELOOP;
		goto out;
	}
	target[size] = '\0';
	out[*target == '/' ? 0 : n] = '\0';
	if (asprintf(&joined, "%s%s", target, name + length) < 0)
		joined = NULL;
out:;
	int saved = errno;
	free(rest);
	errno = saved;
	return joined;
}

int path_in_root(int root, const char *path, char *out)
{
	char *rest = strdup(path);
	int links = 0;

	*out = '\0';
	while (rest && rest[strspn(rest, "/")])
		rest = walk_one(root, rest, out, &links);
	if (!rest) {
		sys_failure_set(errno, "readlinkat", path, NULL, NULL);
		return -1;
	}
	free(rest);
	return 0;
}

const char *fd_path(int fd, char *buf, size_t size)
{
	snprintf(buf, size, "/proc/self/fd/%d", fd);
	return buf;
}
