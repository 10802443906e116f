/*
 * cgroup_extend.c: controllers for a group that lives already.
 */
#define _GNU_SOURCE
#include "cgroup_file.h"
#include "cgroup_group.h"
#include "cgroup_members.h"
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { PASSES = 100 };

struct mark {
	enum cgroup_controller controller;
	const char *v1, *v2; /* a file that every group of this controller has */
};

static const struct mark marks[] = {
	{ CG_CPU, "cpu.shares", "cpu.weight" },
	{ CG_CPUACCT, "cpuacct.usage", "cpu.stat" },
	{ CG_CPUSET, "cpuset.cpus", "cpuset.cpus" },
	{ CG_MEMORY, "memory.limit_in_bytes", "memory.max" },
	{ CG_PIDS, "pids.max", "pids.max" },
	{ CG_IO, "blkio.reset_stats", "io.max" },
	{ CG_FREEZER, "freezer.state", "cgroup.freeze" },
	{ CG_DEVICES, "devices.list", "cgroup.procs" },
};

void group_learn(struct cgroup *group)
{
	for (int i = 0; i < group->parts; i++) {
		struct cgroup_part *part = &group->part[i];
		for (size_t m = 0; m < sizeof(marks) / sizeof(*marks); m++)
			if (cgroup_has(part->dir, part->version == 2 ? marks[m].v2 : marks[m].v1))
				part->controllers |= CG(marks[m].controller);
	}
}

static bool is_in(pid_t pid, const pid_t pids[], ssize_t count)
{
	for (ssize_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* Those of the one directory that the other has not yet. Returns how many were moved. */
static ssize_t move_once(int from, int to)
{
	pid_t *there = NULL, *here = NULL;
	ssize_t moved = 0, count = cgroup_members(from, true, &there, NULL);
	ssize_t have = count < 0 ? -1 : cgroup_members(to, true, &here, NULL);

	for (ssize_t i = 0; have >= 0 && i < count && moved >= 0; i++) {
		if (is_in(there[i], here, have))
			continue;
		if (cgroup_join(to, there[i]) == 0) {
			moved++;
		} else if (errno == ESRCH) { /* it has ended meanwhile */
			sys_failure_clear();
		} else {
			moved = -1;
		}
	}
	int saved = errno;
	free(there);
	free(here);
	errno = saved;
	return count < 0 || have < 0 ? -1 : moved;
}

/* A child is born where its parent is, so that a pass that moves none is the last. */
static int move_all(int from, const struct cgroup_part *part)
{
	for (int pass = 0; pass < PASSES; pass++) {
		ssize_t moved = move_once(from, part->dir);
		if (moved <= 0)
			return (int)moved;
	}
	sys_failure_set(EAGAIN, "moving the processes", part->path,
			"The container makes processes faster than they can be moved.",
			"Pause it first, or limit its processes.");
	return -1;
}

static int hand_down_here(const struct cgroup_part *part, unsigned controllers)
{
	int above = SYS(openat(part->dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC), part->path);
	int result = above < 0 ? -1 : 0;

	for (int c = 0; result == 0 && c < CG_KINDS; c++) {
		const char *name = cgroup_controller_name((enum cgroup_controller)c, 2);
		if ((controllers & CG(c)) && name)
			result = cgroup_writef(above, "cgroup.subtree_control", "+%s", name);
	}
	close_keeping_errno(above);
	return result;
}

/* The parts of a new group become parts of this one. */
static int take_parts(struct cgroup *group, struct cgroup *more)
{
	int from = group->part[0].dir, result = 0;

	for (int i = 0; i < more->parts; i++) {
		if (group->parts == CG_PARTS) {
			group_remove(more);
			errno = ENAMETOOLONG;
			return -1;
		}
		group->part[group->parts++] = more->part[i];
		if (result == 0)
			result = move_all(from, &more->part[i]);
	}
	return result;
}

int group_extend(struct cgroup *group, const struct cgroup_host *host, unsigned controllers,
		 const char *name, cgroup_announce *announce, void *arg)
{
	struct cgroup more;
	unsigned of_v1 = 0;

	for (int i = 0; i < group->parts; i++)
		controllers &= ~group->part[i].controllers;
	if (!controllers)
		return 0;
	if (!group->parts) {
		sys_failure_set(ENOENT, "group_extend", name, "The container has no group.",
				"Make it with a limit, where a group can be had.");
		return -1;
	}
	for (int i = 0; i < group->parts; i++) {
		struct cgroup_part *part = &group->part[i];
		if (part->version != 2)
			continue;
		unsigned here = 0;
		for (int c = 0; c < CG_KINDS; c++)
			if ((controllers & CG(c)) && host->of[c] >= 0 &&
			    host->tree[host->of[c]].version == 2)
				here |= CG(c);
		if (here && hand_down_here(part, here) < 0)
			return -1;
		part->controllers |= here;
		controllers &= ~here;
	}
	for (int c = 0; c < CG_KINDS; c++)
		if ((controllers & CG(c)) &&
		    (host->of[c] < 0 || host->tree[host->of[c]].version == 1))
			of_v1 |= CG(c);
	if (!of_v1)
		return 0;
	return group_create(host, of_v1, name, announce, arg, &more) < 0 ? -1
									 : take_parts(group, &more);
}
