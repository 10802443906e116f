/*
 * cgroup_members.c: who is in a group.
 */
#define _GNU_SOURCE
#include "cgroup_members.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int cgroup_each_child(int dir, int (*fn)(int parent, const char *name, int child, void *arg),
		      void *arg)
{
	int result = 0, copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list) {
		int saved = errno;
		if (copy >= 0)
			close(copy);
		errno = saved;
		return -1;
	}
	for (struct dirent *entry; result == 0 && (errno = 0, entry = readdir(list));) {
		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		int child = openat(dir, entry->d_name,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0)
			continue; /* gone meanwhile */
		result = fn(dir, entry->d_name, child, arg);
		close_keeping_errno(child);
	}
	if (result == 0 && errno && errno != ENOENT) /* ENOENT: dir is gone, and all in it */
		result = -1;
	int saved = errno;
	closedir(list);
	errno = saved;
	return result;
}

/* ---- the list ---- */

struct members {
	pid_t *pids;
	size_t count, room;
	int hidden;
	bool deep;
};

static int add(struct members *members, pid_t pid)
{
	if (pid <= 0) {
		members->hidden++;
		return 0;
	}
	if (members->count == members->room) {
		size_t room = members->room ? 2 * members->room : 64;
		pid_t *more = realloc(members->pids, room * sizeof(*more));
		if (!more)
			return -1;
		members->pids = more;
		members->room = room;
	}
	members->pids[members->count++] = pid;
	return 0;
}

static int list_dir(int dir, struct members *members);

static int list_child(int parent, const char *name, int child, void *arg)
{
	(void)parent;
	(void)name;
	return list_dir(child, arg);
}

static int list_dir(int dir, struct members *members)
{
	size_t length;
	char *text = read_whole_at(dir, "cgroup.procs", &length), *end;
	int result = 0;

	if (!text)
		return errno == ENODEV || errno == ENOENT ? 0 : -1; /* removed while we looked */
	for (char *line = text; result == 0 && *line; line = end) {
		long pid = strtol(line, &end, 10);
		if (end == line)
			break;
		result = add(members, (pid_t)pid);
		end += strspn(end, "\n");
	}
	free(text);
	if (result == 0 && members->deep)
		result = cgroup_each_child(dir, list_child, members);
	return result < 0 && errno == ENODEV ? 0 : result;
}

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

ssize_t cgroup_members(int dir, bool deep, pid_t **pids, int *hidden)
{
	struct members members = { .deep = deep };

	*pids = NULL;
	if (list_dir(dir, &members) < 0) {
		free_keeping_errno(members.pids);
		return -1;
	}
	if (members.count)
		qsort(members.pids, members.count, sizeof(*members.pids), by_number);
	*pids = members.pids;
	if (hidden)
		*hidden = members.hidden;
	return (ssize_t)members.count;
}

/* ---- the second look ---- */

enum { BATCH = 128 }; /* descriptors held at a time */

static bool is_among(pid_t pid, const pid_t *pids, ssize_t count)
{
	return count > 0 && bsearch(&pid, pids, (size_t)count, sizeof(*pids), by_number);
}

/* -1: dead, or no more descriptors to be had: *skip says that the number means nothing any more. */
static int open_pidfd(pid_t pid, bool *skip)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	*skip = fd < 0 && errno == ESRCH;
	return fd;
}

ssize_t cgroup_each_member(int dir, bool deep, int (*fn)(pid_t pid, int pidfd, void *arg),
			   void *arg)
{
	pid_t *pids, *again;
	ssize_t count = cgroup_members(dir, deep, &pids, NULL), sum = 0;

	for (ssize_t from = 0; count > 0 && from < count && sum >= 0; from += BATCH) {
		int fds[BATCH], n = (int)(count - from < BATCH ? count - from : BATCH);
		bool skip[BATCH];
		for (int i = 0; i < n; i++)
			fds[i] = open_pidfd(pids[from + i], &skip[i]);
		ssize_t now = cgroup_members(dir, deep, &again, NULL);
		for (int i = 0; i < n; i++) {
			if (!skip[i] && is_among(pids[from + i], again, now))
				sum += fn(pids[from + i], fds[i], arg);
			if (fds[i] >= 0)
				close(fds[i]);
		}
		free(again);
		if (now < 0)
			sum = -1;
	}
	free_keeping_errno(pids);
	return count < 0 ? -1 : sum;
}
