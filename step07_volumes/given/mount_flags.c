/*
 * mount_flags.c: statvfs's names for a mount's flags into mount's, a remount, and mount_setattr(2).
 */
#define _GNU_SOURCE
#include "mount_flags.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/resolve.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

enum { READ_ONLY = 1 };				       /* MOUNT_ATTR_RDONLY */
enum { NO_SYMFOLLOW = 0x2000, MS_NO_SYMFOLLOW = 256 }; /* Linux 5.10; not in every C library */

/* struct mount_attr of linux/mount.h, which does not get on with some versions of sys/mount.h. */
struct attributes {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};

static int mount_setattr_(int fd, const char *path, unsigned flags,
			  const struct attributes *attributes)
{
	return (int)syscall(SYS_mount_setattr, fd, path, flags, attributes, sizeof(*attributes));
}

struct flag {
	unsigned long have, want; /* of statvfs(3), of mount(2) */
};

static unsigned long translate(const struct flag *flags, size_t count, unsigned long have)
{
	unsigned long want = 0;

	for (size_t i = 0; i < count; i++)
		if (have & flags[i].have)
			want |= flags[i].want;
	return want;
}

unsigned long mount_flags_of(int fd)
{
	static const struct flag flags[] = { { ST_RDONLY, MS_RDONLY },
					     { ST_NOSUID, MS_NOSUID },
					     { ST_NODEV, MS_NODEV },
					     { ST_NOEXEC, MS_NOEXEC },
					     { NO_SYMFOLLOW, MS_NO_SYMFOLLOW } };
	struct statvfs fs;

	if (fstatvfs(fd, &fs) < 0)
		return 0;
	return translate(flags, sizeof(flags) / sizeof(*flags), fs.f_flag);
}

/* What must be repeated of the atime flags beside those in flags. If there is none in flags the
 * kernel keeps all; if there is one, it takes "relatime" and "no nodiratime" for what is left out.
 */
static unsigned long atime_flags_of(int fd, unsigned long flags)
{
	static const unsigned long kinds = MS_NOATIME | MS_RELATIME | MS_STRICTATIME;
	struct statvfs fs;

	if (!(flags & (kinds | MS_NODIRATIME)) || fstatvfs(fd, &fs) < 0)
		return 0;
	unsigned long more = fs.f_flag & ST_NODIRATIME ? MS_NODIRATIME : 0;
	if (flags & kinds)
		return more;
	return more | (fs.f_flag & ST_NOATIME	 ? MS_NOATIME
		       : fs.f_flag & ST_RELATIME ? MS_RELATIME
						 : MS_STRICTATIME);
}

int mount_add_flags(int fd, unsigned long flags, const char *subject)
{
	unsigned long all = flags | mount_flags_of(fd) | atime_flags_of(fd, flags);
	char path[32];

	return SYS(mount(NULL, fd_path(fd, path, sizeof(path)), NULL, MS_REMOUNT | MS_BIND | all,
			 NULL),
		   subject);
}

int mount_read_only_below(int fd)
{
	struct attributes attributes = { .attr_set = READ_ONLY };

	if (SYS_MAY(mount_setattr_(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes),
		    "read-only, recursively", ENOSYS) < 0)
		return errno == ENOSYS ? 0 : -1;
	return 0;
}
