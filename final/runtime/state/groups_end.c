/*
 * groups_end.c: the end of a record's groups.
 */
#define _GNU_SOURCE
#include "groups_end.h"

#include "final/runtime/systemd_scope.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step05_cgroup_cpu/given/cgroup_group.h"
#include "step05_cgroup_cpu/given/cgroup_members.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* 1 or 0, or -1 with errno. */
static int we_are_in(const struct cgroup *group)
{
	int found = 0;

	for (int i = 0; i < group->parts && found == 0; i++) {
		pid_t *pids = NULL;
		ssize_t count = cgroup_members(group->part[i].dir, true, &pids, NULL);
		for (ssize_t n = 0; n < count; n++)
			found |= pids[n] == getpid();
		if (count < 0 && errno != ENOENT && errno != ENODEV)
			found = -1;
		free_keeping_errno(pids);
	}
	return found;
}

/* systemd's own words are in the failure record, which is the caller's if it holds one. */
static int end_scope(const char *path, struct ending *ending)
{
	struct failure before = *sys_failure();

	sys_failure_clear();
	int result = systemd_scope_end(strrchr(path, '/') + 1);
	if (result < 0)
		stays(ending, "systemd does not end its scope %s: %s", path,
		      sys_failure()->cause[0] ? sys_failure()->cause : strerror(errno));
	sys_failure_clear();
	sys_failure_adopt(&before);
	return result;
}

static int end_group(struct cgroup *group, bool systemd, struct ending *ending)
{
	char first[CG_PATH];

	if (!group->parts)
		return 0;
	snprintf(first, sizeof(first), "%s", group->part[0].path);
	int own = we_are_in(group);
	if (own < 0) {
		int err = errno;
		group_close(group);
		return stays(ending, "its group %s cannot be read: %s", first, strerror(err));
	}
	if (own) {
		group_close(group);
		return stays(ending, "this process itself is in its group %s", first);
	}
	if (group_kill(group, ending->timeout_ms) < 0) {
		int err = errno;
		group_close(group);
		return stays(ending, "processes of its group %s do not end: %s", first,
			     strerror(err));
	}
	if (systemd && end_scope(first, ending) < 0) {
		group_close(group);
		return -1;
	}
	if (group_remove(group) < 0)
		return stays(ending, "its group %s cannot be removed: %s", first, strerror(errno));
	return 0;
}

/* The group's directories, those that still are what mkdir made for this container. */
int groups_end_own(const struct record_groups *record, struct ending *ending)
{
	struct cgroup group = { 0 };

	for (int i = 0; i < record->count; i++) {
		const struct record_group *part = &record->list[i];
		if (!part->made || part->role != CGROUP_GROUP)
			continue;
		if (group_add_known(&group, part->path, part->id.dev, part->id.ino) >= 0)
			continue;
		int err = errno;
		group_close(&group);
		return stays(ending, "its group %s cannot be opened: %s", part->path,
			     strerror(err));
	}
	return end_group(&group, record->systemd, ending);
}

/* Where nothing can be made by us nothing was. */
static bool may_remove_in(int above)
{
	return faccessat(above, ".", W_OK, AT_EACCESS) == 0;
}

/* rmdir(2), which takes an empty group only. Returns 0: gone, or not ours; 1: something is in it;
 * -1 with errno. */
static int remove_empty(int above, const char *name)
{
	if (unlinkat(above, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno == EBUSY || errno == ENOTEMPTY)
		return 1;
	int saved = errno;
	bool ours = may_remove_in(above);
	errno = saved;
	return ours ? -1 : 0;
}

/* A path alone: nothing outside of cgroupfs. Returns as remove_empty(). */
static int remove_if_empty(const char *path)
{
	struct statfs fs;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -1;
	int result = fstatfs(dir, &fs), above = -1;
	if (result == 0 && (fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC)) {
		above = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		result = above < 0 ? -1 : remove_empty(above, strrchr(path, '/') + 1);
	}
	close_keeping_errno(above);
	close_keeping_errno(dir);
	return result;
}

static enum ended end_nest(const struct record_group *nest, struct ending *ending)
{
	struct cgroup group = { 0 };
	enum ended result = END_GONE;

	int there = group_add_known(&group, nest->path, nest->id.dev, nest->id.ino);
	if (there < 0)
		stays(ending, "%s cannot be opened: %s", nest->path, strerror(errno));
	if (there < 1)
		return there < 0 ? END_LEFT : END_GONE;
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
enum ended groups_end_others(const struct record_groups *record, struct ending *ending)
{
	enum ended result = END_GONE;

	for (int i = record->count - 1; i >= 0 && result != END_LEFT; i--) {
		const struct record_group *group = &record->list[i];
		if (!group->made) {
			/* What was to be the group itself is another's, if it does not go. */
			int in_use = remove_if_empty(group->path);
			if (in_use < 0) {
				stays(ending, "%s cannot be removed: %s", group->path,
				      strerror(errno));
				result = END_LEFT;
			} else if (in_use && group->role == CGROUP_UPPER) {
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
