/*
 * cgroup_mount.c: /sys/fs/cgroup of a container.
 */
#define _GNU_SOURCE
#include "cgroup_mount.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step02_mount_ns/given/mount_in_root.h"
#include "step02_mount_ns/given/resolve.h"
#include "step05_cgroup_cpu/given/cgroup_find.h"
#include "step07_volumes/volumes.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static unsigned long flags_of(const struct spec_mount *mount)
{
	return mount->flags & ~(unsigned long)MS_REC;
}

/* The directory of the group that this process is in. */
static int open_own_group(int procfd, const struct cgroup_tree *tree)
{
	char path[CG_PATH], dir[2 * CG_PATH];

	if (cgroup_path_of(procfd, 0, tree, path, sizeof(path)) < 0 ||
	    cgroup_directory(tree, path, dir, sizeof(dir)) < 0)
		return -1;
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int bind_group(int root, int procfd, const struct cgroup_tree *tree, const char *place,
		      unsigned long flags)
{
	int group = open_own_group(procfd, tree);

	if (group < 0) {
		sys_failure_set(errno, "mounting cgroup", tree->mount,
				"The group that this process is in cannot be opened there.", NULL);
		return -1;
	}
	int result = volume_bind(root, place, group, flags);
	close_keeping_errno(group);
	return result;
}

/* "cpu" -> "cpu,cpuacct", as systemd and docker have them. */
static int add_links(int root, const char *destination, const char *name)
{
	char words[128], *at = words, *word;

	if (!strchr(name, ','))
		return 0;
	int dir = resolve_in_root(root, destination, O_RDONLY | O_DIRECTORY, 0), result = 0;
	if (dir < 0)
		return -1;
	snprintf(words, sizeof(words), "%s", name);
	while (result == 0 && (word = strsep(&at, ",")))
		result = SYS(symlinkat(name, dir, word), word);
	close_keeping_errno(dir);
	return result;
}

/* The last part of the mount point is the hierarchy's usual name: "memory", "unified", "systemd". */
static int mount_each(int root, int procfd, const struct spec_mount *mount,
		      const struct cgroup_host *host)
{
	unsigned long flags = flags_of(mount);

	if (mount_in_root(root, mount->destination, "tmpfs", "tmpfs",
			  flags & ~(unsigned long)MS_RDONLY, "mode=755") < 0)
		return -1;
	for (int i = 0; i < host->trees; i++) {
		char place[PATH_MAX];
		const char *name = strrchr(host->tree[i].mount, '/');
		snprintf(place, sizeof(place), "%s%s", mount->destination, name ? name : "/cgroup");
		if (bind_group(root, procfd, &host->tree[i], place, flags) < 0 ||
		    add_links(root, mount->destination, name ? name + 1 : "") < 0)
			return -1;
	}
	if (!(flags & MS_RDONLY))
		return 0;
	char path[32];
	int on = resolve_in_root(root, mount->destination, O_PATH, 0);
	int result = on < 0 ? -1
			    : SYS(mount(NULL, fd_path(on, path, sizeof(path)), NULL,
					MS_REMOUNT | MS_BIND | flags, NULL),
				  mount->destination);
	close_keeping_errno(on);
	return result;
}

int cgroup_mount(int root, const struct spec_mount *mount)
{
	struct cgroup_host host;
	int procfd = SYS(proc_open(), "/proc"), result = -1;

	if (procfd < 0)
		return -1;
	if (SYS(cgroup_find(AT_FDCWD, &host), "/proc/self/mountinfo") < 0)
		result = -1;
	else if (host.layout == CGROUP_NONE)
		sys_failure_set(ENODEV, "mounting cgroup", mount->destination,
				"This host has no cgroup file system mounted.",
				"Leave that mount out of config.json.");
	else if (host.layout == CGROUP_V2)
		result = bind_group(root, procfd, &host.tree[0], mount->destination,
				    flags_of(mount));
	else
		result = mount_each(root, procfd, mount, &host);
	close_keeping_errno(procfd);
	return result;
}
