/*
 * own_exe.c: this program's file, read-only for the time of a container.
 */
#define _GNU_SOURCE
#include "final/runtime/own_exe.h"

#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

static const char self[] = "/proc/self/exe";

/* Of linux/mount.h, which does not get on with some versions of sys/mount.h. */
enum { TREE_CLONE = 1, ATTR_RDONLY = 1 };
struct attributes {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};

static int open_tree_(int dir, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, dir, path, flags);
}

static int mount_setattr_(int fd, const char *path, unsigned flags,
			  const struct attributes *attributes)
{
	return (int)syscall(SYS_mount_setattr, fd, path, flags, attributes, sizeof(*attributes));
}

/* Executed by descriptor: the kernel gives the path of such a program as /dev/fd/N. That is no
 * proof of what the descriptor was: the caller may have executed us in that way, too. */
static bool is_by_descriptor(void)
{
	const char *path = (const char *)getauxval(AT_EXECFN); // NOLINT(performance-no-int-to-ptr)

	return path && strncmp(path, "/dev/fd/", 8) == 0;
}

/* A copy of sealed_copy()'s. */
static bool is_sealed(void)
{
	int fd = open(self, O_RDONLY | O_CLOEXEC);
	int seals = fd < 0 ? -1 : fcntl(fd, F_GET_SEALS); /* EINVAL: no memfd */

	if (fd >= 0)
		close(fd);
	return seals >= 0 && (seals & F_SEAL_WRITE);
}

/* Could a process with our ids write to the file, now or after a chmod? */
static bool is_writable(void)
{
	struct statx st;
	struct statvfs fs;

	if (statx(AT_FDCWD, self, 0, STATX_BASIC_STATS, &st) < 0)
		return true;
	if (st.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_VERITY))
		return false;
	if (statvfs(self, &fs) == 0 && (fs.f_flag & ST_RDONLY))
		return false;
	/* access(2) of a running program is ETXTBSY where only the running is in the way. */
	return st.stx_uid == geteuid() || faccessat(AT_FDCWD, self, W_OK, AT_EACCESS) == 0 ||
	       errno == ETXTBSY;
}

/* Needs CAP_SYS_ADMIN. The mount is in no mount table and goes with its last user. */
static int read_only_mount(void)
{
	const struct attributes attributes = { .attr_set = ATTR_RDONLY };
	int fd = open_tree_(AT_FDCWD, self, TREE_CLONE | O_CLOEXEC);

	if (fd >= 0 && mount_setattr_(fd, "", AT_EMPTY_PATH, &attributes) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int sealed_copy(void)
{
	struct stat st;
	int from = SYS(open(self, O_RDONLY | O_CLOEXEC), self);
	int to = from < 0 ? -1
			  : SYS(memfd_create("minibox", MFD_CLOEXEC | MFD_ALLOW_SEALING), self);

	if (to < 0 || SYS(fstat(from, &st), self) < 0)
		goto bad;
	for (off_t done = 0; done < st.st_size;)
		if (SYS(sendfile(to, from, &done, (size_t)(st.st_size - done)), self) <= 0)
			goto bad;
	if (SYS(fcntl(to, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL),
		self) < 0)
		goto bad;
	close(from);
	return to;
bad:
	close_keeping_errno(from);
	close_keeping_errno(to);
	return -1;
}

int own_exe_protect(char **argv)
{
	if (is_by_descriptor())
		prctl(PR_SET_NAME, "minibox"); /* it would be called by the number */
	if (!is_writable() || is_sealed())
		return 0;
	int fd = read_only_mount();
	if (fd < 0)
		fd = sealed_copy();
	if (fd < 0)
		return -1;
	SYS(execveat(fd, "", argv, environ, AT_EMPTY_PATH), self);
	close_keeping_errno(fd);
	return -1;
}
