/*
 * dev.c: the few devices that every program expects.
 */
#define _GNU_SOURCE
#include "dev.h"
#include "resolve.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Mounts a file system on the directory name of dev; NULL: on dev itself. */
static int mount_in(int dev, const char *name, const char *type, unsigned long flags,
		    const char *data)
{
	char path[32];

	if (!name)
		return SYS(mount(type, fd_path(dev, path, sizeof(path)), type, flags, data), "dev");
	if (SYS(mkdirat(dev, name, 0755), name) < 0)
		return -1;
	int dir = SYS(openat(dev, name, O_PATH | O_DIRECTORY | O_CLOEXEC), name);
	if (dir < 0)
		return -1;
	int result = SYS(mount(type, fd_path(dir, path, sizeof(path)), type, flags, data), name);
	int saved = errno;
	close(dir);
	errno = saved;
	return result;
}

/* One device of the host, over an empty file. */
static int bind_device(int dev, const char *name)
{
	char host[32], path[32];

	snprintf(host, sizeof(host), "/dev/%s", name);
	int file = SYS(openat(dev, name, O_CREAT | O_EXCL | O_CLOEXEC, 0666), name);
	if (file < 0)
		return -1;
	int result = SYS_MAY(mount(host, fd_path(file, path, sizeof(path)), NULL, MS_BIND, NULL),
			     host, ENOENT);
	int saved = errno;
	close(file);
	if (result < 0 && saved == ENOENT) /* the host has none: no empty file in its place */
		return unlinkat(dev, name, 0);
	errno = saved;
	return result;
}

static int fill(int dev)
{
	static const char *const devices[] = { "null", "zero", "full", "random", "urandom", "tty" };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" },	 { "/proc/self/fd/0", "stdin" },
		{ "/proc/self/fd/1", "stdout" }, { "/proc/self/fd/2", "stderr" },
		{ "pts/ptmx", "ptmx" },
	};

	/* No MS_NODEV on pts: its terminals are devices. No gid= either: with one id mapped, group
	 * 5 does not exist. */
	if (mount_in(dev, "pts", "devpts", MS_NOSUID | MS_NOEXEC,
		     "newinstance,ptmxmode=0666,mode=0620") < 0 ||
	    mount_in(dev, "shm", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=1777,size=64m") <
		    0)
		return -1;
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		if (bind_device(dev, devices[i]) < 0)
			return -1;
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (SYS(symlinkat(links[i][0], dev, links[i][1]), links[i][1]) < 0)
			return -1;
	return 0;
}

int dev_mount(int root)
{
	int below = make_dir_in_root(root, "dev", 0755), dev = -1, result = -1;

	if (below < 0)
		return -1;
	if (mount_in(below, NULL, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k") == 0)
		dev = resolve_in_root(root, "dev", O_PATH | O_DIRECTORY,
				      0); /* what is mounted there now */
	/* It is ours and fresh: no link can be in the way any more. */
	if (dev >= 0)
		result = fill(dev);
	int saved = errno;
	close(below);
	if (dev >= 0)
		close(dev);
	errno = saved;
	return result;
}
