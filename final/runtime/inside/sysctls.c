/*
 * sysctls.c: values of the container's own namespaces, written through a proc that is proved.
 */
#define _GNU_SOURCE
#include "sysctls.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

static int prove_proc(int fd, const char *name)
{
	struct statfs fs;

	if (SYS(fstatfs(fd, &fs), name) < 0)
		return -1;
	if (fs.f_type == PROC_SUPER_MAGIC)
		return 0;
	sys_failure_set(EXDEV, "openat2", name,
			"The file is not of a proc file system: something else lies over /proc.",
			"Mount proc at /proc, and nothing over it.");
	return -1;
}

/* net.ipv4.ip_forward is net/ipv4/ip_forward. As sysctl(8) has it: where the first separator is a
 * slash the name is a path already, and where it is a point the two change places
 * (net.ipv4.conf.eth0/1.mtu: of the interface eth0.1). */
static int path_of(const char *name, char *path, size_t size)
{
	const char *first = strpbrk(name, "./");
	int n = snprintf(path, size, "%s", name);

	for (char *c = path; first && *first == '.' && n < (int)size && *c; c++)
		*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	return n < (int)size ? 0 : (errno = ENAMETOOLONG, -1);
}

static int open_inside(int dir, const char *path, int flags, const char *subject)
{
	struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC),
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV |
					   RESOLVE_NO_MAGICLINKS };

	return SYS(openat2(dir, path, &how, sizeof(how)), subject);
}

static int write_one(int sys, const struct spec_sysctl *sysctl)
{
	char path[PATH_MAX];
	size_t length = strlen(sysctl->value);
	int result = -1;

	if (SYS(path_of(sysctl->name, path, sizeof(path)), sysctl->name) < 0)
		return -1;
	int fd = open_inside(sys, path, O_WRONLY, sysctl->name);
	if (fd < 0)
		return -1;
	/* In one write: each write is a whole value. */
	if (prove_proc(fd, sysctl->name) == 0) {
		ssize_t n = SYS(write(fd, sysctl->value, length), sysctl->name);
		if (n == (ssize_t)length)
			result = 0;
		else if (n >= 0)
			sys_failure_set(EINVAL, "write", sysctl->name,
					"The kernel took a part of the value only.", NULL);
	}
	close_keeping_errno(fd);
	return result;
}

int sysctls_write(int proc, const struct spec *spec)
{
	int sys, result = 0;

	if (spec->sysctl_count == 0)
		return 0;
	/* From here on no ".." of a name leads out of sys. */
	if (prove_proc(proc, "/proc") < 0 ||
	    (sys = open_inside(proc, "sys", O_PATH | O_DIRECTORY, "/proc/sys")) < 0)
		return -1;
	for (int i = 0; result == 0 && i < spec->sysctl_count; i++)
		result = write_one(sys, &spec->sysctls[i]);
	close_keeping_errno(sys);
	return result;
}
