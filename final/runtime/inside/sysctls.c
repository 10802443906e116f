/*
 * sysctls.c: linux.sysctl.
 */
#define _GNU_SOURCE
#include "sysctls.h"
#include "final/runtime/spec/spec_words.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool is_proc(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* No link and no mount on the way: what a name below /proc/sys means is the kernel's to say. */
static int open_value(int proc, const char *path)
{
	struct open_how how = { .flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW,
				.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
					   RESOLVE_NO_XDEV | RESOLVE_BENEATH };
	return (int)SYS(syscall(SYS_openat2, proc, path, &how, sizeof(how)), path);
}

static int write_one(int proc, const struct spec_sysctl *sysctl)
{
	char path[PATH_MAX] = "sys/";

	if (spec_sysctl_path(sysctl->name, path + 4, sizeof(path) - 4) < 0)
		return -1;
	int fd = open_value(proc, path);
	if (fd < 0)
		return -1;
	ssize_t n = SYS(write(fd, sysctl->value, strlen(sysctl->value)), sysctl->name);
	close_keeping_errno(fd);
	return n < 0 ? -1 : 0;
}

int sysctls_write(int proc, const struct spec *spec)
{
	if (!is_proc(proc)) {
		sys_failure_set(EXDEV, "linux.sysctl", "/proc", "What is mounted there is no proc.",
				"A mount of type proc at /proc.");
		return -1;
	}
	for (int i = 0; i < spec->sysctl_count; i++)
		if (write_one(proc, &spec->sysctls[i]) < 0)
			return -1;
	return 0;
}
