/*
 * apparmor.c: the label for the next execve(2).
 */
#define _GNU_SOURCE
#include "apparmor.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool is_off(void)
{
	char on = 'N';
	int fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read(fd, &on, 1) < 0)
		on = 'N';
	if (fd >= 0)
		close(fd);
	return on != 'Y';
}

/* Linux 5.8 has a directory for each module; before there was one file for the first of them. */
static int open_label(void)
{
	struct statfs fs;
	int fd = open("/proc/thread-self/attr/apparmor/exec", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		fd = SYS(open("/proc/thread-self/attr/exec", O_WRONLY | O_CLOEXEC | O_NOFOLLOW),
			 "/proc/thread-self/attr/exec");
	if (fd < 0 || (fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC))
		return fd;
	close(fd);
	sys_failure_set(EXDEV, "open", "/proc/thread-self/attr", "It is not in a proc file system.",
			NULL);
	return -1;
}

int apparmor_for_exec(const char *profile)
{
	char text[300];

	if (is_off()) {
		if (strcmp(profile, "unconfined") == 0 || !*profile)
			return 0;
		sys_failure_set(
			ENOENT, "process.apparmorProfile", profile,
			"AppArmor is off in this kernel, so that the profile would not be "
			"enforced.",
			"Leave the profile out, or boot with apparmor=1 security=apparmor.");
		return -1;
	}
	int length = snprintf(text, sizeof(text), "exec %s", profile);
	int fd = open_label();
	if (fd < 0 || length >= (int)sizeof(text))
		return -1;
	ssize_t n = SYS(write(fd, text, (size_t)length), profile);
	close_keeping_errno(fd);
	return n < 0 ? -1 : 0;
}
