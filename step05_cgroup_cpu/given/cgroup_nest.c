/*
 * cgroup_nest.c: making a v2 group hand its controllers down, and the way back.
 *
 * "No internal processes": a group that hands controllers down has none of its own. A delegated
 * group usually has some, our shell for one. They move one level down, into the nest.
 */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "cgroup_file.h"
#include "cgroup_members.h"
#include "cgroup_parent.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int move_member(pid_t pid, int pidfd, void *to)
{
	char number[16];
	int fd = openat(*(int *)to, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	(void)pidfd; /* open, it has shown that the number is still a member's */
	snprintf(number, sizeof(number), "%d", pid);
	/* Gone, or dying: an answer. What cannot be moved is there again in the next round. */
	bool moved = fd >= 0 && SYS_MAY(write(fd, number, strlen(number)), number, ESRCH) > 0;
	if (fd >= 0)
		close(fd);
	return moved;
}

/* Moves every process of one group to the other; those born meanwhile in the next round. One that
 * is just dying is listed, and yet the kernel moves it no more: it is waited for. */
static int move_all(int from, int to)
{
	enum { ROUNDS = 400, PAUSE_NS = 5000000 }; /* 2 s together */
	pid_t *pids;

	for (int round = 0; round < ROUNDS; round++) {
		if (round > 2)
			nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
		ssize_t left = cgroup_members(from, false, &pids, NULL);
		free(pids);
		if (left <= 0)
			return (int)left;
		if (cgroup_each_member(from, false, move_member, &to) < 0)
			return -1;
	}
	errno = EBUSY;
	return -1;
}

/* "+cpu +memory" for a set; each with the sign. */
static void signed_names(unsigned controllers, char sign, char separator, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (int c = 0; c < CG_KINDS; c++) {
		const char *name = cgroup_controller_name((enum cgroup_controller)c, 2);
		if (!(controllers & CG(c)) || !name || n >= size)
			continue;
		if (separator && n)
			out[n++] = separator;
		n += (size_t)snprintf(out + n, size - n, "%c%s", sign, name);
	}
}

int cgroup_parent_prepare(const struct cgroup_parent *parent, const char *name,
			  cgroup_announce *announce, void *arg)
{
	char nest[256], path[CG_PATH + 300], list[128];
	int dir = -1, inside = -1, result = -1;

	if (!parent->enable)
		return 0;
	signed_names(parent->enable, '.', '\0', list, sizeof(list));
	snprintf(nest, sizeof(nest), "%.100s.nest%s", name, list);
	snprintf(path, sizeof(path), "%s/%s", parent->path, nest);
	dir = SYS(open(parent->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), parent->path);
	if (dir < 0)
		return -1;
	/* Made also where nobody must move: its name remembers what we enable. */
	inside = cgroup_create_announced(dir, nest, path, CGROUP_NEST, announce, arg);
	if (inside < 0)
		goto out;
	if (parent->nest && move_all(dir, inside) < 0)
		goto out;
	signed_names(parent->enable, '+', ' ', list, sizeof(list));
	result = cgroup_write(dir, "cgroup.subtree_control", list);
out:;
	int saved = errno;
	if (inside >= 0)
		close(inside);
	close(dir);
	if (result < 0 && inside >= 0)
		cgroup_unnest(path);
	errno = saved;
	return result;
}

/* Is another group of ours, or another's nest, beside this nest? */
static bool others(int parent, const char *nest)
{
	int copy = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	bool found = false;

	if (copy >= 0 && !list)
		close(copy);
	for (struct dirent *entry; list && !found && (errno = 0, entry = readdir(list));)
		found = entry->d_type == DT_DIR && strncmp(entry->d_name, "minibox-", 8) == 0 &&
			strcmp(entry->d_name, nest) != 0;
	if (!list || (!found && errno)) /* unknown: the nest stays */
		found = true;
	if (list)
		closedir(list);
	return found;
}

static int unnest(int parent, int inside, const char *name, const char *controllers)
{
	char text[128], list[128];

	snprintf(text, sizeof(text), "%s", controllers);
	for (char *c = text; *c; c++)
		if (*c == '.')
			*c = ' ';
	signed_names(cgroup_controllers_parse(text, 2), '-', ' ', list, sizeof(list));
	/* First the controllers, or the way up is closed; a half-made nest has none enabled, which
	 * is fine. */
	if (list[0])
		cgroup_write(parent, "cgroup.subtree_control", list);
	return move_all(inside, parent) < 0 ? -1 : cgroup_remove(parent, name);
}

int cgroup_unnest_dir(int dir, const char *name)
{
	const char *dot = strstr(name, ".nest");
	struct stat own, named;

	if (!dot || strchr(name, '/')) {
		errno = EINVAL;
		return -1;
	}
	int parent = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -1; /* removed already */
	int result = 0;
	if (fstat(dir, &own) == 0 && fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    own.st_dev == named.st_dev && own.st_ino == named.st_ino)
		result = others(parent, name) ? 1
					      : unnest(parent, dir, name, dot + strlen(".nest"));
	close_keeping_errno(parent);
	return result;
}

int cgroup_unnest(const char *path)
{
	const char *name = strrchr(path, '/');
	int dir = name ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (!name)
		errno = EINVAL;
	if (dir < 0)
		return errno == ENOENT ? 0 : -1;
	int result = cgroup_unnest_dir(dir, name + 1);
	close_keeping_errno(dir);
	return result;
}
