/*
 * kernel_roots.c: opened and proved once, used for all that is masked or written inside them.
 */
#define _GNU_SOURCE
#include "kernel_roots.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PROC_ROOT_INO = 1 }; /* include/linux/proc_ns.h */

static bool has_mount(const struct spec *spec, const char *type, const char *destination)
{
	for (int i = 0; i < spec->mount_count; i++)
		if (!spec->mounts[i].bind && strcmp(spec->mounts[i].type, type) == 0 &&
		    strcmp(spec->mounts[i].destination, destination) == 0)
			return true;
	return false;
}

/* /proc/self leads to the caller's number in the proc's own PID namespace, and to nothing where the
 * caller has none there. */
static bool shows_us(int proc)
{
	char self[16] = "";

	return readlinkat(proc, "self", self, sizeof(self) - 1) > 0 && atoi(self) == getpid();
}

static bool is_root_of(int fd, long magic)
{
	struct statfs fs;
	struct statx st;

	if (fstatfs(fd, &fs) < 0 || fs.f_type != magic ||
	    statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) < 0)
		return false;
	/* Linux 5.8 says whether it is the root of a mount. */
	if ((st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) &&
	    !(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return false;
	return magic != PROC_SUPER_MAGIC || (st.stx_ino == PROC_ROOT_INO && shows_us(fd));
}

static int open_one(const char *path, long magic)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_NO_SYMLINKS };
	int fd = SYS(openat2(AT_FDCWD, path, &how, sizeof(how)), path);

	if (fd < 0 || is_root_of(fd, magic))
		return fd;
	close(fd);
	sys_failure_set(EXDEV, "openat2", path,
			"What was mounted there a moment ago is not there any more: another "
			"process changes the root file system, or a later mount covers it.",
			"Give each container a root file system of its own.");
	return -1;
}

int kernel_roots_open(const struct spec *spec, struct kernel_roots *roots)
{
	*roots = (struct kernel_roots){ -1, -1 };
	if (has_mount(spec, "proc", "/proc") &&
	    (roots->proc = open_one("/proc", PROC_SUPER_MAGIC)) < 0)
		return -1;
	if (!has_mount(spec, "sysfs", "/sys") || (roots->sys = open_one("/sys", SYSFS_MAGIC)) >= 0)
		return 0;
	kernel_roots_close(roots);
	return -1;
}

void kernel_roots_close(struct kernel_roots *roots)
{
	close_keeping_errno(roots->proc);
	close_keeping_errno(roots->sys);
	*roots = (struct kernel_roots){ -1, -1 };
}

int kernel_roots_place(const struct kernel_roots *roots, const char *path, const char **rest)
{
	bool proc = strncmp(path, "/proc", 5) == 0 && (path[5] == '/' || !path[5]);
	bool sys = strncmp(path, "/sys", 4) == 0 && (path[4] == '/' || !path[4]);

	if (proc && roots->proc >= 0)
		return *rest = path[5] ? path + 5 : "/", roots->proc;
	if (sys && roots->sys >= 0)
		return *rest = path[4] ? path + 4 : "/", roots->sys;
	return *rest = path, AT_FDCWD;
}
