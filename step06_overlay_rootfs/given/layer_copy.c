/*
 * layer_copy.c: commit. An upper directory becomes a layer, marks and all.
 */
#define _GNU_SOURCE
#include "layer_store.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/resolve.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

struct link_seen { /* a file with more than one name, and the first name that we gave it */
	dev_t dev;
	ino_t ino;
	char *path;
	struct link_seen *next;
};

struct copy {
	int from, to;
	struct link_seen *links;
};

/* overlay keeps a diary in its attributes (origin, impure, nlink ...). Only what hides something
 * below belongs into a layer. */
static bool belongs_in_layer(const char *name)
{
	const char *mark = strstr(name, ".overlay.");

	if (!mark)
		return true;
	return strcmp(mark, ".overlay.opaque") == 0 || strcmp(mark, ".overlay.whiteout") == 0;
}

struct attributes { /* as large as the kernel makes them, and so on the heap: directories nest */
	char names[XATTR_LIST_MAX], value[XATTR_SIZE_MAX];
};

/* A label or a capability may be another user's to read or give, or not of this file system: it is
 * left out. A mark of overlay never is. */
static bool may_be_left_out(const char *name)
{
	return !strstr(name, ".overlay.") &&
	       (errno == EPERM || errno == EACCES || errno == ENOTSUP);
}

static int copy_each(struct attributes *all, const char *in, const char *out, const char *path)
{
	ssize_t length = SYS_MAY(listxattr(in, all->names, sizeof(all->names)), path, ENOTSUP);

	if (length < 0)
		return errno == ENOTSUP ? 0 : -1;
	for (char *name = all->names; name < all->names + length; name += strlen(name) + 1) {
		if (!belongs_in_layer(name))
			continue;
		ssize_t n = SYS_MAY(getxattr(in, name, all->value, sizeof(all->value)), path,
				    EPERM);
		if (n >= 0)
			n = SYS_MAY(setxattr(out, name, all->value, (size_t)n, 0), path, EPERM);
		if (n >= 0)
			continue;
		if (!may_be_left_out(name))
			return -1;
		sys_failure_clear(); /* the first one recorded must be one that ends the copy */
	}
	return 0;
}

static int copy_attributes(int from, int to, const char *path)
{
	struct attributes *all = malloc(sizeof(*all));
	char in[32], out[32];

	if (!all)
		return -1;
	int result = copy_each(all, fd_path(from, in, sizeof(in)), fd_path(to, out, sizeof(out)),
			       path);
	int saved = errno;
	free(all);
	errno = saved;
	return result;
}

/* Owner first: chown clears set-id bits. Without the right to give a file away it stays ours. */
static int copy_owner_mode(int to, const struct stat *st, const char *path)
{
	char name[32];

	fd_path(to, name, sizeof(name));
	if (SYS_MAY(fchownat(to, "", st->st_uid, st->st_gid, AT_EMPTY_PATH), path, EPERM) < 0 &&
	    errno != EPERM && errno != EINVAL)
		return -1;
	if (!S_ISLNK(st->st_mode) && SYS(chmod(name, st->st_mode & 07777), path) < 0)
		return -1;
	return 0;
}

static int copy_contents(int from, int to, const char *path)
{
	for (;;) {
		ssize_t n = SYS(sendfile(to, from, NULL, 1 << 20), path);
		if (n <= 0)
			return (int)n;
	}
}

static int copy_file(int from, int to_dir, const char *path, const struct stat *st)
{
	int result = -1;
	int in = SYS(openat(from, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), path);
	int out = in < 0 ? -1
			 : SYS(openat(to_dir, path,
				      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600),
			       path);

	if (out >= 0 && copy_contents(in, out, path) == 0 && copy_owner_mode(out, st, path) == 0)
		result = copy_attributes(in, out, path);
	int saved = errno;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	errno = saved;
	return result;
}

static int copy_link(const struct copy *copy, const char *path)
{
	char target[PATH_MAX];
	ssize_t n = SYS(readlinkat(copy->from, path, target, sizeof(target) - 1), path);

	if (n < 0)
		return -1;
	target[n] = '\0';
	return SYS(symlinkat(target, copy->to, path), path);
}

/* Has this file come by under another name? Then it is one file in the layer too. Returns 1 if it
 * was linked. */
static int copy_as_hard_link(struct copy *copy, const char *path, const struct stat *st)
{
	struct link_seen *link = copy->links;

	while (link && (link->dev != st->st_dev || link->ino != st->st_ino))
		link = link->next;
	if (link)
		return SYS(linkat(copy->to, link->path, copy->to, path, 0), path) < 0 ? -1 : 1;
	link = malloc(sizeof(*link));
	if (!link)
		return -1;
	*link = (struct link_seen){
		.dev = st->st_dev, .ino = st->st_ino, .path = strdup(path), .next = copy->links
	};
	copy->links = link;
	return link->path ? 0 : -1;
}

/* A whiteout (0:0 needs no privilege), a FIFO, or a device. mknod's mode is less the umask. */
static int copy_node(const struct copy *copy, const char *path, const struct stat *st)
{
	if (SYS(mknodat(copy->to, path, st->st_mode, st->st_rdev), path) < 0)
		return -1;
	int node = SYS(openat(copy->to, path, O_PATH | O_NOFOLLOW | O_CLOEXEC), path);
	if (node < 0)
		return -1;
	int result = copy_owner_mode(node, st, path), saved = errno;
	close(node);
	errno = saved;
	return result;
}

static int copy_directory(struct copy *copy, const char *path);

static int copy_subdirectory(struct copy *copy, const char *path)
{
	if (SYS(mkdirat(copy->to, path, 0700), path) < 0)
		return -1;
	return copy_directory(copy, path);
}

static int copy_entry(struct copy *copy, const char *path)
{
	struct stat st;
	struct timespec times[2];

	if (SYS(fstatat(copy->from, path, &st, AT_SYMLINK_NOFOLLOW), path) < 0)
		return -1;
	if (S_ISSOCK(st.st_mode))
		return 0; /* of a process that serves it, which another container does not have */
	int linked = !S_ISDIR(st.st_mode) && st.st_nlink > 1 && !S_ISCHR(st.st_mode)
			     ? copy_as_hard_link(copy, path, &st)
			     : 0;
	if (linked != 0)
		return linked < 0 ? -1 : 0;
	int result;
	if (S_ISDIR(st.st_mode))
		result = copy_subdirectory(copy, path);
	else if (S_ISREG(st.st_mode))
		result = copy_file(copy->from, copy->to, path, &st);
	else if (S_ISLNK(st.st_mode))
		result = copy_link(copy, path);
	else
		result = copy_node(copy, path, &st);
	if (result < 0)
		return -1;
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	return SYS(utimensat(copy->to, path, times, AT_SYMLINK_NOFOLLOW), path);
}

/* What is in a directory, then what is on it: a directory of mode 0555 must be filled first. */
static int copy_directory(struct copy *copy, const char *path)
{
	const char *name = *path ? path : ".";
	struct stat st;
	int result = -1, in = -1, out = -1;
	DIR *dir = NULL;

	in = SYS(openat(copy->from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), name);
	int listed = in < 0 ? -1 : openat(in, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = listed < 0 ? NULL : fdopendir(listed);
	out = SYS(openat(copy->to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), name);
	if (!dir || out < 0 || fstat(in, &st) < 0)
		goto bad;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char *child;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (asprintf(&child, "%s%s%s", path, *path ? "/" : "", entry->d_name) < 0)
			goto bad;
		int copied = copy_entry(copy, child);
		free(child);
		if (copied < 0)
			goto bad;
	}
	if (copy_owner_mode(out, &st, name) == 0)
		result = copy_attributes(in, out, name);
bad:;
	int saved = errno;
	if (dir)
		closedir(dir);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	errno = saved;
	return result;
}

int layer_copy(int from, int to)
{
	struct copy copy = { .from = from, .to = to };
	int result = copy_directory(&copy, "");

	while (copy.links) {
		struct link_seen *link = copy.links;
		copy.links = link->next;
		free(link->path);
		free(link);
	}
	return result;
}
