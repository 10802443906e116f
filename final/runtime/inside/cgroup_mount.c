/*
 * cgroup_mount.c: /sys/fs/cgroup of the container.
 */
#define _GNU_SOURCE
#include "cgroup_mount.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/mount_in_root.h"
#include "step02_mount_ns/given/resolve.h"
#include "step05_cgroup_cpu/given/cgroup_find.h"
#include "step07_volumes/given/mount_flags.h"
#include "step07_volumes/volumes.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

/* What a file system of groups is mounted with. */
static unsigned long flags_of(const struct spec_mount *m)
{
	return m->flags & ~(unsigned long)(MS_REC | MS_BIND);
}

/* A bind of the directory of the group in which we are, as this hierarchy has it. */
static int bind_own_group(int root, const struct spec_mount *m, const struct cgroup_tree *tree,
			  const char *place)
{
	char group[CG_PATH], dir[2 * CG_PATH];
	int result = -1, proc = SYS(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), "/proc");

	if (proc < 0)
		return -1;
	if (SYS(cgroup_path_of(proc, 0, tree, group, sizeof(group)), tree->mount) == 0 &&
	    SYS(cgroup_directory(tree, group, dir, sizeof(dir)), group) == 0) {
		int source = SYS(open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), dir);
		if (source >= 0)
			result = volume_bind(root, place, source, flags_of(m) | MS_REC);
		close_keeping_errno(source);
	}
	close_keeping_errno(proc);
	return result;
}

/* A bind of the host's /sys has brought a cgroup2 along, and the kernel does not mount a file system
 * on itself (EBUSY): something else goes between. */
static int new_cgroup2(int root, const char *place, unsigned long flags)
{
	if (mount_in_root(root, place, "cgroup", "cgroup2", flags, NULL) == 0)
		return 0;
	if (errno != EBUSY)
		return -1;
	sys_failure_clear();
	if (mount_in_root(root, place, "tmpfs", "tmpfs", MS_RDONLY | flags, "size=0k") < 0)
		return -1;
	return mount_in_root(root, place, "cgroup", "cgroup2", flags, NULL);
}

/* Read-only by a second call: in the first one the flag would be the file system's, which is mounted
 * writable elsewhere: EBUSY. */
static int mount_cgroup2(int root, const struct spec_mount *m, const char *place)
{
	unsigned long flags = flags_of(m);

	if (new_cgroup2(root, place, flags & ~(unsigned long)MS_RDONLY) < 0)
		return -1;
	if (!(flags & MS_RDONLY))
		return 0;
	int on = resolve_in_root(root, place, O_PATH | O_DIRECTORY, 0);
	int result = on < 0 ? -1 : mount_add_flags(on, MS_RDONLY, m->destination);
	close_keeping_errno(on);
	return result;
}

/* cgroup2 belongs to the cgroup namespace's owner: without one of its own a user namespace gets
 * EPERM, and a bind of the own group is the same view. (With one that bind could not be found: its
 * path is "/".) */
static int mount_v2(int root, const struct spec_mount *m, const struct cgroup_tree *tree,
		    const char *place, bool own_namespace)
{
	return own_namespace ? mount_cgroup2(root, m, place) : bind_own_group(root, m, tree, place);
}

/* cpu -> cpu,cpuacct: programs look for a controller by its own name. */
static int link_names(int top, const struct cgroup_tree *tree, const char *directory)
{
	char names[sizeof(tree->subsystems)], *at = names, *name;

	snprintf(names, sizeof(names), "%s", tree->subsystems);
	if (!strchr(names, ','))
		return 0;
	while ((name = strsep(&at, ",")))
		if (*name && !strchr(name, '=') && strcmp(name, directory) != 0 &&
		    SYS_MAY(symlinkat(directory, top, name), name, EEXIST) < 0 && errno != EEXIST)
			return -1;
	return 0;
}

static int mount_tree(int root, int top, const struct spec_mount *m, const struct cgroup_tree *tree,
		      bool own_namespace)
{
	const char *slash = strrchr(tree->mount, '/'), *name = slash ? slash + 1 : tree->mount;
	char place[PATH_MAX];

	if (tree->version == 2)
		name = "unified";
	if (snprintf(place, sizeof(place), "%s/%s", m->destination, name) >= (int)sizeof(place)) {
		sys_failure_set(ENAMETOOLONG, "mount", m->destination, NULL, NULL);
		return -1;
	}
	int made = !own_namespace	? bind_own_group(root, m, tree, place)
		   : tree->version == 2 ? mount_v2(root, m, tree, place, true)
					: mount_in_root(root, place, "cgroup", "cgroup",
							flags_of(m), tree->subsystems);
	return made < 0 || tree->version == 2 ? made : link_names(top, tree, name);
}

static int mount_v1(int root, const struct spec_mount *m, const struct cgroup_host *host,
		    bool own_namespace)
{
	unsigned long flags = flags_of(m) & ~(unsigned long)MS_RDONLY;

	if (mount_in_root(root, m->destination, "tmpfs", "tmpfs", flags, "mode=755") < 0)
		return -1;
	int top = resolve_in_root(root, m->destination, O_PATH | O_DIRECTORY, 0);
	int result = top < 0 ? -1 : 0;
	for (int i = 0; result == 0 && i < host->trees; i++)
		result = mount_tree(root, top, m, &host->tree[i], own_namespace);
	if (result == 0 && (m->flags & MS_RDONLY))
		result = mount_add_flags(top, MS_RDONLY, m->destination);
	close_keeping_errno(top);
	return result;
}

int cgroup_mount(int root, const struct spec_mount *m, bool own_namespace)
{
	struct cgroup_host *host = calloc(1, sizeof(*host)); /* 30 KiB: a clone's stack is small */
	int result = -1;

	if (!host || SYS(cgroup_find(AT_FDCWD, host), "/proc/self/mountinfo") < 0)
		goto out;
	if (m->data)
		sys_failure_set(EINVAL, "mount", m->destination,
				"A mount of type cgroup stands for the hierarchies of the host and "
				"takes no options of a file system.",
				"Leave out all but ro, nosuid, nodev and the like.");
	else if (host->trees == 0)
		sys_failure_set(ENODEV, "mount", m->destination,
				"No cgroup file system is mounted on this host.",
				"Leave the mount of type cgroup out of config.json.");
	else if (host->layout == CGROUP_V2)
		result = mount_v2(root, m, &host->tree[0], m->destination, own_namespace);
	else
		result = mount_v1(root, m, host, own_namespace);
out:
	free_keeping_errno(host);
	return result;
}
