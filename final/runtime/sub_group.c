/*
 * sub_group.c: the way down is the kernel's to judge: RESOLVE_BENEATH.
 */
#define _GNU_SOURCE
#include "sub_group.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int refuse(int err, const char *where, const char *cause)
{
	sys_failure_set(
		err, "--cgroup", where, cause,
		"PATH or CONTROLLER:PATH of a group that a process of the container has made "
		"below its own.");
	return -1;
}

static int go_down_one(struct cgroup_part *part, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	char cause[CG_PATH + 100];
	size_t n = strlen(part->path);
	int dir = (int)syscall(SYS_openat2, part->dir, path, &how, sizeof(how));

	if (dir < 0) {
		snprintf(cause, sizeof(cause),
			 errno == EXDEV ? "The path leads out of the container's group %s."
					: "There is no such group below %s.",
			 part->path);
		return refuse(errno, path, cause);
	}
	close(part->dir);
	part->dir = dir;
	snprintf(part->path + n, sizeof(part->path) - n, "/%s", path);
	return 0;
}

int group_go_down(struct cgroup *group, const char *where)
{
	const char *colon = strchr(where, ':'), *path = colon ? colon + 1 : where;
	char names[200];
	unsigned wanted = ~0U;
	int found = 0;

	if (colon) {
		if (colon - where >= (int)sizeof(names))
			return refuse(EINVAL, where, "The name of the controller is too long.");
		snprintf(names, sizeof(names), "%.*s", (int)(colon - where), where);
		wanted = cgroup_controllers_parse(names, 1) | cgroup_controllers_parse(names, 2);
		if (!wanted)
			return refuse(EINVAL, where, "There is no controller of that name.");
	}
	path += strspn(path, "/");
	if (!*path)
		return 0;
	for (int i = 0; i < group->parts; i++) {
		if (colon && !(group->part[i].controllers & wanted))
			continue;
		found++;
		if (go_down_one(&group->part[i], path) < 0)
			return -1;
	}
	return found ? 0 : refuse(ENOENT, where, "The container has no group of that controller.");
}
