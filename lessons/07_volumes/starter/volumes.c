/*
 * volumes.c: lab 7, a directory of the host, seen inside a container.
 * kit: 1
 *
 * minibox-labs kit 1. The task is the header, step07_volumes/volumes.h: each function does what its
 * comment there says. lessons/07_volumes/lab.md says what to do first. Replace one NOT_YET() after
 * the other; each function is graded alone.
 *
 * Useful, and given:
 *	step02_mount_ns/given/resolve.h          paths inside a root, fd_path()
 *	step02_mount_ns/given/mount_api.h        open_tree(2), move_mount(2) by their names
 *	step07_volumes/given/mount_flags.h       flags of a mount that is there
 *	step07_volumes/given/bind_by_path.h      the bind by mount(2)
 *	step01_clone_pid/floor/call/sys.h        SYS(), sys_failure(), sys_failure_set()
 *	step01_clone_pid/floor/meet/keep_errno.h close_keeping_errno()
 */
#define _GNU_SOURCE
#include "step07_volumes/volumes.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/mount_api.h"
#include "step02_mount_ns/given/resolve.h"
#include "step07_volumes/given/bind_by_path.h"
#include "step07_volumes/given/mount_flags.h"

/* Part 1. */
int volume_target(int root, const char *destination, bool directory)
{
	return NOT_YET(root, destination, directory);
}

/* Part 2. */
int volume_bind(int root, const char *destination, int source, unsigned long flags)
{
	return NOT_YET(root, destination, source, flags);
}
