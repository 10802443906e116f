/*
 * cgroup_find.c: which tree controls what, and where it is mounted.
 */
#define _GNU_SOURCE
#include "cgroup_find.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *v1, *v2;
} names[CG_KINDS] = {
	[CG_CPU] = { "cpu", "cpu" },
	[CG_CPUACCT] = { "cpuacct", NULL },
	[CG_CPUSET] = { "cpuset", "cpuset" },
	[CG_MEMORY] = { "memory", "memory" },
	[CG_PIDS] = { "pids", "pids" },
	[CG_IO] = { "blkio", "io" },
	[CG_FREEZER] = { "freezer", NULL },
	[CG_DEVICES] = { "devices", NULL },
	[CG_HUGETLB] = { "hugetlb", "hugetlb" },
	[CG_NET_CLS] = { "net_cls", NULL },
	[CG_NET_PRIO] = { "net_prio", NULL },
	[CG_RDMA] = { "rdma", "rdma" },
};

const char *cgroup_controller_name(enum cgroup_controller controller, int version)
{
	return version == 2 ? names[controller].v2 : names[controller].v1;
}

unsigned cgroup_controllers_parse(const char *list, int version)
{
	unsigned found = 0;

	while (*list) {
		size_t n = strcspn(list, ", \t\n");
		for (int c = 0; c < CG_KINDS; c++) {
			const char *name = cgroup_controller_name((enum cgroup_controller)c,
								  version);
			if (name && strlen(name) == n && strncmp(list, name, n) == 0)
				found |= CG(c);
		}
		list += n;
		list += strspn(list, ", \t\n");
	}
	return found;
}

/* ---- the mounts ---- */

struct finding {
	int root;
	struct cgroup_host *host;
};

/* "rw,cpu,cpuacct" or "rw,xattr,name=systemd": what is left without the options of every file
 * system. */
static void v1_subsystems(const char *options, char *out, size_t size)
{
	static const char *const general[] = {
		"rw", "ro", "xattr", "noprefix", "clone_children", "cpuset_v2_mode"
	};
	char copy[512];
	size_t n = 0;

	out[0] = '\0';
	snprintf(copy, sizeof(copy), "%s", options);
	for (char *save, *word = strtok_r(copy, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		bool known = strncmp(word, "release_agent=", 14) == 0;
		for (size_t i = 0; i < sizeof(general) / sizeof(*general); i++)
			known |= strcmp(word, general[i]) == 0;
		if (!known && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "," : "", word);
	}
}

/* What v2 has, its topmost group says. Freezer and accounting are in its core, devices in BPF. */
static void v2_subsystems(int root, struct cgroup_tree *tree)
{
	char path[CG_PATH + 32], text[128] = "";

	snprintf(path, sizeof(path), "%s/cgroup.controllers",
		 tree->mount[0] == '/' ? tree->mount + 1 : tree->mount);
	if (read_file_at(root, path, text, sizeof(text)) >= 0)
		snprintf(tree->subsystems, sizeof(tree->subsystems), "%.*s",
			 (int)strcspn(text, "\n"), text);
	tree->controllers = cgroup_controllers_parse(text, 2) | CG(CG_CPUACCT) | CG(CG_FREEZER) |
			    CG(CG_DEVICES);
}

static int note_mount(const struct mountinfo *mount, void *arg)
{
	struct finding *finding = arg;
	struct cgroup_host *host = finding->host;
	bool v1 = strcmp(mount->fs_type, "cgroup") == 0;

	if ((!v1 && strcmp(mount->fs_type, "cgroup2") != 0) || host->trees == CG_TREES)
		return 0;
	struct cgroup_tree *tree = &host->tree[host->trees];
	*tree = (struct cgroup_tree){ .version = v1 ? 1 : 2 };
	if ((size_t)snprintf(tree->mount, sizeof(tree->mount), "%s", mount->mount_point) >=
		    sizeof(tree->mount) ||
	    (size_t)snprintf(tree->root, sizeof(tree->root), "%s", mount->root) >=
		    sizeof(tree->root))
		return 0; /* too deep for us: as good as not there */
	tree->read_only =
		strncmp(mount->mount_options, "ro", strcspn(mount->mount_options, ",")) == 0 ||
		strncmp(mount->super_options, "ro", strcspn(mount->super_options, ",")) == 0;
	if (v1) {
		v1_subsystems(mount->super_options, tree->subsystems, sizeof(tree->subsystems));
		tree->controllers = cgroup_controllers_parse(tree->subsystems, 1);
	} else {
		v2_subsystems(finding->root, tree);
	}
	/* The same hierarchy mounted a second time (a container's, a bind) adds nothing. */
	for (int i = 0; i < host->trees; i++)
		if (host->tree[i].version == tree->version &&
		    (!v1 || strcmp(host->tree[i].subsystems, tree->subsystems) == 0)) {
			if (host->tree[i].read_only && !tree->read_only)
				host->tree[i] = *tree;
			return 0;
		}
	host->trees++;
	return 0;
}

static void assign_controllers(struct cgroup_host *host)
{
	bool v1 = false, v2 = false;

	for (int c = 0; c < CG_KINDS; c++) {
		host->of[c] = -1;
		for (int i = 0; i < host->trees; i++) {
			if (!(host->tree[i].controllers & CG(c)))
				continue;
			/* v2's own freezer and accounting are there beside v1's. A process that is
			 * in v1's tree is limited there. */
			if (host->of[c] < 0 || host->tree[i].version == 1)
				host->of[c] = i;
		}
		if (host->of[c] >= 0 && cgroup_controller_name((enum cgroup_controller)c, 2)) {
			v1 |= host->tree[host->of[c]].version == 1;
			v2 |= host->tree[host->of[c]].version == 2;
		}
	}
	for (int i = 0; i < host->trees; i++) /* an empty v2 beside a full v1 is a hybrid as well */
		v2 |= host->tree[i].version == 2;
	host->layout = v1 && v2 ? CGROUP_HYBRID : v2 ? CGROUP_V2 : v1 ? CGROUP_V1 : CGROUP_NONE;
}

int cgroup_find(int root, struct cgroup_host *out)
{
	struct finding finding = { .host = out };

	memset(out, 0, sizeof(*out));
	const char *top = root == AT_FDCWD ? "/" : ".";
	finding.root = SYS(openat(root, top, O_PATH | O_DIRECTORY | O_CLOEXEC), top);
	if (finding.root < 0)
		return -1;
	int procfd = SYS(openat(finding.root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "/proc");
	int result = procfd < 0 ? -1 : mountinfo_each(procfd, 0, note_mount, &finding);
	int saved = errno;

	if (result < 0)
		sys_failure_set(saved, "read", "/proc/self/mountinfo", NULL, NULL);
	if (procfd >= 0)
		close(procfd);
	close(finding.root);
	assign_controllers(out);
	errno = saved;
	return result;
}

/* ---- a process's place ---- */

/* Is this list of /proc/PID/cgroup ("cpu,cpuacct", "name=systemd", "" for v2) the tree's? */
static bool is_tree(const struct cgroup_tree *tree, const char *id, const char *list, size_t n)
{
	char names_[160];

	if (tree->version == 2)
		return n == 0 && strncmp(id, "0:", 2) == 0;
	snprintf(names_, sizeof(names_), "%.*s", (int)n, list);
	if (strcmp(names_, tree->subsystems) == 0)
		return true;
	/* Two subsystems of one tree: the order may differ. */
	return tree->controllers && cgroup_controllers_parse(names_, 1) == tree->controllers;
}

int cgroup_path_parse(const char *text, const struct cgroup_tree *tree, char *path, size_t size)
{
	for (const char *line = text; line && *line;) {
		const char *list = strchr(line, ':');
		const char *place = list ? strchr(list + 1, ':') : NULL;
		const char *end = strchr(line, '\n');
		/* "name=x:y" has a colon of its own no more than a list has; the path may hold
		 * some. */
		if (place && (!end || place < end) &&
		    is_tree(tree, line, list + 1, (size_t)(place - list - 1))) {
			int n = end ? (int)(end - place - 1) : (int)strlen(place + 1);
			if ((size_t)n >= size) {
				errno = ENAMETOOLONG;
				return -1;
			}
			snprintf(path, size, "%.*s", n, place + 1);
			return 0;
		}
		line = end ? end + 1 : NULL;
	}
	errno = ENOENT;
	return -1;
}

int cgroup_path_of(int procfd, pid_t pid, const struct cgroup_tree *tree, char *path, size_t size)
{
	char file[32];

	if (pid)
		snprintf(file, sizeof(file), "%d/cgroup", pid);
	else
		snprintf(file, sizeof(file), "self/cgroup");
	char *text = read_whole_at(procfd, file, NULL); /* a dozen paths of any length */
	if (!text)
		return -1;
	int result = cgroup_path_parse(text, tree, path, size), saved = errno;
	free(text);
	errno = saved;
	return result;
}

int cgroup_directory(const struct cgroup_tree *tree, const char *path, char *dir, size_t size)
{
	size_t n = strcmp(tree->root, "/") == 0 ? 0 : strlen(tree->root);

	/* The mount shows the part below tree->root only; "/.." is what a cgroup namespace calls
	 * outside. */
	if (strncmp(path, tree->root, n) != 0 || (path[n] != '/' && path[n] != '\0') ||
	    strncmp(path, "/..", 3) == 0) {
		errno = ENOENT;
		return -1;
	}
	const char *rest = strcmp(path + n, "/") == 0 ? "" : path + n;
	if ((size_t)snprintf(dir, size, "%s%s", tree->mount, rest) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}
