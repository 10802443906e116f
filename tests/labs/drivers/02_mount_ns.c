/*
 * 02_mount_ns.c: the calls of lab 2.
 */
#define _GNU_SOURCE
#include "tests/labs/lib/driver.h"
#include "step02_mount_ns/mount_ns.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static void tmpfs(const char *on)
{
	make_dirs(on);
	if (mount("lab", on, "tmpfs", 0, NULL) < 0)
		cannot(on);
}

static int dir(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		cannot(path);
	return fd;
}

/* mount_private DIR: every mount is shared, one of them on DIR. */
static int play_mount_private(char **a)
{
	tmpfs(a[0]);
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		cannot("shared mounts");
	neighbour(0); /* keeps this mount namespace, with the peers of what is copied next */
	fresh(CLONE_NEWNS);
	return TRY(mount_private());
}

/* mount_private.refused: the same, for a caller without rights. */
static int play_mount_private_refused(char **a)
{
	(void)a;
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		cannot("shared mounts");
	fresh(CLONE_NEWNS);
	drop_capabilities();
	return TRY(mount_private());
}

/* mount_own_proc ROOT PATH FLAGS DATA [LINK TARGET]: LINK inside ROOT leads to TARGET. */
static int play_mount_own_proc(char **a)
{
	char link[4096];
	int root;

	fresh(CLONE_NEWNS | CLONE_NEWPID);
	tmpfs(a[0]);
	if (a[4]) {
		snprintf(link, sizeof(link), "%s%s", a[0], a[4]);
		if (symlink(a[5], link) < 0)
			cannot(link);
	}
	root = dir(a[0]);
	return TRY(mount_own_proc(root, a[1], strtoul(a[2], NULL, 0), *a[3] ? a[3] : NULL));
}

/* mount_own_proc.here ROOT PATH FLAGS: AT_FDCWD, which is /, while the caller is elsewhere; the
 * directory ROOT/PATH is there. */
static int play_mount_own_proc_here(char **a)
{
	char path[4096];

	fresh(CLONE_NEWNS | CLONE_NEWPID);
	tmpfs(a[0]);
	snprintf(path, sizeof(path), "%s%s", a[0], a[1]);
	make_dirs(path);
	return TRY(mount_own_proc(AT_FDCWD, path, strtoul(a[2], NULL, 0), NULL));
}

/* pivot_into ROOT INSIDE NONCE: ROOT is a directory, not a mount point; INSIDE, in it, is one. */
static int play_pivot_into(char **a)
{
	char path[4096];
	int root;

	fresh(CLONE_NEWNS);
	snprintf(path, sizeof(path), "%s%s", a[0], a[1]);
	tmpfs(path);
	snprintf(path, sizeof(path), "%s/nonce", a[0]);
	make_file(path, a[2]);
	snprintf(path, sizeof(path), "%s%s/nonce", a[0], a[1]);
	make_file(path, a[2]);
	root = dir(a[0]);
	neighbour(0); /* in the same mount namespace, with the old root */
	if (a[3])     /* the root's parent is covered: no path leads to it */
		tmpfs(a[3]);
	return TRY(pivot_into(root));
}

/* pivot_into.shared ROOT: the mount that holds ROOT is shared, which pivot_root(2) refuses. */
static int play_pivot_shared(char **a)
{
	int root;

	fresh(CLONE_NEWNS);
	make_dirs(a[0]);
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		cannot("shared mounts");
	root = dir(a[0]);
	return TRY(pivot_into(root));
}

/* pivot_into.file PATH: PATH is a file. */
static int play_pivot_file(char **a)
{
	fresh(CLONE_NEWNS);
	make_file(a[0], "");
	int file = open(a[0], O_PATH | O_CLOEXEC);
	return TRY(pivot_into(file));
}

static int ns(pid_t pid, const char *name)
{
	char path[64];

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	else
		snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		cannot(path);
	return fd;
}

/* join_namespaces NAME...: those of a process in a user namespace of its own. The caller has no rights
 * over the others before it has entered that one. */
static int play_join(char **a)
{
	pid_t other = neighbour(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
				CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWCGROUP);
	int fds[8], count = 0;

	while (a[count]) {
		fds[count] = ns(other, a[count]);
		count++;
	}
	drop_capabilities();
	return TRY(join_namespaces(fds, count));
}

/* join_namespaces.mixed: the user and the mount namespace of one process, and a network namespace
 * that belongs to the caller's user namespace, in the order of the arguments. */
static int play_join_mixed(char **a)
{
	int fds[8], count = 0;

	fresh(CLONE_NEWUSER | CLONE_NEWNS);
	pid_t ours = neighbour(CLONE_NEWNET);
	pid_t other = neighbour(CLONE_NEWUSER | CLONE_NEWNS);
	for (; a[count]; count++)
		fds[count] = ns(strcmp(a[count], "net") == 0 ? ours : other, a[count]);
	return TRY(join_namespaces(fds, count));
}

/* join_namespaces.own: namespaces that the caller is in already, and has no rights over. */
static int play_join_own(char **a)
{
	int fds[16], count = 0;

	for (; a[count]; count++)
		fds[count] = ns(0, a[count]);
	drop_capabilities();
	return TRY(join_namespaces(fds, count));
}

/* join_namespaces.covered: a mount namespace in which /proc is empty, and after it the user
 * namespace that the caller is in. */
static int play_join_covered(char **a)
{
	int fds[2];

	(void)a;
	fresh(CLONE_NEWNS);
	fds[0] = ns(0, "mnt");
	fds[1] = ns(0, "user");
	tmpfs("/proc");
	neighbour(0);
	if (unshare(CLONE_NEWNS) < 0 || umount2("/proc", 0) < 0)
		cannot("another mount namespace");
	return TRY(join_namespaces(fds, 2));
}

/* join_namespaces.refused: a network namespace that belongs to the user namespace above. */
static int play_join_refused(char **a)
{
	int above = ns(0, "net");

	(void)a;
	fresh(CLONE_NEWUSER | CLONE_NEWNET);
	return TRY(join_namespaces(&above, 1));
}

/* join_namespaces.back: the caller's own PID namespace, while its next child would be born in another
 * one. */
static int play_join_back(char **a)
{
	int own;

	(void)a;
	fresh(CLONE_NEWPID); /* one over which the caller has rights */
	own = ns(0, "pid");
	if (unshare(CLONE_NEWPID) < 0)
		cannot("unshare");
	neighbour(0); /* until its first process is made a PID namespace cannot be read */
	return TRY(join_namespaces(&own, 1));
}

/* join_namespaces.bad: the second descriptor is no namespace. */
static int play_join_bad(char **a)
{
	int fds[2] = { ns(neighbour(CLONE_NEWUTS), "uts"), open("/", O_PATH | O_CLOEXEC) };

	(void)a;
	return TRY(join_namespaces(fds, 2));
}

const struct lab_call lab_calls[] = {
	{ "mount_private", play_mount_private, "mount_private(), where all mounts are shared" },
	{ "mount_private.refused", play_mount_private_refused,
	  "mount_private(), by a caller without capabilities" },
	{ "mount_own_proc", play_mount_own_proc,
	  "mount_own_proc(root, path, flags, data); root is $1, path $2, flags $m3[, data $4][; in "
	  "root the link $5 leads to $6]" },
	{ "mount_own_proc.here", play_mount_own_proc_here,
	  "mount_own_proc(AT_FDCWD, path, flags, NULL); path is $1$2, a directory, flags $m3" },
	{ "pivot_into", play_pivot_into,
	  "pivot_into(root); root is $1, with a mount on $2 in it[; $4 is covered by another "
	  "mount]" },
	{ "pivot_into.shared", play_pivot_shared,
	  "pivot_into(root); root is $1, on a mount that is shared" },
	{ "pivot_into.file", play_pivot_file, "pivot_into(root); root is $1, a file" },
	{ "join_namespaces", play_join,
	  "join_namespaces(fds, count); fds are $* of a process that has a user namespace of its "
	  "own" },
	{ "join_namespaces.mixed", play_join_mixed,
	  "join_namespaces(fds, count); fds are $*: net belongs to the caller's user namespace, "
	  "the others are of a process that has a user namespace of its own" },
	{ "join_namespaces.own", play_join_own,
	  "join_namespaces(fds, count); fds are the caller's own $*" },
	{ "join_namespaces.covered", play_join_covered,
	  "join_namespaces(fds, 2); fds are a mount namespace in which /proc is empty, and the "
	  "caller's own user namespace" },
	{ "join_namespaces.refused", play_join_refused,
	  "join_namespaces(fds, 1); fds is a network namespace of the user namespace above" },
	{ "join_namespaces.back", play_join_back,
	  "join_namespaces(fds, 1); the caller's own PID namespace, after unshare(CLONE_NEWPID)" },
	{ "join_namespaces.bad", play_join_bad,
	  "join_namespaces(fds, 2); fds are the uts of another process, and a descriptor of /" },
	{ 0 },
};
