/*
 * apparmor.c: the label for the next execve(2).
 */
#define _GNU_SOURCE
#include "apparmor.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PROC_ROOT_INO = 1 }; /* include/linux/proc_ns.h */

/* The first byte of a file, or 0. */
static char first_byte(int dir, const char *path)
{
	char byte = 0;
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd >= 0 && read(fd, &byte, 1) < 1)
		byte = 0;
	if (fd >= 0)
		close(fd);
	return byte;
}

/* The root of a proc file system, and nothing that an image has at that place. */
static int open_proc(void)
{
	struct statfs fs;
	struct stat st;
	int fd = SYS(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), "/proc");

	if (fd < 0 || (fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC &&
		       fstat(fd, &st) == 0 && st.st_ino == PROC_ROOT_INO))
		return fd;
	close(fd);
	sys_failure_set(EXDEV, "open", "/proc", "It is not the root of a proc file system.", NULL);
	return -1;
}

/* A file of this thread. RESOLVE_NO_XDEV: another file, of this proc too, may be mounted over
 * it, and would get what is written (CVE-2025-52881). */
static int open_own(int proc, const char *file)
{
	struct open_how how = { .flags = O_WRONLY | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV |
					   RESOLVE_NO_MAGICLINKS };

	return openat2(proc, file, &how, sizeof(how));
}

/* A container need not have a /sys: only what AppArmor itself answers for is there without it. */
static bool is_off(int proc)
{
	if (first_byte(AT_FDCWD, "/sys/module/apparmor/parameters/enabled") == 'Y')
		return false;
	return !first_byte(proc, "thread-self/attr/apparmor/current");
}

static int write_label(int proc, const char *profile)
{
	char text[PATH_MAX];
	int length = snprintf(text, sizeof(text), "exec %s", profile);

	if (length >= (int)sizeof(text)) {
		sys_failure_set(ENAMETOOLONG, "process.apparmorProfile", profile, NULL, NULL);
		return -1;
	}
	/* Linux 5.8 has a directory for each module; before there was one file for the first. */
	int fd = open_own(proc, "thread-self/attr/apparmor/exec");
	if (fd < 0 && errno == ENOENT)
		fd = open_own(proc, "thread-self/attr/exec");
	if (SYS(fd, "/proc/thread-self/attr/exec") < 0)
		return -1;
	ssize_t n = SYS(write(fd, text, (size_t)length), profile);
	close_keeping_errno(fd);
	return n < 0 ? -1 : 0;
}

int apparmor_for_exec(const char *profile)
{
	int proc, result = 0;

	if (!*profile)
		return 0;
	if ((proc = open_proc()) < 0)
		return -1;
	if (!is_off(proc))
		result = write_label(proc, profile);
	else if (strcmp(profile, "unconfined") != 0) {
		sys_failure_set(
			ENOENT, "process.apparmorProfile", profile,
			"AppArmor is off in this kernel, so that the profile would not be "
			"enforced.",
			"Leave the profile out, or boot with apparmor=1 security=apparmor.");
		result = -1;
	}
	close_keeping_errno(proc);
	return result;
}
