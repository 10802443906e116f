/*
 * guard_cgroup.c: how the guard ends a group.
 */
#define _GNU_SOURCE
#include "guard_cgroup.h"
#include "cgroup_group.h"
#include "cgroup_members.h"
#include "step01_clone_pid/floor/demo/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

enum { ROUND_MS = 0, MOST_MS = 2000 };

static void kill_in(const char *path, int timeout_ms)
{
	struct cgroup group = { 0 };

	if (group_open(&group, path) < 0)
		return; /* gone already, or never made */
	group_kill(&group, timeout_ms);
	group_close(&group);
}

/* A frozen process does not die, nor one that the cgroup lets sleep: so once before the demo's
 * processes are waited for. */
static void kill_once(const char *path)
{
	kill_in(path, ROUND_MS);
}

static int remove_below(int parent, const char *name, int dir, void *arg)
{
	cgroup_each_child(dir, remove_below, arg);
	unlinkat(parent, name, AT_REMOVEDIR);
	return 0;
}

/* Not by the piece's cgroup_remove(): the guard also cleans up after a piece that is not finished.
 * A group's end is asynchronous, EBUSY for a moment. 2 s, then we leave it. */
static void remove_group(const char *path)
{
	kill_in(path, MOST_MS);
	for (int round = 0; rmdir(path) < 0 && errno == EBUSY && round < 200; round++) {
		int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir >= 0) {
			cgroup_each_child(dir, remove_below, NULL);
			close(dir);
		}
		if (rmdir(path) == 0 || errno != EBUSY)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
}

static void unnest(const char *path)
{
	cgroup_unnest(path);
}

int guard_cgroup(const char *path)
{
	static const struct guard_kind group = { .before = kill_once, .undo = remove_group };

	return guard_enter(&group, path);
}

int guard_nest(const char *path)
{
	static const struct guard_kind nest = { .undo = unnest, .last = true };

	return guard_enter(&nest, path);
}
