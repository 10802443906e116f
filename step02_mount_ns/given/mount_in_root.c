/*
 * mount_in_root.c: the place is found first, and the mount goes to its descriptor.
 */
#define _GNU_SOURCE
#include "mount_in_root.h"
#include "resolve.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <sys/mount.h>

int mount_in_root(int root, const char *path, const char *source, const char *type,
		  unsigned long flags, const char *data)
{
	char name[32];
	int dir = make_dir_in_root(root, path, 0755);

	if (dir < 0)
		return -1;
	int result = SYS(mount(source, fd_path(dir, name, sizeof(name)), type, flags, data), path);
	close_keeping_errno(dir);
	return result;
}
