/*
 * mount_flags.c: statvfs's names for a mount's flags into mount's, and mount_setattr(2).
 */
#define _GNU_SOURCE
#include "mount_flags.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

enum { READ_ONLY = 1 }; /* MOUNT_ATTR_RDONLY */

/* struct mount_attr of linux/mount.h, which does not get on with some versions of sys/mount.h. */
struct attributes {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};

static int mount_setattr_(int fd, const char *path, unsigned flags,
			  const struct attributes *attributes)
{
	return (int)syscall(SYS_mount_setattr, fd, path, flags, attributes, sizeof(*attributes));
}

unsigned long mount_flags_of(int fd)
{
	static const struct {
		unsigned long have, want;
	} names[] = { { ST_RDONLY, MS_RDONLY },	   { ST_NOSUID, MS_NOSUID },
		      { ST_NODEV, MS_NODEV },	   { ST_NOEXEC, MS_NOEXEC },
		      { ST_NOATIME, MS_NOATIME },  { ST_NODIRATIME, MS_NODIRATIME },
		      { ST_RELATIME, MS_RELATIME } };
	struct statvfs fs;
	unsigned long flags = 0;

	if (fstatvfs(fd, &fs) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (fs.f_flag & names[i].have)
			flags |= names[i].want;
	return flags;
}

int mount_read_only_below(int fd)
{
	struct attributes attributes = { .attr_set = READ_ONLY };

	if (SYS_MAY(mount_setattr_(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes),
		    "read-only, recursively", ENOSYS) < 0)
		return errno == ENOSYS ? 0 : -1;
	return 0;
}
