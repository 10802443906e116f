/*
 * cwd.c: a directory of the container's root, and of no other.
 */
#define _GNU_SOURCE
#include "cwd.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/resolve.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The root file system that is in sight, and nothing behind it. After the caller's descriptors are
 * closed no path leads out any more; this would notice one. */
static int check_cwd(const char *cwd)
{
	char path[PATH_MAX] = "";

	/* The kernel's own answer for a directory that is outside: "(unreachable)/...". */
	if (SYS(syscall(SYS_getcwd, path, sizeof(path)), cwd) < 0)
		return -1;
	if (path[0] == '/')
		return 0;
	sys_failure_set(EXDEV, "getcwd", cwd,
			"The working directory is outside the container's root.",
			"Give a directory of the container's root.");
	return -1;
}

/* Docker makes a missing working directory; so do we. A magic link (/proc/PID/fd/N, /proc/PID/cwd)
 * is not followed: it does not stay inside the root (resolve.h). */
int cwd_enter(const char *cwd)
{
	int dir = make_dir_in_root(AT_FDCWD, cwd, 0755);

	if (dir < 0 && (errno == ENOTDIR || errno == ELOOP || errno == EXDEV)) {
		int saved = errno;
		sys_failure_clear();
		sys_failure_set(saved, "openat2", cwd,
				saved == ENOTDIR
					? "The working directory, or a part of its path, is a "
					  "file there."
					: "The path of the working directory goes through a link "
					  "that leads out of the container's root, or in a circle.",
				"Give a directory of the container's root.");
		return -1;
	}
	if (dir < 0)
		return -1;
	int result = SYS(fchdir(dir), cwd);
	close_keeping_errno(dir);
	return result < 0 ? -1 : check_cwd(cwd);
}

int cwd_and_identity(const struct spec_process *process, const struct seccomp_filter *filter)
{
	int entered = cwd_enter(process->cwd);

	if (entered < 0 && errno != EACCES)
		return -1;
	if (entered < 0)
		sys_failure_clear();
	if (identity_take(process, filter) < 0)
		return -1;
	return entered < 0 ? cwd_enter(process->cwd) : 0;
}
