/*
 * cgroup_group.c: the lab piece's calls, once for each tree.
 */
#define _GNU_SOURCE
#include "cgroup_group.h"
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "cgroup_file.h"
#include "cgroup_freeze.h"
#include "cgroup_limits.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
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
	if (next < 0 && errno == ENOENT) {
		next = cgroup_create_announced(dir, name, path, CGROUP_UPPER, announce, arg);
		if (next < 0 && errno == EEXIST) { /* another container was faster: shared */
			sys_failure_clear();
			next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		}
		if (next >= 0 && tree->version == 1 && (controllers & CG(CG_CPUSET)))
			cgroup_cpuset(next, 1, NULL, NULL);
	}
	close_keeping_errno(dir);
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
	close_keeping_errno(dir);
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
	part->dir = cgroup_create_announced(parent, last, part->path, CGROUP_GROUP, announce, arg);
	close_keeping_errno(parent);
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

const struct cgroup_part *group_part(const struct cgroup *group, enum cgroup_controller controller)
{
	for (int i = 0; i < group->parts; i++)
		if (group->part[i].controllers & CG(controller))
			return &group->part[i];
	return NULL;
}

int group_join(const struct cgroup *group, pid_t pid)
{
	for (int i = 0; i < group->parts; i++) {
		struct failure before = *sys_failure();
		if (cgroup_join(group->part[i].dir, pid) == 0)
			continue;
		if (!group->part[i].optional)
			return -1;
		sys_failure_clear();
		if (before.err)
			sys_failure_adopt(&before);
	}
	return 0;
}

/* ---- a group in the trees that nothing is asked of ---- */

/* v2: on the way to a group that is there, below the top of the tree, which is left as it is. */
static void hand_down_below_top(const struct cgroup_tree *tree, const char *name)
{
	char way[CG_PATH];
	int dir = open(tree->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	snprintf(way, sizeof(way), "%s", name);
	char *part = way + 1;
	for (char *slash; dir >= 0 && (slash = strchr(part, '/')); part = slash + 1) {
		*slash = '\0';
		int next = openat(dir, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(dir);
		dir = next;
		for (int c = 0; dir >= 0 && c < CG_KINDS; c++)
			hand_down(dir, tree->controllers & CG(c));
	}
	if (dir >= 0)
		close(dir);
}

static bool has_tree(const struct cgroup *group, const struct cgroup_tree *tree)
{
	for (int i = 0; i < group->parts; i++)
		if (tree->version == 2 ? group->part[i].version == 2
				       : group->part[i].controllers & tree->controllers)
			return true;
	return false;
}

void group_add_rest(const struct cgroup_host *host, const char *name, cgroup_announce *announce,
		    void *arg, struct cgroup *group)
{
	struct failure before = *sys_failure();
	int saved = errno;

	for (int t = 0; t < host->trees && name[0] == '/'; t++) {
		const struct cgroup_tree *tree = &host->tree[t];
		bool v2 = tree->version == 2, there = has_tree(group, tree);
		if ((!v2 && !tree->controllers) || (!there && group->parts == CG_PARTS))
			continue;
		if (!there) {
			struct cgroup_part *part = &group->part[group->parts];
			make_part(host, t, v2 ? CG(CG_FREEZER) : tree->controllers, name, announce,
				  arg, part);
			part->optional = true;
			if (part->dir < 0)
				continue;
			group->parts++;
		}
		if (v2)
			hand_down_below_top(tree, name);
	}
	/* It was only tried. */
	sys_failure_clear();
	if (before.err)
		sys_failure_adopt(&before);
	errno = saved;
}

/* ---- a group that is there only to be ended ---- */

static bool has_version(const struct cgroup *group, int version)
{
	for (int i = 0; i < group->parts; i++)
		if (group->part[i].version == version)
			return true;
	return false;
}

/* Is it to be had without moving other processes and without enabling anything? */
static bool add_in_tree(const struct cgroup_host *host, int tree, unsigned controllers,
			const char *name, cgroup_announce *announce, void *arg,
			struct cgroup *group)
{
	struct cgroup_parent parent;
	struct cgroup_part *part = &group->part[group->parts];

	if (cgroup_parent_find(host, tree, 0, &parent) < 0 || parent.enable || parent.nest)
		return false;
	int made = make_part(host, tree, controllers, name, announce, arg, part);
	part->optional = true;
	if (part->dir >= 0)
		group->parts++;
	return made == 0;
}

bool group_add_to_end(const struct cgroup_host *host, const char *name, cgroup_announce *announce,
		      void *arg, struct cgroup *group)
{
	static const enum cgroup_controller of_v1[] = { CG_FREEZER, CG_PIDS };
	struct failure before = *sys_failure();
	int saved = errno;
	bool have = has_version(group, 2) || group_part(group, CG_FREEZER);

	for (int tree = 0; !have && tree < host->trees; tree++)
		if (host->tree[tree].version == 2) /* cgroup.kill, or cgroup.freeze */
			have = add_in_tree(host, tree, CG(CG_FREEZER), name, announce, arg, group);
	for (size_t i = 0; !have && i < sizeof(of_v1) / sizeof(*of_v1); i++)
		if (host->of[of_v1[i]] >= 0 && !group_part(group, of_v1[i]))
			have = add_in_tree(host, host->of[of_v1[i]], CG(of_v1[i]), name, announce,
					   arg, group);
	/* It was only tried: a host where none can be had is no failure. */
	sys_failure_clear();
	if (before.err)
		sys_failure_adopt(&before);
	errno = saved;
	return have || group->parts > 0;
}

/* Takes over dir, a directory of a cgroup file system, as far as it must be known to end it. */
static void add_open(struct cgroup *group, const char *path, int dir, int version)
{
	struct cgroup_part *part = &group->part[group->parts++];

	*part = (struct cgroup_part){ .version = version, .dir = dir };
	snprintf(part->path, sizeof(part->path), "%s", path);
	if (cgroup_has(dir, version == 2 ? "cgroup.freeze" : "freezer.state"))
		part->controllers |= CG(CG_FREEZER);
	if (cgroup_has(dir, "memory.oom_control"))
		part->controllers |= CG(CG_MEMORY);
}

/* 1 or 2; 0: not in a cgroup file system. */
static int version_of(int dir)
{
	struct statfs fs;

	if (fstatfs(dir, &fs) < 0)
		return 0;
	return fs.f_type == CGROUP2_SUPER_MAGIC ? 2 : fs.f_type == CGROUP_SUPER_MAGIC ? 1 : 0;
}

int group_open(struct cgroup *group, const char *path)
{
	if (group->parts == CG_PARTS || strlen(path) >= CG_PATH)
		return errno = ENAMETOOLONG, -1;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return -1;
	int version = version_of(dir);
	if (!version) {
		close(dir);
		return errno = EINVAL, -1;
	}
	add_open(group, path, dir, version);
	return 0;
}

int group_add_known(struct cgroup *group, const char *path, dev_t dev, ino_t ino)
{
	struct stat st, above;

	if (group_open(group, path) < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EINVAL
			       ? 0
			       : -1;
	struct cgroup_part *part = &group->part[group->parts - 1];
	/* The top of a hierarchy, where the directory above is of another file system, was made by
	 * no mkdir. */
	if (fstat(part->dir, &st) == 0 && fstatat(part->dir, "..", &above, 0) == 0 &&
	    st.st_dev == dev && st.st_ino == ino && above.st_dev == st.st_dev)
		return 1;
	close(part->dir);
	group->parts--;
	return 0;
}

void group_close(struct cgroup *group)
{
	for (int i = 0; i < group->parts; i++)
		if (group->part[i].dir >= 0)
			close(group->part[i].dir);
	group->parts = 0;
}
