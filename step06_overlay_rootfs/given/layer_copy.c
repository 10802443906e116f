/*
 * layer_copy.c: commit. An upper directory becomes a layer, marks and all.
 */
#define _GNU_SOURCE
#include "layer_store.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
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
	int to; /* the top of the new layer */
	struct link_seen *links;
};

/* One entry. A container may run in what is copied, and may put a link where a directory was a
 * moment ago. So an entry is opened from the directory that it is in, by its name there, and is
 * held: what was judged is what is copied. */
struct entry {
	int out;	  /* the directory of the new layer that it goes to */
	const char *name; /* in both trees */
	const char *path; /* from the top, for messages and for hard links */
	int node;	  /* the entry itself, O_PATH */
	struct stat st;
};

/* overlay keeps notes of its own in attributes (origin, impure, nlink ...). Only those that hide
 * something below belong into a layer. */
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
	free_keeping_errno(all);
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

static int copy_file(const struct entry *entry)
{
	const char *path = entry->path;
	char node[32];
	int result = -1, out = -1;
	int in = SYS(open(fd_path(entry->node, node, sizeof(node)), O_RDONLY | O_CLOEXEC), path);

	if (in >= 0)
		out = SYS(openat(entry->out, entry->name,
				 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600),
			  path);
	if (out >= 0 && copy_contents(in, out, path) == 0 &&
	    copy_owner_mode(out, &entry->st, path) == 0)
		result = copy_attributes(in, out, path);
	close_keeping_errno(in);
	close_keeping_errno(out);
	return result;
}

static int copy_link(const struct entry *entry)
{
	char target[PATH_MAX];
	ssize_t n = SYS(readlinkat(entry->node, "", target, sizeof(target) - 1), entry->path);

	if (n < 0)
		return -1;
	target[n] = '\0';
	return SYS(symlinkat(target, entry->out, entry->name), entry->path);
}

/* Has this file come by under another name? Then it is one file in the layer too. Returns 1 if it
 * was linked. */
static int copy_as_hard_link(struct copy *copy, const struct entry *entry)
{
	struct link_seen *link = copy->links;

	while (link && (link->dev != entry->st.st_dev || link->ino != entry->st.st_ino))
		link = link->next;
	if (link) /* the new layer is ours alone: a path in it leads where it did before */
		return SYS(linkat(copy->to, link->path, entry->out, entry->name, 0), entry->path) <
				       0
			       ? -1
			       : 1;
	link = malloc(sizeof(*link));
	if (!link)
		return -1;
	*link = (struct link_seen){ .dev = entry->st.st_dev,
				    .ino = entry->st.st_ino,
				    .path = strdup(entry->path),
				    .next = copy->links };
	copy->links = link;
	return link->path ? 0 : -1;
}

/* A whiteout (0:0 needs no privilege), a FIFO, or a device. mknod's mode is less the umask. */
static int copy_node(const struct entry *entry)
{
	const char *path = entry->path;

	if (SYS(mknodat(entry->out, entry->name, entry->st.st_mode, entry->st.st_rdev), path) < 0)
		return -1;
	int node = SYS(openat(entry->out, entry->name, O_PATH | O_NOFOLLOW | O_CLOEXEC), path);
	if (node < 0)
		return -1;
	int result = copy_owner_mode(node, &entry->st, path);
	close_keeping_errno(node);
	return result;
}

static int copy_tree(struct copy *copy, int from, int to, const char *path);

static int copy_subdirectory(struct copy *copy, const struct entry *entry)
{
	if (SYS(mkdirat(entry->out, entry->name, 0700), entry->path) < 0)
		return -1;
	int to = SYS(
		openat(entry->out, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
		entry->path);
	if (to < 0)
		return -1;
	int result = copy_tree(copy, entry->node, to, entry->path);
	close_keeping_errno(to);
	return result;
}

static int copy_kind(struct copy *copy, const struct entry *entry)
{
	mode_t mode = entry->st.st_mode;

	if (!S_ISDIR(mode) && !S_ISCHR(mode) && entry->st.st_nlink > 1) {
		int linked = copy_as_hard_link(copy, entry);
		if (linked != 0)
			return linked < 0 ? -1 : 0;
	}
	int result = S_ISDIR(mode)   ? copy_subdirectory(copy, entry)
		     : S_ISREG(mode) ? copy_file(entry)
		     : S_ISLNK(mode) ? copy_link(entry)
				     : copy_node(entry);
	if (result < 0)
		return -1;
	struct timespec times[2] = { entry->st.st_atim, entry->st.st_mtim };
	return SYS(utimensat(entry->out, entry->name, times, AT_SYMLINK_NOFOLLOW), entry->path);
}

static int copy_entry(struct copy *copy, int in, int out, const char *name, const char *above)
{
	struct entry entry = { .out = out, .name = name, .node = -1 };
	char *path = NULL;
	int result = -1;

	if (asprintf(&path, "%s%s%s", above, *above ? "/" : "", name) < 0)
		return -1;
	entry.path = path;
	entry.node = SYS(openat(in, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), path);
	if (entry.node >= 0 && SYS(fstat(entry.node, &entry.st), path) == 0)
		/* A socket is of a process that serves it, which another container does not have.
		 */
		result = S_ISSOCK(entry.st.st_mode) ? 0 : copy_kind(copy, &entry);
	close_keeping_errno(entry.node);
	free_keeping_errno(path);
	return result;
}

/* What is in a directory, then what is on it: a directory of mode 0555 must be filled first. */
static int copy_tree(struct copy *copy, int from, int to, const char *path)
{
	const char *name = *path ? path : ".";
	struct stat st;
	int in = SYS(openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), name), result = -1;
	DIR *dir = in < 0 ? NULL : fdopendir(in);

	if (!dir) {
		close_keeping_errno(in);
		return -1;
	}
	for (struct dirent *entry; (errno = 0, entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    copy_entry(copy, in, to, entry->d_name, path) < 0)
			goto bad;
	if (errno) {
		sys_failure_set(errno, "readdir", name, NULL, NULL);
		goto bad;
	}
	if (SYS(fstat(in, &st), name) == 0 && copy_owner_mode(to, &st, name) == 0)
		result = copy_attributes(in, to, name);
bad:;
	int saved = errno;
	closedir(dir);
	errno = saved;
	return result;
}

int layer_copy(int from, int to)
{
	struct copy copy = { .to = to };
	int result = copy_tree(&copy, from, to, "");

	while (copy.links) {
		struct link_seen *link = copy.links;
		copy.links = link->next;
		free_keeping_errno(link->path);
		free_keeping_errno(link);
	}
	return result;
}
