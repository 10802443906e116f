/*
 * new_mount.c: fsopen, fsconfig, fsmount, open_tree; then move_mount.
 */
#define _GNU_SOURCE
#include "new_mount.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/mount_api.h"
#include "step07_volumes/volumes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MS_NO_SYMFOLLOW = 256 }; /* Linux 5.10; not in every C library */

/* Of the mount: MOUNT_ATTR_*, by their numbers in linux/mount.h. */
static unsigned attributes_of(unsigned long flags)
{
	static const struct {
		unsigned long flag;
		unsigned attribute;
	} rows[] = { { MS_RDONLY, 0x1 }, { MS_NOSUID, 0x2 },	  { MS_NODEV, 0x4 },
		     { MS_NOEXEC, 0x8 }, { MS_NODIRATIME, 0x80 }, { MS_NO_SYMFOLLOW, 0x200000 } };
	unsigned attributes = flags & MS_NOATIME ? 0x10 : flags & MS_STRICTATIME ? 0x20 : 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (flags & rows[i].flag)
			attributes |= rows[i].attribute;
	return attributes;
}

/* Of the file system, wherever it is mounted. */
static int set_flags(int made, unsigned long flags, const char *destination)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} rows[] = { { MS_RDONLY, "ro" },
		     { MS_SYNCHRONOUS, "sync" },
		     { MS_DIRSYNC, "dirsync" },
		     { MS_LAZYTIME, "lazytime" },
		     { MS_MANDLOCK, "mand" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if ((flags & rows[i].flag) &&
		    SYS(fsconfig(made, FSCONFIG_SET_FLAG, rows[i].name, NULL, 0), destination) < 0)
			return -1;
	return 0;
}

static int set_one(int made, const char *name, const char *value, const char *destination)
{
	char cause[200];

	if (fsconfig(made, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, name, value, 0) == 0)
		return 0;
	int err = errno;
	snprintf(cause, sizeof(cause), "The file system does not take the option %.60s%s%.60s.",
		 name, value ? "=" : "", value ? value : "");
	sys_failure_set(err, "fsconfig", destination, cause, NULL);
	errno = err;
	return -1;
}

/* "size=64k,mode=755": one call each. */
static int set_data(int made, const char *data, const char *destination)
{
	char *copy = data ? strdup(data) : NULL, *rest = copy, *word;
	int result = data && !copy ? -1 : 0;

	while (result == 0 && rest && (word = strsep(&rest, ","))) {
		char *value = strchr(word, '=');
		if (!*word)
			continue;
		if (value)
			*value++ = '\0';
		result = set_one(made, word, value, destination);
	}
	free_keeping_errno(copy);
	return result;
}

int new_mount(const char *type, const char *source, unsigned long flags, const char *data,
	      const char *destination)
{
	int mount = -1, made = SYS(fsopen(type, FSOPEN_CLOEXEC), destination);

	if (made >= 0 &&
	    SYS(fsconfig(made, FSCONFIG_SET_STRING, "source", source, 0), destination) == 0 &&
	    set_flags(made, flags, destination) == 0 && set_data(made, data, destination) == 0 &&
	    SYS(fsconfig(made, FSCONFIG_CMD_CREATE, NULL, NULL, 0), destination) == 0)
		mount = SYS(fsmount(made, FSMOUNT_CLOEXEC, attributes_of(flags)), destination);
	close_keeping_errno(made);
	return mount;
}

int new_bind(int source, bool below, const char *destination)
{
	unsigned flags = AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;

	return SYS(open_tree(source, "", flags | (below ? AT_RECURSIVE : 0)), destination);
}

int new_mount_attach(int mount, int root, const char *destination)
{
	struct stat st;

	if (SYS(fstat(mount, &st), destination) < 0)
		return -1;
	int on = volume_target(root, destination, S_ISDIR(st.st_mode));
	if (on < 0)
		return -1;
	int result = SYS(
		move_mount(mount, "", on, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
		destination);
	close_keeping_errno(on);
	return result;
}
