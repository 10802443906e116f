/*
 * state.c: directories, locks, and the removal of what a dead owner has left.
 */
#define _GNU_SOURCE
#include "state.h"

#include "step01_clone_pid/floor/guard_undo.h"
#include "step01_clone_pid/floor/procfs.h"
#include "step01_clone_pid/floor/sys.h"
#include "step05_cgroup_cpu/cgroup_parent.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is removed goes by its path in a ledger entry of 500 bytes: a path cut short there would be
 * another directory's. */
enum { LONGEST_ROOT = 400 };

static int make_dirs(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *slash = part + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (SYS_MAY(mkdir(part, 0755), part, EEXIST) < 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return SYS_MAY(mkdir(part, 0700), part, EEXIST) < 0 && errno != EEXIST ? -1 : 0;
}

static int choose_root(const char *given, char *out, size_t size)
{
	const char *home = getenv("HOME"), *data = getenv("XDG_DATA_HOME"),
		   *own = getenv("MINIBOX_ROOT");
	int n;

	if (given || (own && own[0]))
		n = snprintf(out, size, "%s", given ? given : own);
	else if (geteuid() == 0)
		n = snprintf(out, size, "/var/lib/minibox");
	else if (data && data[0] == '/')
		n = snprintf(out, size, "%s/minibox", data);
	else if (home && home[0] == '/')
		n = snprintf(out, size, "%s/.local/share/minibox", home);
	else
		n = 0;
	if (n <= 0 || out[0] != '/' || n > LONGEST_ROOT) {
		sys_failure_set(
			n > LONGEST_ROOT ? ENAMETOOLONG : EINVAL, "finding the state directory",
			given ? given : "$HOME",
			n > LONGEST_ROOT
				? "The path is longer than 400 bytes: the journal has no room for "
				  "it."
				: "minibox keeps its state below an absolute path, and knows none.",
			"Set HOME or MINIBOX_ROOT, or give --root /absolute/path.");
		return -1;
	}
	return 0;
}

int state_open(const char *given, struct state *state)
{
	char path[PATH_MAX + 16];

	if (choose_root(given, state->root, sizeof(state->root)) < 0 || make_dirs(state->root) < 0)
		return -1;
	static const char *const parts[] = { "images", "containers", "volumes" };
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		snprintf(path, sizeof(path), "%s/%s", state->root, parts[i]);
		if (SYS_MAY(mkdir(path, 0700), path, EEXIST) < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

/* 12 hex digits; under a test's token they begin with it, so that all we make on the host carries
 * it. */
static void make_id(char id[ID_SIZE])
{
	unsigned char random[6] = { 0 };
	const char *token = getenv("MINIBOX_TOKEN");

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		random[0] = (unsigned char)getpid();
	for (int i = 0; i < 6; i++)
		snprintf(id + 2 * i, 3, "%02x", random[i]);
	if (token && strlen(token) <= 8 && strspn(token, "0123456789abcdef") == strlen(token))
		for (size_t i = 0; token[i]; i++)
			id[i] = token[i];
}

static int new_container(const struct state *state, struct box_state *box)
{
	if (snprintf(box->path, sizeof(box->path), "%s/containers/%s", state->root, box->id) >=
	    (int)sizeof(box->path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (SYS(mkdir(box->path, 0700), box->path) < 0)
		return -1;
	box->dir = SYS(open(box->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), box->path);
	if (box->dir < 0)
		return -1;
	/* The descriptor is close-on-exec and never handed to the container: the lock goes when we
	 * do. */
	box->lock = SYS(openat(box->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600), box->path);
	if (box->lock < 0 || SYS(flock(box->lock, LOCK_EX | LOCK_NB), box->path) < 0)
		return -1;
	return 0;
}

static int append(const struct box_state *box, const char *file, const char *text)
{
	size_t length = strlen(text);
	int fd = SYS(openat(box->dir, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), file);

	if (fd < 0)
		return -1;
	ssize_t n = SYS(write(fd, text, length), file);
	close(fd);
	if (n >= 0 && (size_t)n != length)
		sys_failure_set(ENOSPC, "write", file, "The disk is full.", NULL);
	return n == (ssize_t)length ? 0 : -1;
}

/* Whose directory this is, it lives: somebody holds its lock. */
static bool has_owner(int dir)
{
	int lock = openat(dir, "lock", O_RDWR | O_CLOEXEC);
	bool owned = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0;

	if (lock >= 0)
		close(lock);
	return owned;
}

static int name_is_free(const struct state *state, const char *name)
{
	char path[PATH_MAX + 300], other[300];
	int taken = 0;

	snprintf(path, sizeof(path), "%s/containers", state->root);
	DIR *list = opendir(path);
	for (struct dirent *entry; list && !taken && (entry = readdir(list));) {
		snprintf(path, sizeof(path), "%s/containers/%s", state->root, entry->d_name);
		int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		taken = read_file_at(dir, "name", other, sizeof(other)) > 0 &&
			strcmp(other, name) == 0 && has_owner(dir);
		if (taken)
			sys_failure_set(EEXIST, "--name", name, "A container of that name runs.",
					"Take another name, or wait until it has ended.");
		if (dir >= 0)
			close(dir);
	}
	if (list)
		closedir(list);
	return taken ? -1 : 0;
}

/* Holds off a gc of another minibox while a directory is there and its lock is not yet. */
static int lock_list(const struct state *state)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/containers", state->root);
	int fd = SYS(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path);
	if (fd >= 0 && SYS(flock(fd, LOCK_EX), path) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int state_new_container(const struct state *state, const char *name, struct box_state *box)
{
	int list = lock_list(state), result = -1;

	if (list < 0)
		return -1;
	make_id(box->id);
	if (!name || name_is_free(state, name) == 0)
		result = new_container(state, box);
	if (result == 0 && name)
		result = append(box, "name", name);
	close(list);
	return result;
}

static int note(const struct box_state *box, const char *word, const char *path)
{
	char line[2 * PATH_MAX];

	snprintf(line, sizeof(line), "%s %s\n", word, path);
	return append(box, "journal", line);
}

int state_note_group(const char *path, bool nest, void *arg)
{
	return note(arg, nest ? "nest" : "group", path);
}

int state_note_volume(struct box_state *box, const char *path)
{
	return note(box, "volume", path);
}

static void unnest(const char *path)
{
	cgroup_unnest(path); /* what cannot be undone now is tried by the next gc */
}

/* A line of the journal: "group PATH" is ours with all that is in it, and so is "volume PATH";
 * "nest PATH" holds somebody else's processes, moved down to make room (cgroup_parent.h): they go
 * back up and live. */
static int note_line(struct ledger *journal, int count, const char *line)
{
	struct ledger_entry *entry = &journal->entry[count];
	const char *path = strchr(line, ' ');

	if (!path || count == LEDGER_ENTRIES || strlen(path + 1) >= sizeof(entry->what))
		return count;
	if (strncmp(line, "nest ", 5) == 0)
		entry->undo = unnest;
	entry->kind = entry->undo			 ? LEDGER_OTHER
		      : strncmp(line, "volume ", 7) == 0 ? LEDGER_TREE
							 : LEDGER_CGROUP;
	snprintf(entry->what, sizeof(entry->what), "%s", path + 1);
	return count + 1;
}

/* The guard's ledger knows how each kind of thing is removed, frozen or not, with whatever is in
 * it. It is undone from the last entry to the first, so the directory, with the journal in it, goes
 * last. */
static void remove_all(const char *path, int dir)
{
	static struct ledger journal;
	static char text[65536];
	int count = 0;

	memset(&journal, 0, sizeof(journal));
	journal.entry[count].kind = LEDGER_TREE;
	snprintf(journal.entry[count++].what, sizeof(journal.entry[0].what), "%s", path);
	if (read_file_at(dir, "journal", text, sizeof(text)) > 0)
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			count = note_line(&journal, count, line);
	ledger_thaw(&journal, true);
	ledger_undo_all(&journal);
}

void state_remove_container(struct box_state *box)
{
	remove_all(box->path, box->dir);
	close(box->dir);
	close(box->lock);
}

int state_gc(const struct state *state, bool verbose)
{
	char path[PATH_MAX + 300];
	int removed = 0;

	int hold = lock_list(state);
	snprintf(path, sizeof(path), "%s/containers", state->root);
	DIR *list = hold < 0 ? NULL : opendir(path);
	for (struct dirent *entry; list && (entry = readdir(list));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/containers/%s", state->root, entry->d_name);
		int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		int lock = dir < 0 ? -1 : openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0) {
			remove_all(path, dir);
			removed++;
			if (verbose)
				printf("%s: its owner is gone; removed\n", entry->d_name);
		}
		if (lock >= 0)
			close(lock);
		if (dir >= 0)
			close(dir);
	}
	if (list)
		closedir(list);
	if (hold >= 0)
		close(hold);
	return removed;
}
