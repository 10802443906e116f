/*
 * state_end.c: ends groups, volumes and directories of a record; state_process.c has its process.
 */
#define _GNU_SOURCE
#include "state_end.h"
#include "remove_tree.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step05_cgroup_cpu/given/cgroup_group.h"
#include "step05_cgroup_cpu/given/cgroup_members.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static int stays(struct ending *ending, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int stays(struct ending *ending, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ending->why, sizeof(ending->why), format, args);
	va_end(args);
	return -1;
}

/* ---- groups ---- */

static bool we_are_in(const struct cgroup *group)
{
	bool found = false;

	for (int i = 0; i < group->parts && !found; i++) {
		pid_t *pids;
		ssize_t count = cgroup_members(group->part[i].dir, true, &pids, NULL);
		for (ssize_t n = 0; n < count; n++)
			found |= pids[n] == getpid();
		free(pids);
	}
	return found;
}

static int end_group(struct cgroup *group, struct ending *ending)
{
	char first[CG_PATH];

	if (!group->parts)
		return 0;
	snprintf(first, sizeof(first), "%s", group->part[0].path);
	if (we_are_in(group)) {
		group_close(group);
		return stays(ending, "this process itself is in its group %s", first);
	}
	if (group_kill(group, ending->timeout_ms) < 0) {
		int err = errno;
		group_close(group);
		return stays(ending, "processes of its group %s do not end: %s", first,
			     strerror(err));
	}
	if (group_remove(group) < 0)
		return stays(ending, "its group %s cannot be removed: %s", first, strerror(errno));
	return 0;
}

/* The group's directories, those that still are what mkdir made for this container. */
static int end_groups(const struct record *record, struct ending *ending)
{
	struct cgroup group = { 0 };

	for (int i = 0; i < record->group_count; i++) {
		const struct record_group *part = &record->groups[i];
		if (!part->made || part->role != CGROUP_GROUP)
			continue;
		if (group_add_known(&group, part->path, part->id.dev, part->id.ino) >= 0)
			continue;
		int err = errno;
		group_close(&group);
		return stays(ending, "its group %s cannot be opened: %s", part->path,
			     strerror(err));
	}
	return end_group(&group, ending);
}

/* A path alone: rmdir(2), which takes an empty group only, and nothing outside of cgroupfs.
 * Returns whether something is in it. */
static bool remove_if_empty(const char *path)
{
	struct statfs fs;
	bool in_use = false;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return false;
	if (fstatfs(dir, &fs) == 0 &&
	    (fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC)) {
		int above = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (above >= 0) {
			in_use = unlinkat(above, strrchr(path, '/') + 1, AT_REMOVEDIR) < 0 &&
				 (errno == EBUSY || errno == ENOTEMPTY);
			close(above);
		}
	}
	close(dir);
	return in_use;
}

static enum ended end_nest(const struct record_group *nest, struct ending *ending)
{
	struct cgroup group = { 0 };
	enum ended result = END_GONE;

	if (group_add_known(&group, nest->path, nest->id.dev, nest->id.ino) < 1)
		return END_GONE;
	switch (cgroup_unnest_dir(group.part[0].dir, strrchr(nest->path, '/') + 1)) {
	case 0:
		break;
	case 1:
		stays(ending, "other groups beside %s still need it", nest->path);
		result = END_WAITS;
		break;
	default:
		stays(ending, "%s cannot be removed: %s", nest->path, strerror(errno));
		result = END_LEFT;
	}
	group_close(&group);
	return result;
}

/* The last made goes first. */
static enum ended end_others(const struct record *record, struct ending *ending)
{
	enum ended result = END_GONE;

	for (int i = record->group_count - 1; i >= 0 && result != END_LEFT; i--) {
		const struct record_group *group = &record->groups[i];
		if (!group->made) {
			/* What was to be the group itself is another's, if it does not go. */
			if (remove_if_empty(group->path) && group->role == CGROUP_UPPER) {
				stays(ending, "other groups are in %s", group->path);
				result = END_WAITS;
			}
		} else if (group->role == CGROUP_NEST) {
			enum ended nest = end_nest(group, ending);
			result = nest == END_GONE ? result : nest;
		}
	}
	return result;
}

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

	if (boot_id(now) < 0)
		return stays(ending, "boot_id cannot be read: %s", strerror(errno)), END_LEFT;
	bool same_boot = strcmp(now, record->boot) == 0;
	/* Processes and groups end with the machine; numbers of another boot are a stranger's. */
	if (same_boot) {
		if (end_groups(record, ending) < 0 || process_end(record, ending) < 0)
			return END_LEFT;
		others = end_others(record, ending);
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
