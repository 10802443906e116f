/*
 * layer_diff.c: walking an upper directory beside the layers that it covers.
 */
#define _GNU_SOURCE
#include "layer_diff.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char overlay_change_letter(enum overlay_change change)
{
	switch (change) {
	case OVERLAY_ADDED:
		return 'A';
	case OVERLAY_DELETED:
		return 'D';
	default:
		return 'C';
	}
}

/* That an entry is not there is an answer here. It must not stay recorded as a failure, whichever
 * way overlay_classify() makes its calls. */
static int classify(int dir, const char *name, bool below, bool userxattr)
{
	bool failed_before = sys_failure()->err;
	int change = overlay_classify(dir, name, below, userxattr);

	if (change < 0 && errno == ENOENT && !failed_before)
		sys_failure_clear();
	return change;
}

/* ---- what the layers hold ---- */

enum answer { NOT_HERE, HERE, NOT_BELOW_EITHER };

/* Follows path down through one layer, part by part: a link on the way leads nowhere, a whiteout or
 * an opaque directory hides what lies deeper. */
static enum answer look_in_layer(int layer, const char *path, bool userxattr)
{
	enum answer answer = HERE; /* the root itself */
	int dir = layer;

	for (bool opaque = false; *path;) {
		char name[NAME_MAX + 1];
		size_t length = strcspn(path, "/");
		snprintf(name, sizeof(name), "%.*s", (int)length, path);
		path += length + strspn(path + length, "/");
		int change = length > NAME_MAX ? -1 : classify(dir, name, true, userxattr);
		if (change < 0 || change == OVERLAY_DELETED) {
			answer = change < 0 && !opaque ? NOT_HERE : NOT_BELOW_EITHER;
			break;
		}
		if (!*path)
			break;
		int next = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir != layer)
			close(dir);
		dir = next;
		if (dir < 0)
			return NOT_BELOW_EITHER; /* a file here covers the directory below */
		opaque = opaque || change == OVERLAY_OPAQUE;
	}
	if (dir != layer)
		close(dir);
	return answer;
}

int layers_provider(const struct layer_diff *diff, const char *path)
{
	while (*path == '/')
		path++;
	for (int i = diff->count; i-- > 0;) {
		enum answer answer = look_in_layer(diff->layers[i], path, diff->userxattr);
		if (answer == HERE)
			return i;
		if (answer == NOT_BELOW_EITHER)
			break;
	}
	errno = ENOENT;
	return -1;
}

bool layers_hold(const struct layer_diff *diff, const char *path)
{
	int saved = errno;
	bool held = layers_provider(diff, path) >= 0;

	errno = saved;
	return held;
}

/* ---- names of a directory, sorted ---- */

struct names {
	char **name;
	size_t count;
};

static int add_name(struct names *names, const char *name)
{
	char **grown = reallocarray(names->name, names->count + 1, sizeof(*grown));

	if (!grown)
		return -1;
	names->name = grown;
	names->name[names->count] = strdup(name);
	return names->name[names->count++] ? 0 : -1;
}

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
}

/* Adds the names in the directory fd, which is closed. One that could not be opened, because it is
 * not there or is no directory, adds none. */
static int read_names(int fd, struct names *names)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int result = 0;

	if (!dir) {
		close_keeping_errno(fd);
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -1;
	}
	for (struct dirent *entry; result == 0 && (errno = 0, entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = add_name(names, entry->d_name);
	if (result == 0 && errno)
		result = -1;
	int saved = errno;
	closedir(dir);
	errno = saved;
	return result;
}

/* The directory path of a layer. No link on the way is followed. */
static int open_in_layer(int layer, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };

	return (int)openat2(layer, *path ? path : ".", &how, sizeof(how));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_names(struct names *names)
{
	size_t kept = 0;

	if (names->count == 0)
		return;
	qsort(names->name, names->count, sizeof(char *), by_name);
	for (size_t i = 1; i < names->count; i++) {
		if (strcmp(names->name[kept], names->name[i]) == 0)
			free(names->name[i]);
		else
			names->name[++kept] = names->name[i];
	}
	names->count = kept + 1;
}

/* ---- the walk ---- */

struct walk {
	const struct layer_diff *diff;
	int (*fn)(enum overlay_change change, const char *path, void *arg);
	void *arg;
};

static int walk_directory(const struct walk *walk, int dir, const char *path, bool opaque);

/* dir: the directory of upper that the entry is in. A container may run in upper, and may put a
 * link where a directory was: no path of several parts is looked up there. */
static int walk_entry(const struct walk *walk, int dir, const char *name, const char *path,
		      bool opaque)
{
	const struct layer_diff *diff = walk->diff;
	char shown[PATH_MAX + 1];
	bool below = layers_hold(diff, path);
	int change = classify(dir, name, below, diff->userxattr);

	snprintf(shown, sizeof(shown), "/%s", path);
	if (change < 0 &&
	    errno == ENOENT) /* hidden by an opaque directory above it, or gone meanwhile */
		return opaque && below ? walk->fn(OVERLAY_DELETED, shown, walk->arg) : 0;
	if (change < 0)
		return -1;
	int result = walk->fn((enum overlay_change)change, shown, walk->arg);
	if (result != 0 || change == OVERLAY_DELETED)
		return result;
	int inner = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inner < 0)
		return errno == ENOTDIR || errno == ELOOP || errno == ENOENT ? 0 : -1;
	result = walk_directory(walk, inner, path, opaque || change == OVERLAY_OPAQUE);
	close_keeping_errno(inner);
	return result;
}

/* In an opaque directory the names of the layers count too: upper does not mark each thing that it
 * hides. */
static int walk_directory(const struct walk *walk, int dir, const char *path, bool opaque)
{
	struct names names = { 0 };
	int result = read_names(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), &names);

	for (int i = 0; opaque && i < walk->diff->count && result == 0; i++)
		result = read_names(open_in_layer(walk->diff->layers[i], path), &names);
	sort_names(&names);
	for (size_t i = 0; i < names.count && result == 0; i++) {
		char *child;
		if (asprintf(&child, "%s%s%s", path, *path ? "/" : "", names.name[i]) < 0) {
			result = -1;
			break;
		}
		errno = ENAMETOOLONG;
		result = strlen(child) < PATH_MAX
				 ? walk_entry(walk, dir, names.name[i], child, opaque)
				 : -1;
		free(child);
	}
	free_names(&names);
	return result;
}

int layer_diff_walk(const struct layer_diff *diff,
		    int (*fn)(enum overlay_change change, const char *path, void *arg), void *arg)
{
	struct walk walk = { .diff = diff, .fn = fn, .arg = arg };

	return walk_directory(&walk, diff->upper, "", false);
}
