/*
 * cgroup_group.c: the lab piece's calls, once for each tree.
 */
#define _GNU_SOURCE
#include "cgroup_group.h"
#include "cgroup_cpu.h"
#include "cgroup_file.h"
#include "cgroup_freeze.h"
#include "cgroup_limits.h"
#include "../step01_clone_pid/floor/procfs.h"
#include "../step01_clone_pid/floor/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The part's directory, and the group's name below it. */
static int open_parent(const char *path, const char **name)
{
	char parent[CG_PATH];
	const char *slash = strrchr(path, '/');

	*name = slash + 1;
	snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
	return SYS(open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC), parent);
}

/* ---- making ---- */

/* Below the parent that cgroup_parent_find() chooses. */
static int place_below_parent(const struct cgroup_host *host, int tree, unsigned controllers,
			      const char *name, cgroup_announce *announce, void *arg, char *path)
{
	struct cgroup_parent parent;

	if (cgroup_parent_find(host, tree, controllers, &parent) < 0) {
		sys_failure_set(errno, "mkdir", host->tree[tree].mount, parent.reason,
				parent.remedy);
		return -1;
	}
	if (cgroup_parent_prepare(&parent, name, announce, arg) < 0)
		return -1;
	if (snprintf(path, CG_PATH, "%s/%s", parent.path, name) >= CG_PATH) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

/* v2: what a directory is to see, the one above it must hand down. */
static int hand_down(int dir, unsigned controllers)
{
	for (int c = 0; c < CG_KINDS; c++) {
		const char *name = cgroup_controller_name((enum cgroup_controller)c, 2);
		if ((controllers & CG(c)) && name &&
		    cgroup_writef(dir, "cgroup.subtree_control", "+%s", name) < 0)
			return -1;
	}
	return 0;
}

/* Opens the next directory on the way to an absolute path, made if it is missing. Takes dir. */
static int step_down(int dir, const struct cgroup_tree *tree, unsigned controllers,
		     const char *name, const char *path, cgroup_announce *announce, void *arg)
{
	int next = tree->version == 2 ? hand_down(dir, controllers) : 0;

	if (next == 0)
		next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (next < 0 && errno == ENOENT && (!announce || announce(path, false, arg) == 0)) {
		next = cgroup_create(dir, name);
		if (next >= 0 && tree->version == 1 && (controllers & CG(CG_CPUSET)))
			cgroup_cpuset(next, 1, NULL, NULL);
	}
	int saved = errno;
	close(dir);
	errno = saved;
	return next;
}

/* From the top of the tree: "/minibox/4f2a" makes "/minibox" as well. */
static int place_at(const struct cgroup_tree *tree, unsigned controllers, const char *name,
		    cgroup_announce *announce, void *arg, char *path)
{
	char way[CG_PATH];
	int dir = SYS(open(tree->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC), tree->mount);

	if (snprintf(path, CG_PATH, "%s%s", tree->mount, name) >= CG_PATH) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(way, sizeof(way), "%s", path);
	char *part = way + strlen(tree->mount) + 1;
	for (char *slash; dir >= 0 && (slash = strchr(part, '/')); part = slash + 1) {
		*slash = '\0';
		dir = step_down(dir, tree, controllers, part, way, announce, arg);
		*slash = '/';
	}
	if (dir < 0)
		return -1;
	int result = tree->version == 2 ? hand_down(dir, controllers) : 0;
	int saved = errno;
	close(dir);
	errno = saved;
	return result;
}

static int make_part(const struct cgroup_host *host, int tree, unsigned controllers,
		     const char *name, cgroup_announce *announce, void *arg,
		     struct cgroup_part *part)
{
	const char *last;

	*part = (struct cgroup_part){ .version = host->tree[tree].version,
				      .controllers = controllers,
				      .dir = -1 };
	if ((name[0] == '/'
		     ? place_at(&host->tree[tree], controllers, name, announce, arg, part->path)
		     : place_below_parent(host, tree, controllers, name, announce, arg,
					  part->path)) < 0)
		return -1;
	int parent = open_parent(part->path, &last);
	if (parent < 0)
		return -1;
	if (!announce || announce(part->path, false, arg) == 0)
		part->dir = cgroup_create(parent, last);
	int saved = errno;
	close(parent);
	errno = saved;
	if (part->dir >= 0 && part->version == 1 && (controllers & CG(CG_CPUSET)))
		return cgroup_cpuset(part->dir, 1, NULL,
				     NULL); /* without CPUs and nodes nobody can join */
	return part->dir < 0 ? -1 : 0;
}

/* ".." in a path would lead out of where it seems to lead. */
static bool bad_name(const char *name)
{
	if (name[0] != '/')
		return !name[0] || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		       strpbrk(name, "/\n");
	return strstr(name, "/../") || strstr(name, "//") || strchr(name, '\n') ||
	       name[strlen(name) - 1] == '/' ||
	       (strlen(name) > 2 && strcmp(name + strlen(name) - 3, "/..") == 0);
}

static int check_request(const struct cgroup_host *host, unsigned controllers, const char *name)
{
	if (bad_name(name)) {
		sys_failure_set(EINVAL, "mkdirat(parent, name, 0755)", name,
				"A group's name is one word, or an absolute path without \"..\" "
				"and \"//\".",
				"Name it like a file.");
		return -1;
	}
	for (int c = 0; c < CG_KINDS; c++)
		if ((controllers & CG(c)) && host->of[c] < 0) {
			sys_failure_set(ENOENT, "mkdirat(parent, name, 0755)",
					cgroup_controller_name((enum cgroup_controller)c, 1),
					host->trees
						? "This host's cgroups do not have this controller."
						: "No cgroup file system is mounted here.",
					"Look at /proc/cgroups, and: mount -t cgroup,cgroup2");
			return -1;
		}
	return 0;
}

int group_create(const struct cgroup_host *host, unsigned controllers, const char *name,
		 cgroup_announce *announce, void *arg, struct cgroup *out)
{
	*out = (struct cgroup){ 0 };
	if (check_request(host, controllers, name) < 0)
		return -1;
	for (int tree = 0; tree < host->trees; tree++) {
		unsigned here = 0;
		for (int c = 0; c < CG_KINDS; c++)
			if ((controllers & CG(c)) && host->of[c] == tree)
				here |= CG(c);
		if (!here)
			continue;
		int made = make_part(host, tree, here, name, announce, arg, &out->part[out->parts]);
		if (out->part[out->parts].dir >= 0)
			out->parts++;
		if (made < 0)
			goto bad;
	}
	return 0;
bad:;
	int saved = errno;
	group_remove(out);
	errno = saved;
	return -1;
}

int group_open(const struct cgroup_host *host, const char *const paths[], int count,
	       struct cgroup *out)
{
	*out = (struct cgroup){ 0 };
	for (int i = 0; i < count && i < CG_KINDS; i++) {
		struct cgroup_part *part = &out->part[out->parts];
		size_t longest = 0;
		*part = (struct cgroup_part){ 0 };
		part->dir = SYS(open(paths[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC), paths[i]);
		if (part->dir < 0)
			goto bad;
		out->parts++;
		snprintf(part->path, sizeof(part->path), "%s", paths[i]);
		/* Its tree is the one with the longest mount point above it. */
		for (int t = 0; t < host->trees; t++) {
			size_t n = strlen(host->tree[t].mount);
			if (strncmp(paths[i], host->tree[t].mount, n) != 0 || paths[i][n] != '/' ||
			    n <= longest)
				continue;
			longest = n;
			part->version = host->tree[t].version;
			part->controllers = 0;
			for (int c = 0; c < CG_KINDS; c++)
				part->controllers |= host->of[c] == t ? CG(c) : 0;
		}
		if (!part->version) {
			sys_failure_set(EINVAL, "open", paths[i],
					"No cgroup file system is mounted above it.", NULL);
			goto bad;
		}
	}
	return 0;
bad:;
	int saved = errno;
	group_close(out);
	errno = saved;
	return -1;
}

const struct cgroup_part *group_part(const struct cgroup *group, enum cgroup_controller controller)
{
	for (int i = 0; i < group->parts; i++)
		if (group->part[i].controllers & CG(controller))
			return &group->part[i];
	return NULL;
}

int group_join(const struct cgroup *group, pid_t pid)
{
	for (int i = 0; i < group->parts; i++)
		if (cgroup_join(group->part[i].dir, pid) < 0)
			return -1;
	return 0;
}

void group_close(struct cgroup *group)
{
	for (int i = 0; i < group->parts; i++)
		if (group->part[i].dir >= 0)
			close(group->part[i].dir);
	group->parts = 0;
}
