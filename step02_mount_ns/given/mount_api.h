/*
 * mount_api.h: the system calls that take mounts by descriptor, under the names of their man pages
 * (given). glibc declares them since 2.36; other C libraries, and older ones, do not.
 *
 * Source: open_tree(2), move_mount(2), fsopen(2), fsconfig(2), fsmount(2). Linux 5.2 and later.
 */
#pragma once

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 36)
#define LIBC_HAS_MOUNT_API
#endif
#endif

#ifndef LIBC_HAS_MOUNT_API
#include <linux/mount.h>

static inline int open_tree(int dir, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, dir, path, flags);
}

static inline int move_mount(int from, const char *from_path, int to, const char *to_path,
			     unsigned flags)
{
	return (int)syscall(SYS_move_mount, from, from_path, to, to_path, flags);
}

static inline int fsopen(const char *name, unsigned flags)
{
	return (int)syscall(SYS_fsopen, name, flags);
}

static inline int fsconfig(int fd, unsigned command, const char *key, const void *value, int aux)
{
	return (int)syscall(SYS_fsconfig, fd, command, key, value, aux);
}

static inline int fsmount(int fd, unsigned flags, unsigned attributes)
{
	return (int)syscall(SYS_fsmount, fd, flags, attributes);
}
#endif

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
