/*
 * exec_group.c: a group below the container's.
 */
#define _GNU_SOURCE
#include "exec_group.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step02_mount_ns/given/resolve.h"
#include "step05_cgroup_cpu/cgroup_cpu.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int refuse(int err, const char *place, const char *cause)
{
	sys_failure_set(err, "exec --cgroup", place, cause,
			"A path below the container's group; version 1 takes CONTROLLER:PATH.");
	return -1;
}

static int go_down(struct cgroup_part *part, const char *path, const char *place)
{
	const struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
				      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	const char *below = path + strspn(path, "/");

	if (!*below)
		return 0;
	int dir = openat2(part->dir, below, &how, sizeof(how));
	if (dir < 0)
		return refuse(errno == EXDEV ? EINVAL : errno, place,
			      errno == ENOENT ? "adding pid to it: no such file or directory: the "
						"container has no such group."
					      : "bad sub cgroup path: it does not lead to a group "
						"below the container's.");
	close(part->dir);
	part->dir = dir;
	return 0;
}

static int enter(struct cgroup *group, const char *place)
{
	const char *colon = strchr(place, ':'), *path = colon ? colon + 1 : place;
	char list[128];
	unsigned wanted;
	bool found = !colon;

	if (!colon) {
		for (int i = 0; i < group->parts; i++)
			if (go_down(&group->part[i], path, place) < 0)
				return -1;
		return 0;
	}
	snprintf(list, sizeof(list), "%.*s", (int)(colon - place), place);
	wanted = cgroup_controllers_parse(list, 1);
	for (int i = 0; i < group->parts; i++) {
		struct cgroup_part *part = &group->part[i];
		if (part->version != 1 || !(part->controllers & wanted))
			continue;
		found = true;
		if (go_down(part, path, place) < 0)
			return -1;
	}
	return found ? 0
		     : refuse(EINVAL, place,
			      "unknown controller here: the container has no group of it.");
}

int exec_group_enter(struct cgroup *group, const char *const places[])
{
	for (; *places; places++)
		if (enter(group, *places) < 0)
			return -1;
	return 0;
}

/* The directory of init's group in the tree of version 2, if it is below the container's. */
static int open_where_init_is(const struct cgroup_part *part, pid_t init)
{
	char path[CG_PATH], dir[CG_PATH];
	struct cgroup_host host;
	size_t length = strlen(part->path);
	int procfd = proc_open(), found = -1;

	if (procfd < 0 || cgroup_find(AT_FDCWD, &host) < 0) {
		close_keeping_errno(procfd);
		return -1;
	}
	for (int i = 0; found < 0 && i < host.trees; i++)
		if (host.tree[i].version == 2 &&
		    cgroup_path_of(procfd, init, &host.tree[i], path, sizeof(path)) == 0 &&
		    cgroup_directory(&host.tree[i], path, dir, sizeof(dir)) == 0 &&
		    strncmp(dir, part->path, length) == 0 && dir[length] == '/')
			found = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	close_keeping_errno(procfd);
	return found;
}

static int join_below(const struct cgroup_part *part, pid_t init)
{
	int dir = open_where_init_is(part, init);

	if (dir < 0)
		return -1;
	sys_failure_clear();
	int result = cgroup_join(dir, 0);
	close_keeping_errno(dir);
	return result;
}

int exec_group_join(const struct cgroup *group, pid_t init)
{
	for (int i = 0; i < group->parts; i++) {
		struct cgroup only = { .parts = 1, .part = { group->part[i] } };
		if (group_join(&only, 0) == 0)
			continue;
		if (errno != EBUSY || group->part[i].version != 2 ||
		    join_below(&group->part[i], init) < 0)
			return -1;
	}
	return 0;
}
