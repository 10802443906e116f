/*
 * cgroup_end.c: who is in a group and below it, ending them, and removing the directories.
 */
#define _GNU_SOURCE
#include "cgroup_cpu.h"
#include "cgroup_file.h"
#include "cgroup_freeze.h"
#include "cgroup_group.h"
#include "../step01_clone_pid/floor/procfs.h"
#include "../step01_clone_pid/floor/sys.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Calls fn(directory of a child, its name, its descriptor) for each group directly below dir. */
static int each_child(int dir, int (*fn)(int parent, const char *name, int child, void *arg),
		      void *arg)
{
	int result = 0, copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list) {
		if (copy >= 0)
			close(copy);
		return -1;
	}
	for (struct dirent *entry; result == 0 && (entry = readdir(list));) {
		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		int child = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (child < 0)
			continue; /* gone meanwhile */
		result = fn(dir, entry->d_name, child, arg);
		close(child);
	}
	closedir(list);
	return result;
}

/* ---- who ---- */

struct listing {
	pid_t *pids;
	int max, count;
};

static int list_dir(int dir, struct listing *listing);

static int list_child(int parent, const char *name, int child, void *arg)
{
	(void)parent;
	(void)name;
	return list_dir(child, arg);
}

static int list_dir(int dir, struct listing *listing)
{
	char line[32];
	int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file) {
		if (fd >= 0)
			close(fd);
		return errno == ENODEV || errno == ENOENT ? 0 : -1; /* removed while we looked */
	}
	while (fgets(line, sizeof(line), file)) {
		pid_t pid = (pid_t)atoi(line);
		/* 0: a process of another PID namespace, which has no number here. */
		if (pid > 0 && listing->count < listing->max)
			listing->pids[listing->count] = pid;
		listing->count += pid > 0;
	}
	fclose(file);
	return each_child(dir, list_child, listing);
}

int group_pids(const struct cgroup *group, pid_t pids[], int max)
{
	struct listing listing = { .pids = pids, .max = max };

	/* The trees of one group hold the same processes, unless a join stopped half-way: the
	 * fullest counts. */
	for (int i = 0; i < group->parts; i++) {
		listing.count = 0;
		if (list_dir(group->part[i].dir, &listing) < 0)
			return -1;
		if (listing.count > 0)
			break;
	}
	return listing.count;
}

/* ---- ending them ---- */

static void kill_round(const struct cgroup *group)
{
	const struct cgroup_part *freezer = group_part(group, CG_FREEZER);
	pid_t pids[4096];

	for (int i = 0; i < group->parts; i++)
		if (cgroup_has(group->part[i].dir, "cgroup.kill")) {
			cgroup_write(group->part[i].dir, "cgroup.kill", "1");
			return;
		}
	/* Frozen, nobody can fork away between the list and the kill. Then thawed, or on v1 nobody
	 * dies. */
	if (freezer)
		cgroup_freeze(freezer->dir, freezer->version, true, 200);
	int n = group_pids(group, pids, 4096);
	for (int i = 0; i < n && i < 4096; i++)
		if (pids[i] > 0) /* 0: outside our PID namespace; kill(0) would be our own group */
			kill(pids[i], SIGKILL);
	if (freezer)
		cgroup_freeze(freezer->dir, freezer->version, false, 200);
}

int group_kill(const struct cgroup *group, int timeout_ms)
{
	enum { PAUSE_MS = 5 };
	const struct cgroup_part *memory = group_part(group, CG_MEMORY);

	if (memory && memory->version == 1)
		/* With the OOM killer off a hog sleeps where no signal reaches it. */
		cgroup_write(memory->dir, "memory.oom_control", "0");
	for (int waited = 0;; waited += PAUSE_MS) {
		int left = group_pids(group, NULL, 0);
		if (left <= 0)
			return left;
		if (waited > timeout_ms)
			break;
		kill_round(group);
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE_MS * 1000000 }, NULL);
	}
	sys_failure_set(ETIMEDOUT, "kill", group->part[0].path,
			"Processes of the group do not die: in an uninterruptible sleep, or "
			"another user's.",
			"ps -o pid,stat,wchan -p PID for those in its cgroup.procs.");
	return -1;
}

/* ---- removing ---- */

static int remove_child(int parent, const char *name, int child, void *arg)
{
	if (each_child(child, remove_child, arg) < 0)
		return -1;
	return cgroup_remove(parent, name);
}

int group_remove(struct cgroup *group)
{
	int result = 0, err = 0;

	for (int i = 0; i < group->parts; i++) {
		struct cgroup_part *part = &group->part[i];
		int above = openat(part->dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		each_child(part->dir, remove_child, NULL);
		close(part->dir);
		part->dir = -1;
		if (above >= 0 && cgroup_remove(above, strrchr(part->path, '/') + 1) < 0) {
			err = errno;
			result = -1; /* the others are removed all the same */
		}
		if (above >= 0)
			close(above);
	}
	group->parts = 0;
	errno = err;
	return result;
}
