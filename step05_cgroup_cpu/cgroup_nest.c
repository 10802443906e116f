/*
 * cgroup_nest.c: making a v2 group hand its controllers down, and the way back.
 *
 * "No internal processes": a group that hands controllers down has none of its own. A delegated
 * group usually has some, our shell for one. They move one level down, into the nest.
 */
#define _GNU_SOURCE
#include "cgroup_cpu.h"
#include "cgroup_file.h"
#include "cgroup_parent.h"
#include "../step01_clone_pid/floor/procfs.h"
#include "../step01_clone_pid/floor/sys.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Moves every process of one group to the other; those born meanwhile in the next round. One that
 * is just dying is listed, and yet the kernel moves it no more: it is waited for. */
static int move_all(int from, int to)
{
	enum { ROUNDS = 400, PAUSE_NS = 5000000 }; /* 2 s together */
	char pids[65536];

	for (int round = 0; round < ROUNDS; round++) {
		if (round > 2)
			nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
		ssize_t n = read_file_at(from, "cgroup.procs", pids, sizeof(pids));
		if (n <= 0)
			return (int)n;
		for (char *save, *pid = strtok_r(pids, "\n", &save); pid;
		     pid = strtok_r(NULL, "\n", &save)) {
			int fd = openat(to, "cgroup.procs", O_WRONLY | O_CLOEXEC);
			/* Gone, or dying: an answer. What cannot be moved is there again in the
			 * next round. */
			ssize_t ignored = SYS_MAY(write(fd, pid, strlen(pid)), pid, ESRCH);
			(void)ignored;
			close(fd);
		}
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
	if (announce && announce(path, true, arg))
		return -1;
	dir = SYS(open(parent->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), parent->path);
	if (dir < 0)
		return -1;
	inside = cgroup_create(
		dir,
		nest); /* made also where nobody must move: its name remembers what we enable */
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
static bool others(const char *parent, const char *nest)
{
	DIR *list = opendir(parent);
	bool found = false;

	for (struct dirent *entry; list && !found && (entry = readdir(list));)
		found = entry->d_type == DT_DIR && strncmp(entry->d_name, "minibox-", 8) == 0 &&
			strcmp(entry->d_name, nest) != 0;
	if (list)
		closedir(list);
	return found;
}

int cgroup_unnest(const char *path)
{
	char parent[CG_PATH], text[128], list[128];
	const char *name = strrchr(path, '/');
	const char *dot = name ? strstr(name, ".nest") : NULL;

	if (!dot || (size_t)(name - path) >= sizeof(parent)) {
		errno = EINVAL;
		return -1;
	}
	snprintf(parent, sizeof(parent), "%.*s", (int)(name - path), path);
	name++;
	if (others(parent, name))
		return 0;
	int dir = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int inside = dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (inside < 0) {
		int saved = errno;
		if (dir >= 0)
			close(dir);
		errno = saved;
		return saved == ENOENT ? 0 : -1;
	}
	snprintf(text, sizeof(text), "%s", dot + strlen(".nest"));
	for (char *c = text; *c; c++)
		if (*c == '.')
			*c = ' ';
	signed_names(cgroup_controllers_parse(text, 2), '-', ' ', list, sizeof(list));
	/* First the controllers, or the way up is closed; a half-made nest has none enabled, which
	 * is fine. */
	if (list[0])
		cgroup_write(dir, "cgroup.subtree_control", list);
	int result = move_all(inside, dir);
	close(inside);
	if (result == 0)
		result = cgroup_remove(dir, name);
	int saved = errno;
	close(dir);
	errno = saved;
	return result;
}
