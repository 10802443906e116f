/*
 * cgroup_end.c: who is in a group and below it, ending them, and removing the directories.
 */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "cgroup_file.h"
#include "cgroup_freeze.h"
#include "cgroup_group.h"
#include "cgroup_members.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ---- who ---- */

int group_pids(const struct cgroup *group, pid_t pids[], int max)
{
	/* The trees of one group hold the same processes, unless a join stopped half-way: the first
	 * that has any counts. */
	for (int i = 0; i < group->parts; i++) {
		pid_t *list;
		ssize_t count = cgroup_members(group->part[i].dir, true, &list, NULL);
		for (ssize_t n = 0; n < count && n < max; n++)
			pids[n] = list[n];
		free(list);
		if (count != 0)
			return (int)count;
	}
	return 0;
}

/* ---- ending them ---- */

static int kill_member(pid_t pid, int pidfd, void *arg)
{
	(void)arg;
	if (pidfd >= 0)
		return syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) == 0;
	return kill(pid, SIGKILL) == 0; /* a kernel before 5.3 */
}

/* v1: what keeps a process from dying by SIGKILL, here and in the groups below: it is frozen, or it
 * sleeps for want of memory because the OOM killer is off. */
static int let_die(int parent, const char *name, int dir, void *arg)
{
	(void)parent;
	(void)name;
	if (cgroup_has(dir, "memory.oom_control"))
		cgroup_write(dir, "memory.oom_control", "0");
	if (cgroup_has(dir, "freezer.state"))
		cgroup_write(dir, "freezer.state", "THAWED");
	cgroup_each_child(dir, let_die, arg);
	return 0;
}

static void kill_round(const struct cgroup *group)
{
	const struct cgroup_part *freezer = group_part(group, CG_FREEZER);
	bool at_once = false;

	/* cgroup.kill takes the whole tree at once. A process whose join stopped half-way may be in
	 * another part only. */
	for (int i = 0; i < group->parts; i++)
		if (cgroup_has(group->part[i].dir, "cgroup.kill"))
			at_once |= cgroup_write(group->part[i].dir, "cgroup.kill", "1") == 0;
	/* A frozen process cannot fork between the list and the kill. On v1 it dies after it was
	 * thawed. */
	if (freezer && !at_once)
		cgroup_freeze(freezer->dir, freezer->version, true, 200);
	for (int i = 0; i < group->parts; i++)
		if (!cgroup_has(group->part[i].dir, "cgroup.kill"))
			cgroup_each_member(group->part[i].dir, true, kill_member, NULL);
	if (freezer)
		cgroup_freeze(freezer->dir, freezer->version, false, 200);
	for (int i = 0; i < group->parts; i++)
		if (group->part[i].version == 1)
			let_die(-1, NULL, group->part[i].dir, NULL);
}

/* Also those of another PID namespace, which have no number here: cgroup.kill reaches them. */
static ssize_t how_many(const struct cgroup *group)
{
	for (int i = 0; i < group->parts; i++) {
		pid_t *list;
		int hidden = 0;
		ssize_t count = cgroup_members(group->part[i].dir, true, &list, &hidden);
		free(list);
		if (count < 0 || count + hidden > 0)
			return count < 0 ? -1 : count + hidden;
	}
	return 0;
}

static int kill_all(const struct cgroup *group, int timeout_ms)
{
	enum { PAUSE_MS = 5 };

	for (int waited = 0;; waited += PAUSE_MS) {
		ssize_t left = how_many(group);
		if (left <= 0)
			return (int)left;
		if (waited > timeout_ms)
			return errno = ETIMEDOUT, -1;
		kill_round(group);
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE_MS * 1000000 }, NULL);
	}
}

int group_kill(const struct cgroup *group, int timeout_ms)
{
	struct failure before = *sys_failure();
	int result = kill_all(group, timeout_ms), saved = errno;

	/* What failed on the way and was made good is no failure. */
	sys_failure_clear();
	if (before.err)
		sys_failure_adopt(&before);
	errno = saved;
	if (result == 0 || saved != ETIMEDOUT)
		return result;
	sys_failure_set(ETIMEDOUT, "kill", group->part[0].path,
			"Processes of the group do not die: in an uninterruptible sleep, or "
			"another user's.",
			"ps -o pid,stat,wchan -p PID for those in its cgroup.procs.");
	return -1;
}

/* ---- removing ---- */

static int remove_child(int parent, const char *name, int child, void *arg)
{
	if (cgroup_each_child(child, remove_child, arg) < 0)
		return -1;
	return cgroup_remove(parent, name);
}

/* Removes the directory that dir is open on, from the one above it: the name must still lead to the
 * same directory. */
static int remove_part(int dir, const char *name)
{
	struct stat own, named;
	int result = 0;
	int above = SYS(openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC), name);

	if (above < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -1; /* removed already */
	cgroup_each_child(dir, remove_child, NULL);
	if (fstat(dir, &own) == 0 && fstatat(above, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    own.st_dev == named.st_dev && own.st_ino == named.st_ino)
		result = cgroup_remove(above, name);
	close_keeping_errno(above);
	return result;
}

int group_remove(struct cgroup *group)
{
	int result = 0, err = 0;

	for (int i = 0; i < group->parts; i++) {
		struct cgroup_part *part = &group->part[i];
		if (remove_part(part->dir, strrchr(part->path, '/') + 1) < 0) {
			err = errno;
			result = -1; /* the others are removed all the same */
		}
		close(part->dir);
		part->dir = -1;
	}
	group->parts = 0;
	errno = err;
	return result;
}
