/*
 * bind_by_path.c: bind, look it up, compare.
 */
#define _GNU_SOURCE
#include "bind_by_path.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/resolve.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

static bool same(int one, int other)
{
	struct stat a, b;

	return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int bind_by_path(int root, const char *destination, int target, int source, bool below)
{
	char from[32], on[32];

	if (SYS(mount(fd_path(source, from, sizeof(from)), fd_path(target, on, sizeof(on)), NULL,
		      MS_BIND | (below ? MS_REC : 0), NULL),
		destination) < 0)
		return -1;
	/* target still names the directory underneath; the path leads to the mount on top of it. */
	int mounted = resolve_in_root(root, destination, O_PATH, 0);
	if (mounted < 0 || same(mounted, source))
		return mounted;
	close_keeping_errno(mounted);
	sys_failure_set(ESTALE, "volume_bind", destination,
			"The path has changed while it was being mounted on.", NULL);
	return -1;
}
