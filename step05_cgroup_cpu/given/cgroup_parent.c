/*
 * cgroup_parent.c: looks for a group below which ours can be made, and makes room there.
 */
#define _GNU_SOURCE
#include "cgroup_parent.h"
#include "cgroup_file.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step04_net_user/given/id_map.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The controllers that v2 hands down by name; freezer and devices need no handing down. */
enum {
	USUAL = CG(CG_CPU) | CG(CG_CPUSET) | CG(CG_MEMORY) | CG(CG_PIDS) | CG(CG_IO),
	HANDED_DOWN = USUAL | CG(CG_HUGETLB) | CG(CG_RDMA), /* these two when they are asked for */
};

static bool may(const char *dir, const char *file, int mode)
{
	char path[CG_PATH + 64];

	snprintf(path, sizeof(path), "%s%s%s", dir, file ? "/" : "", file ? file : "");
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

static void read_word(const char *dir, const char *file, char *out, size_t size)
{
	char path[CG_PATH + 64];

	out[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	if (read_file_at(AT_FDCWD, path, out, size) > 0)
		out[strcspn(out, "\n")] = '\0';
}

/* ---- v1 ---- */

static bool is_ours(const char *dir)
{
	return may(dir, NULL, W_OK | X_OK) && may(dir, "cgroup.procs", W_OK);
}

/* A directory just below ours that somebody has given us (chown): v1 asks for no more than that. */
static bool find_given(const char *dir, unsigned controllers, char *out, size_t size)
{
	DIR *list = opendir(dir);
	bool found = false;
	char cpus[64] = "";

	for (struct dirent *entry; list && !found && (entry = readdir(list));) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    strncmp(entry->d_name, "minibox-", 8) == 0)
			continue;
		found = snprintf(out, size, "%s/%s", dir, entry->d_name) < (int)size &&
			is_ours(out);
		if (found && (controllers & CG(CG_CPUSET))) {
			read_word(out, "cpuset.cpus", cpus, sizeof(cpus));
			found = cpus[0] != '\0'; /* an empty set cannot be shared out */
		}
	}
	if (list)
		closedir(list);
	if (!found)
		out[0] = '\0';
	return found;
}

static bool find_v1(const struct cgroup_tree *tree, const char *own, unsigned controllers,
		    struct cgroup_parent *out)
{
	char dir[CG_PATH];

	if (cgroup_directory(tree, own, dir, sizeof(dir)) < 0)
		snprintf(dir, sizeof(dir), "%s",
			 tree->mount); /* a container's mount: its top is what we have */
	if (is_ours(dir)) {
		snprintf(out->path, sizeof(out->path), "%s", dir);
		return true;
	}
	return find_given(dir, controllers, out->path, sizeof(out->path)) ||
	       find_given(tree->mount, controllers, out->path, sizeof(out->path));
}

/* ---- v2 ---- */

struct candidate {
	char dir[CG_PATH];
	unsigned has, hands_down; /* cgroup.controllers, cgroup.subtree_control */
	bool populated;		  /* processes of its own; the topmost group may have both */
};

/* Is this directory one where we could make groups and move processes to? */
static bool look(const struct cgroup_tree *tree, const char *path, struct candidate *out)
{
	char text[256], first[16];

	if (cgroup_directory(tree, path, out->dir, sizeof(out->dir)) < 0 || !is_ours(out->dir))
		return false;
	read_word(out->dir, "cgroup.type", text, sizeof(text));
	bool top = text[0] == '\0'; /* only the real root has no type */
	if (!top && strcmp(text, "domain") != 0)
		return false;
	read_word(out->dir, "cgroup.controllers", text, sizeof(text));
	out->has = cgroup_controllers_parse(text, 2);
	read_word(out->dir, "cgroup.subtree_control", text, sizeof(text));
	out->hands_down = cgroup_controllers_parse(text, 2);
	read_word(out->dir, "cgroup.procs", first, sizeof(first));
	out->populated = !top && first[0];
	return true;
}

/* A nest of ours is no parent: the group above it is. */
static bool is_nest(const char *dir)
{
	const char *name = strrchr(dir, '/');

	return name && strstr(name, ".nest") != NULL;
}

static bool find_v2(const struct cgroup_tree *tree, const char *own, unsigned controllers,
		    struct cgroup_parent *out)
{
	struct candidate here, fallback = { .dir = "" };
	char path[CG_PATH];
	unsigned wanted = controllers & HANDED_DOWN;

	snprintf(path, sizeof(path), "%s", own);
	for (;;) {
		if (look(tree, path, &here) && !is_nest(here.dir)) {
			bool enough = (here.hands_down & wanted) == wanted;
			/* With no controller wanted any group will do, but one with processes may
			 * turn into a thread root by somebody's write; still fine. */
			if (enough) {
				snprintf(out->path, sizeof(out->path), "%s", here.dir);
				return true;
			}
			if (!fallback.dir[0] && (here.has & wanted) == wanted &&
			    may(here.dir, "cgroup.subtree_control", W_OK))
				fallback = here;
		}
		char *slash = strrchr(path, '/');
		if (!slash || strcmp(path, "/") == 0)
			break;
		slash[slash == path] = '\0'; /* up one; the top stays "/" */
	}
	if (!fallback.dir[0])
		return false;
	snprintf(out->path, sizeof(out->path), "%s", fallback.dir);
	out->nest = fallback.populated;
	/* Once the processes are moved it costs nothing to enable all: the next group may want
	 * another one. */
	out->enable = (out->nest ? (fallback.has & USUAL) | wanted : wanted) & ~fallback.hands_down;
	return true;
}

/* ---- why not ---- */

/* sd_booted(3). */
static bool runs_systemd(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

static const char ASK_SYSTEMD[] =
	"systemd-run --user --scope -p Delegate=yes ...; where that does not give it, first: sudo "
	"systemctl edit user@.service, lines [Service] and Delegate=cpu cpuset io memory pids, and "
	"log in again";

static void names_of(unsigned controllers, int version, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (int c = 0; c < CG_KINDS; c++) {
		const char *name = cgroup_controller_name((enum cgroup_controller)c, version);
		if (!name && version == 2)
			name = cgroup_controller_name((enum cgroup_controller)c, 1);
		if ((controllers & CG(c)) && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", name);
	}
}

/* "+cpu +memory +pids": what this v2 tree can hand down. */
static const char *all_of(const struct cgroup_tree *tree, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (int c = 0; c < CG_KINDS; c++)
		if (tree->controllers & USUAL & CG(c) && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s+%s", n ? " " : "",
					      cgroup_controller_name((enum cgroup_controller)c, 2));
	return out;
}

/* Our user as root of the host types it. In a user namespace of our own geteuid(2) says 0, and who
 * that is outside stands in the map. */
static unsigned uid_outside(void)
{
	struct id_map map[340];
	unsigned uid = geteuid();
	int procfd = proc_open(),
	    lines = procfd < 0 ? 0 : id_map_read(procfd, 0, "uid_map", map, 340);

	if (procfd >= 0)
		close(procfd);
	for (int i = 0; i < lines; i++)
		if (uid >= map[i].inside && uid - map[i].inside < map[i].count)
			return map[i].outside + (uid - map[i].inside);
	return uid;
}

/* v1: a directory for this user in every tree that has a controller of ours, by one line: whoever
 * needs one controller now needs another with the next scene. */
static void give_v1(const struct cgroup_host *host, const struct cgroup_tree *tree, char *out,
		    size_t size)
{
	const char *slash = strrchr(tree->mount, '/');
	int length, top = slash ? (int)(slash - tree->mount) : 0;
	unsigned uid = uid_outside();
	char trees[160] = "", sets[160] = "";

	for (int i = 0; i < host->trees; i++) {
		const struct cgroup_tree *t = &host->tree[i];
		const char *name = t->mount + top + 1;
		size_t n = strlen(trees);
		if (t->version != 1 || !(t->controllers & ~CG(CG_DEVICES)) ||
		    strncmp(t->mount, tree->mount, (size_t)top + 1) != 0)
			continue;
		snprintf(trees + n, sizeof(trees) - n, " %s", name);
		if (t->controllers & CG(CG_CPUSET)) /* an empty set cannot be shared out */
			snprintf(sets, sizeof(sets),
				 "; for f in cpus mems; do cat %.40s/cpuset.$f "
				 ">%.40s/u%u/cpuset.$f; done",
				 name, name, uid);
	}
	length = snprintf(
		out, size,
		"sudo sh -c 'cd %.*s; for d in%s; do mkdir $d/u%u; chown -R %u $d/u%u; done%s'",
		top ? top : 1, tree->mount, trees, uid, uid, uid, sets);
	/* Half a command is not one to type. */
	if (length < 0 || (size_t)length >= size)
		snprintf(out, size, "root gives uid %u a directory in each tree below %.*s", uid,
			 top > 0 && top < 128 ? top : 1, tree->mount);
}

/* v2, not delegated. Who else could delegate it than systemd, if that is what runs this host? */
static void give_v2(const struct cgroup_tree *tree, char *out, size_t size)
{
	char all[64];
	unsigned uid = uid_outside();

	if (runs_systemd())
		snprintf(out, size, "%s", ASK_SYSTEMD);
	else
		snprintf(out, size,
			 "sudo sh -c 'cd %.60s; echo %s >cgroup.subtree_control; mkdir u%u; cd "
			 "u%u; chown %u . cgroup.procs cgroup.threads cgroup.subtree_control; echo "
			 "'$$' >cgroup.procs'",
			 tree->mount, all_of(tree, all, sizeof(all)), uid, uid, uid);
}

static int explain(const struct cgroup_host *host, const struct cgroup_tree *tree, const char *own,
		   unsigned controllers, struct cgroup_parent *out)
{
	char names[96], dir[CG_PATH], all[64];
	size_t reason = sizeof(out->reason), remedy = sizeof(out->remedy);

	names_of(controllers, tree->version, names, sizeof(names));
	if (cgroup_directory(tree, own, dir, sizeof(dir)) < 0)
		snprintf(dir, sizeof(dir), "%s", tree->mount);
	if (tree->read_only) {
		snprintf(out->reason, reason, "%.180s is mounted read-only, as in most containers",
			 tree->mount);
		snprintf(out->remedy, remedy,
			 "run it on the host, or start the container with --privileged");
		return EROFS;
	}
	if (tree->version == 1) {
		snprintf(out->reason, reason, "%.120s (controller %.40s) is not ours to write", dir,
			 names);
		give_v1(host, tree, out->remedy, remedy);
		return EACCES;
	}
	if (is_ours(dir)) {
		snprintf(out->reason, reason,
			 "%.120s does not have the controller %.40s: nobody handed it down", dir,
			 names);
		if (runs_systemd())
			snprintf(out->remedy, remedy, "%s", ASK_SYSTEMD);
		else
			snprintf(out->remedy, remedy,
				 "sudo sh -c 'echo %s >%.120s/../cgroup.subtree_control'",
				 all_of(tree, all, sizeof(all)), dir);
		return ENOENT;
	}
	snprintf(out->reason, reason, "%.120s is not delegated to this user (controller %.40s)",
		 dir, names);
	give_v2(tree, out->remedy, remedy);
	return EACCES;
}

int cgroup_parent_find(const struct cgroup_host *host, int tree, unsigned controllers,
		       struct cgroup_parent *out)
{
	char own[CG_PATH];
	const struct cgroup_tree *t = &host->tree[tree];
	int procfd = proc_open();

	*out = (struct cgroup_parent){ .version = t->version };
	int known = procfd < 0 ? -1 : cgroup_path_of(procfd, 0, t, own, sizeof(own));
	if (procfd >= 0)
		close(procfd);
	if (known < 0)
		snprintf(own, sizeof(own), "/");
	bool found = !t->read_only && (t->version == 1 ? find_v1(t, own, controllers, out)
						       : find_v2(t, own, controllers, out));
	if (found)
		return 0;
	out->path[0] = '\0';
	errno = explain(host, t, own, controllers, out);
	return -1;
}
