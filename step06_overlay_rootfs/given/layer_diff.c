/*
 * layer_diff.c: walking an upper directory beside the layers that it covers.
 */
#define _GNU_SOURCE
#include "layer_diff.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* ---- what the layers hold ---- */

enum answer { NOT_HERE, HERE, NOT_BELOW_EITHER };

/* Follows path down through one layer, part by part: a link on the way leads nowhere, a whiteout or
 * an opaque directory hides what lies deeper. */
static enum answer look_in_layer(int layer, const char *path, bool userxattr)
{
	char part[PATH_MAX];
	bool opaque = false;

	for (size_t end = 0; path[end];) {
		end += 1 + strcspn(path + end + 1, "/");
		snprintf(part, sizeof(part), "%.*s", (int)end, path);
		int change = overlay_classify(layer, part, true, userxattr);
		if (change < 0)
			return opaque ? NOT_BELOW_EITHER : NOT_HERE;
		if (change == OVERLAY_DELETED)
			return NOT_BELOW_EITHER;
		if (!path[end])
			return HERE;
		struct stat st;
		if (fstatat(layer, part, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
			return NOT_BELOW_EITHER; /* a file here covers the directory below */
		opaque = opaque || change == OVERLAY_OPAQUE;
	}
	return HERE; /* the root itself */
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

/* Adds the names in directory path of root; one that is not there, or is no directory, adds none.
 */
static int read_names(int root, const char *path, struct names *names)
{
	int fd = openat(root, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int result = 0;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -1;
	}
	for (struct dirent *entry; result == 0 && (entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = add_name(names, entry->d_name);
	closedir(dir);
	return result;
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

static int walk_directory(const struct walk *walk, const char *path, bool opaque);

static int walk_entry(const struct walk *walk, const char *path, bool opaque)
{
	const struct layer_diff *diff = walk->diff;
	char shown[PATH_MAX + 1];
	struct stat st;
	bool below = layers_hold(diff, path);
	int change = overlay_classify(diff->upper, path, below, diff->userxattr);

	snprintf(shown, sizeof(shown), "/%s", path);
	if (change < 0 &&
	    errno == ENOENT) /* hidden by an opaque directory above it, or gone meanwhile */
		return opaque && below ? walk->fn(OVERLAY_DELETED, shown, walk->arg) : 0;
	if (change < 0)
		return -1;
	int result = walk->fn((enum overlay_change)change, shown, walk->arg);
	if (result != 0 || change == OVERLAY_DELETED)
		return result;
	if (fstatat(diff->upper, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return walk_directory(walk, path, opaque || change == OVERLAY_OPAQUE);
}

/* In an opaque directory the names of the layers count too: upper does not mark each thing that it
 * hides. */
static int walk_directory(const struct walk *walk, const char *path, bool opaque)
{
	struct names names = { 0 };
	int result = read_names(walk->diff->upper, path, &names);

	for (int i = 0; opaque && i < walk->diff->count && result == 0; i++)
		result = read_names(walk->diff->layers[i], path, &names);
	sort_names(&names);
	for (size_t i = 0; i < names.count && result == 0; i++) {
		char *child;
		if (asprintf(&child, "%s%s%s", path, *path ? "/" : "", names.name[i]) < 0) {
			result = -1;
			break;
		}
		errno = ENAMETOOLONG;
		result = strlen(child) < PATH_MAX ? walk_entry(walk, child, opaque) : -1;
		free(child);
	}
	free_names(&names);
	return result;
}

int layer_diff_walk(const struct layer_diff *diff,
		    int (*fn)(enum overlay_change change, const char *path, void *arg), void *arg)
{
	struct walk walk = { .diff = diff, .fn = fn, .arg = arg };

	return walk_directory(&walk, "", false);
}
