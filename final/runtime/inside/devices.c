/*
 * devices.c: nodes of linux.devices.
 */
#define _GNU_SOURCE
#include "devices.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/resolve.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int refuse(int err, const struct spec_device *device, const char *cause)
{
	sys_failure_set(err, "linux.devices", device->path, cause, NULL);
	return -1;
}

static bool is_it(int fd, const struct spec_device *device)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == device->type &&
	       (device->type == S_IFIFO || st.st_rdev == makedev(device->major, device->minor));
}

/* The directory that the node is in, made where it is missing, and the node's name. */
static int open_parent(int root, const char *path, char *parent, const char **name)
{
	snprintf(parent, PATH_MAX, "%s", path);
	char *slash = strrchr(parent, '/');
	if (!slash || !slash[1])
		return -1;
	*name = slash + 1;
	*slash = '\0';
	return make_dir_in_root(root, *parent ? parent : "/", 0755);
}

/* In a user namespace no node can be made: the host's own of that path is bound, if it is this
 * device. */
static int bind_host_node(int parent, const char *name, const struct spec_device *device)
{
	char from[32], to[32];
	int host = SYS(open(device->path, O_PATH | O_CLOEXEC | O_NOFOLLOW), device->path);

	if (host < 0)
		return -1;
	if (!is_it(host, device)) {
		close(host);
		return refuse(EPERM, device,
			      "A device node cannot be made in a user namespace, and what the host "
			      "has at this path is another.");
	}
	int file = SYS(openat(parent, name, O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666), name);
	int result = file < 0 ? -1
			      : SYS(mount(fd_path(host, from, sizeof(from)),
					  fd_path(file, to, sizeof(to)), NULL, MS_BIND, NULL),
				    device->path);
	close_keeping_errno(file);
	close_keeping_errno(host);
	return result;
}

/* Whatever the umask: owner first, since chown(2) takes set-id bits away. */
static int set_owner(int parent, const char *name, const struct spec_device *device)
{
	if (SYS(fchownat(parent, name, device->uid, device->gid, AT_SYMLINK_NOFOLLOW),
		device->path) < 0)
		return -1;
	return SYS(fchmodat(parent, name, device->mode, 0), device->path);
}

static int make_in(int parent, const char *name, const struct spec_device *device)
{
	dev_t number = device->type == S_IFIFO ? 0 : makedev(device->major, device->minor);

	if (SYS_MAY(mknodat(parent, name, device->type | (device->mode & 07777), number),
		    device->path, EEXIST) == 0)
		return set_owner(parent, name, device);
	if (errno == EPERM) {
		sys_failure_clear();
		return bind_host_node(parent, name, device);
	}
	if (errno != EEXIST)
		return -1;
	int there = SYS(openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), device->path);
	bool same = there >= 0 && is_it(there, device);
	close_keeping_errno(there);
	return same ? 0 : refuse(EEXIST, device, "Another file is there, and no such device.");
}

int devices_make(int root, const struct spec *spec)
{
	char parent[PATH_MAX];

	for (int i = 0; i < spec->device_count; i++) {
		const char *name = NULL;
		int dir = open_parent(root, spec->devices[i].path, parent, &name);
		int result = dir < 0 ? -1 : make_in(dir, name, &spec->devices[i]);
		close_keeping_errno(dir);
		if (result < 0)
			return -1;
	}
	return 0;
}
