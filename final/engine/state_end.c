/*
 * state_end.c: ends groups, volumes and directories of a record; state_process.c has its process.
 */
#define _GNU_SOURCE
#include "state_end.h"
#include "final/runtime/state/remove_tree.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ---- */

static void say_left(const struct left *left, const char *where, char *why)
{
	snprintf(why, 512, "%s: %s %.200s: %s", where, left->call, left->name, strerror(left->err));
}

/* After a boot a file system may have another device number: the inode alone tells then. */
static bool is_volume(int fd, const struct record_volume *volume, bool same_boot)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_ino == volume->id.ino &&
	       (!same_boot || st.st_dev == volume->id.dev);
}

static int end_volumes(const struct state *state, const struct record *record, bool same_boot,
		       struct ending *ending)
{
	struct left left;

	for (int i = 0; i < record->volume_count; i++) {
		const struct record_volume *volume = &record->volumes[i];
		if (!volume->made) { /* of the moment before it was: empty, or never ours */
			unlinkat(state->volumes, volume->name, AT_REMOVEDIR);
			continue;
		}
		int fd = openat(state->volumes, volume->name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		bool ours = fd >= 0 && is_volume(fd, volume, same_boot);
		if (fd >= 0)
			close(fd);
		if (!ours || remove_tree_at(state->volumes, volume->name, NULL, &left) == 0)
			continue;
		say_left(&left, "its volume", ending->why);
		return -1;
	}
	return 0;
}

/* A run does not try again what has failed once with certainty; gc does. */
static void mark_left(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int mark = fd < 0 ? -1
			  : openat(fd, "left", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (mark >= 0)
		close(mark);
	if (fd >= 0)
		close(fd);
}

int directory_end(int dir, const char *name, char *why)
{
	static const char *const last[] = { "left", "lock", NULL };
	static const char prefix[] = "removing-";
	char way_out[NAME_MAX + 32];
	struct left left;

	if (strncmp(name, prefix, strlen(prefix)) == 0)
		snprintf(way_out, sizeof(way_out), "%s", name);
	else
		snprintf(way_out, sizeof(way_out), "%s%s", prefix,
			 name[0] == '.' ? name + 1 : name);
	if (strcmp(way_out, name) != 0 && renameat(dir, name, dir, way_out) < 0) {
		snprintf(why, 512, "rename to %.200s: %s", way_out, strerror(errno));
		mark_left(dir, name);
		return -1;
	}
	if (remove_tree_at(dir, way_out, last, &left) == 0)
		return 0;
	say_left(&left, way_out, why);
	mark_left(dir, way_out);
	return -1;
}

/* ---- all of it ---- */

static enum ended end_all(const struct state *state, const char *id, const struct record *record,
			  struct ending *ending)
{
	static const char *const record_and_lock[] = { "state.json", "lock", NULL };
	char now[BOOT_ID_SIZE];
	enum ended others = END_GONE;
	struct left left;

	if (boot_id(now) < 0) {
		snprintf(ending->why, sizeof(ending->why), "boot_id cannot be read: %s",
			 strerror(errno));
		return END_LEFT;
	}
	bool same_boot = strcmp(now, record->boot) == 0;
	/* Processes and groups end with the machine; numbers of another boot are a stranger's. */
	if (same_boot) {
		if (groups_end_own(&record->groups, ending) < 0 || process_end(record, ending) < 0)
			return END_LEFT;
		others = groups_end_others(&record->groups, ending);
		if (others == END_LEFT)
			return END_LEFT;
	}
	if (end_volumes(state, record, same_boot, ending) < 0) {
		mark_left(state->containers, id);
		return END_LEFT;
	}
	if (others == END_WAITS) {
		empty_tree_at(state->containers, id, record_and_lock, &left);
		return END_WAITS;
	}
	return directory_end(state->containers, id, ending->why) < 0 ? END_LEFT : END_GONE;
}

enum ended container_end(const struct state *state, int dir, const char *id,
			 const struct record *record, struct ending *ending)
{
	struct failure before = *sys_failure();
	int saved = errno;
	struct stat own, named;
	enum ended result = END_GONE;

	ending->why[0] = '\0';
	/* Another gc may have renamed it before we got the lock. */
	if (fstat(dir, &own) == 0 &&
	    fstatat(state->containers, id, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    own.st_dev == named.st_dev && own.st_ino == named.st_ino)
		result = end_all(state, id, record, ending);
	sys_failure_clear();
	if (before.err)
		sys_failure_adopt(&before);
	errno = saved;
	return result;
}
