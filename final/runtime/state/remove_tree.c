/*
 * remove_tree.c: each directory is opened below its parent's descriptor, so that a name which
 * changes meanwhile leads nowhere else.
 */
#define _GNU_SOURCE
#include "remove_tree.h"

#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/resolve.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A container may have made directories to any depth; our descriptors and our stack end before. */
enum { DEPTH = 32 };

struct removal {
	int top; /* the directory that is removed */
	dev_t dev;
	const char *const *keep;
	unsigned long moved; /* directories that were moved up to the top */
	bool progress;
	struct left *left;
};

static void note(struct removal *removal, const char *call, const char *name)
{
	if (removal->left->err)
		return;
	removal->left->err = errno;
	removal->left->call = call;
	snprintf(removal->left->name, sizeof(removal->left->name), "%s", name);
}

/* Without the kernel's help (before 5.6, or a filter): another file system is seen by its device,
 * a bind mount of the same one is not. */
static int open_plain(int dir, const char *name, dev_t dev)
{
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || (fstat(fd, &st) == 0 && st.st_dev == dev))
		return fd;
	close(fd);
	errno = EXDEV;
	return -1;
}

static int open_below(int dir, const char *name, dev_t dev)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};
	int fd = openat2(dir, name, &how, sizeof(how));

	return fd < 0 && (errno == ENOSYS || errno == EPERM) ? open_plain(dir, name, dev) : fd;
}

/* Mode 0: of overlay's work directory, or of whatever the container has made. Its owner may change
 * that. The link in /proc leads to the very directory that was opened. */
static int open_up(int dir, const char *name, dev_t dev)
{
	char path[32];
	int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	int result = chmod(fd_path(fd, path, sizeof(path)), 0700);
	close_keeping_errno(fd);
	return result < 0 ? -1 : open_below(dir, name, dev);
}

static int open_directory(int dir, const char *name, dev_t dev)
{
	struct stat st;
	int fd = open_below(dir, name, dev);

	if (fd < 0 && errno == EACCES)
		return open_up(dir, name, dev);
	if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700)
		fchmod(fd, 0700); /* to remove what is in it; if it fails, that does too */
	return fd;
}

/* ENOENT: another one was faster, which is as good. */
static void remove_name(struct removal *removal, int dir, const char *name, int flags)
{
	if (unlinkat(dir, name, flags) == 0 || errno == ENOENT)
		removal->progress = true;
	else if (!removal->left->err || errno != ENOTEMPTY)
		note(removal, flags ? "rmdir" : "unlink", name);
}

static void empty(struct removal *removal, int dir, int depth);

static void move_up(struct removal *removal, int dir, const char *name)
{
	char up[32];

	snprintf(up, sizeof(up), ".deep-%lu", removal->moved++);
	if (renameat2(dir, name, removal->top, up, RENAME_NOREPLACE) == 0)
		removal->progress = true;
	else if (errno != EEXIST) /* of an earlier try: the next number is free */
		note(removal, "rename", name);
}

static void remove_directory(struct removal *removal, int dir, const char *name, int depth)
{
	int fd = open_directory(dir, name, removal->dev);

	if (fd < 0 && errno != ENOENT) {
		note(removal, "open", name);
		return;
	}
	if (fd >= 0 && depth == DEPTH)
		move_up(removal, dir, name);
	else if (fd >= 0)
		empty(removal, fd, depth + 1);
	if (fd >= 0)
		close(fd);
	if (depth < DEPTH)
		remove_name(removal, dir, name, AT_REMOVEDIR);
}

static bool is_kept(const struct removal *removal, const char *name, int depth)
{
	for (int i = 0; depth == 1 && removal->keep && removal->keep[i]; i++)
		if (strcmp(removal->keep[i], name) == 0)
			return true;
	return false;
}

static bool is_directory(int dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Everything in the directory. */
static void empty(struct removal *removal, int dir, int depth)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list) {
		note(removal, "opendir", ".");
		if (copy >= 0)
			close(copy);
		return;
	}
	for (struct dirent *entry; (errno = 0, entry = readdir(list));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    is_kept(removal, entry->d_name, depth))
			continue;
		if (is_directory(dir, entry))
			remove_directory(removal, dir, entry->d_name, depth);
		else
			remove_name(removal, dir, entry->d_name, 0);
	}
	if (errno && errno != ENOENT) /* of readdir(3): there may be more. ENOENT: dir is gone. */
		note(removal, "readdir", ".");
	closedir(list);
}

/* Opens and empties. Returns the descriptor, or -1: it is gone, or left says what failed. */
static int empty_top(struct removal *removal, int dir, const char *name)
{
	struct stat st;
	unsigned long moved;

	memset(removal->left, 0, sizeof(*removal->left));
	if (fstat(dir, &st) == 0) {
		removal->dev = st.st_dev;
	} else {
		note(removal, "fstat", name);
		return -1;
	}
	removal->top = open_directory(dir, name, removal->dev);
	if (removal->top < 0 && errno != ENOENT)
		note(removal, "open", name);
	if (removal->top < 0)
		return -1;
	do { /* again as long as directories were moved to the top */
		moved = removal->moved;
		removal->progress = false;
		memset(removal->left, 0, sizeof(*removal->left));
		empty(removal, removal->top, 1);
	} while (moved != removal->moved && removal->progress);
	return removal->top;
}

int empty_tree_at(int dir, const char *name, const char *const keep[], struct left *left)
{
	struct removal removal = { .keep = keep, .left = left };

	if (empty_top(&removal, dir, name) >= 0)
		close(removal.top);
	errno = left->err;
	return left->err ? -1 : 0;
}

int remove_tree_at(int dir, const char *name, const char *const keep[], struct left *left)
{
	struct removal removal = { .keep = keep, .left = left };

	if (empty_top(&removal, dir, name) >= 0) {
		for (int i = 0; !left->err && keep && keep[i]; i++)
			remove_name(&removal, removal.top, keep[i], 0);
		close(removal.top);
		if (!left->err)
			remove_name(&removal, dir, name, AT_REMOVEDIR);
	}
	errno = left->err;
	return left->err ? -1 : 0;
}
