/*
 * mounts.c: one mount of config.json after the other, each inside the root whatever links the image
 * holds.
 */
#define _GNU_SOURCE
#include "mounts.h"
#include "cgroup_mount.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/dev.h"
#include "step02_mount_ns/mount_ns.h"
#include "step02_mount_ns/given/mount_in_root.h"
#include "step02_mount_ns/given/resolve.h"
#include "step07_volumes/given/mount_flags.h"
#include "step07_volumes/volumes.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

/* struct mount_attr of linux/mount.h, which does not get on with some versions of sys/mount.h. */
struct attributes {
	uint64_t set, clear, propagation, userns_fd;
};

/* Files of /proc that a view of the container's own may cover, as lxcfs does; runc's list. */
static bool may_cover(const char *destination)
{
	static const char *const files[] = { "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo",
					     "/proc/stat",    "/proc/swaps",	 "/proc/uptime",
					     "/proc/loadavg", "/proc/slabinfo",	 "/proc/net/dev" };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (strcmp(files[i], destination) == 0)
			return true;
	return false;
}

/* What lies over /proc, or over a file in it, tells every program inside what it likes to about
 * processes and their limits. Judged where the image's links lead. */
static int refuse_inside_proc(int root, const struct spec_mount *mount)
{
	char place[PATH_MAX];

	if (path_in_root(root, mount->destination, place) < 0)
		return -1;
	if (strncmp(place, "/proc", 5) != 0 || (place[5] && place[5] != '/') || may_cover(place))
		return 0;
	sys_failure_set(EINVAL, "mounts_make", mount->destination,
			"The place is /proc or inside it: what is mounted there would hide the "
			"processes of the container, or tell lies about them.",
			"Choose a destination outside /proc.");
	return -1;
}

/* What a piece has mounted in its own way gets the options that it does not know. has: the flags
 * that it has given. data: options of the file system; NULL or "": none. */
static int add_options(int root, const struct spec_mount *m, unsigned long has, const char *data)
{
	unsigned long more = m->flags & ~(has | MS_REC);
	char path[32];
	int result = 0, on = resolve_in_root(root, m->destination, O_PATH, 0);

	if (on < 0)
		return -1;
	if (data && *data)
		result = SYS(
			mount(NULL, fd_path(on, path, sizeof(path)), NULL, MS_REMOUNT | has, data),
			m->destination);
	if (result == 0 && more)
		result = mount_add_flags(on, more, m->destination);
	close_keeping_errno(on);
	return result;
}

/* Where a path of the bundle counts from. */
static int open_source(const char *bundle, const struct spec_mount *m)
{
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s", m->source[0] == '/' ? "" : bundle,
		 m->source[0] == '/' ? "" : "/", m->source);
	return SYS(open(path, O_PATH | O_CLOEXEC), path);
}

static int bind_one(int root, const char *bundle, const struct spec_mount *m)
{
	int source = open_source(bundle, m);

	if (source < 0)
		return -1;
	int result = volume_bind(root, m->destination, source, m->flags & ~(unsigned long)MS_BIND);
	close_keeping_errno(source);
	return result;
}

/* The specification's default devices, links, pts and shm belong to a fresh /dev. A remount of a
 * tmpfs takes a new size, and passes over a mode without a word. */
static int mount_dev(int root, const struct spec_mount *m)
{
	char rest[4096] = "", copy[4096] = "", *at = copy, *word;
	size_t n = 0;

	if (dev_mount(root) < 0)
		return -1;
	if (m->data)
		strncpy(copy, m->data, sizeof(copy) - 1);
	while ((word = strsep(&at, ",")) && *word) {
		char *end = word + 5;
		unsigned long mode = strncmp(word, "mode=", 5) == 0 ? strtoul(end, &end, 8) : 0;
		if (end == word + 5 || *end || mode > 07777) {
			n += (size_t)snprintf(rest + n, sizeof(rest) - n, "%s%s", n ? "," : "",
					      word);
			continue;
		}
		char path[32];
		int dev = resolve_in_root(root, m->destination, O_PATH | O_DIRECTORY, 0);
		int done = dev < 0 ? -1
				   : SYS(chmod(fd_path(dev, path, sizeof(path)), (mode_t)mode),
					 "/dev");
		close_keeping_errno(dev);
		if (done < 0)
			return -1;
	}
	return add_options(root, m, MS_NOSUID | MS_NOEXEC, rest);
}

/* "shared", "slave", ...; and "rro", "rnosuid", ..., which hold for all mounts below, too. */
static int change(int root, const struct spec_mount *m)
{
	struct attributes attributes = { .set = m->attributes_set, .clear = m->attributes_clear };
	char path[32];
	int result = 0;

	if (!m->propagation && !m->attributes_set && !m->attributes_clear)
		return 0;
	int on = resolve_in_root(root, m->destination, O_PATH, 0);
	if (on < 0)
		return -1;
	if (m->attributes_set || m->attributes_clear)
		result = (int)SYS(syscall(SYS_mount_setattr, on, "", AT_EMPTY_PATH | AT_RECURSIVE,
					  &attributes, sizeof(attributes)),
				  m->destination);
	if (result == 0 && m->propagation)
		result = SYS(
			mount(NULL, fd_path(on, path, sizeof(path)), NULL, m->propagation, NULL),
			m->destination);
	close_keeping_errno(on);
	return result;
}

static int mount_one(int root, const char *bundle, const struct spec_mount *m)
{
	unsigned long flags = m->flags & ~(unsigned long)MS_REC;

	if (strcmp(m->type, "proc") == 0 && !m->bind)
		return mount_own_proc(root, m->destination, flags, m->data);
	if (refuse_inside_proc(root, m) < 0)
		return -1;
	if (m->bind)
		return bind_one(root, bundle, m);
	if (strcmp(m->destination, "/dev") == 0 && strcmp(m->type, "tmpfs") == 0)
		return mount_dev(root, m);
	if (strcmp(m->type, "cgroup") == 0)
		return cgroup_mount(root, m);
	if (m->tmpcopyup) {
		sys_failure_set(ENOTSUP, "mounts", m->destination,
				"The option tmpcopyup is not acted on by this runtime yet.", NULL);
		return -1;
	}
	/* tmpfs, sysfs, devpts, mqueue and what else needs nothing but a name. */
	return mount_in_root(root, m->destination, m->source[0] ? m->source : m->type, m->type,
			     flags, m->data);
}

int mounts_make(int root, const char *bundle, const struct spec *spec)
{
	for (int i = 0; i < spec->mount_count; i++)
		if (mount_one(root, bundle, &spec->mounts[i]) < 0 ||
		    change(root, &spec->mounts[i]) < 0)
			return -1;
	return 0;
}

int mounts_root_read_only(void)
{
	int root = SYS(open("/", O_PATH | O_CLOEXEC), "/");

	if (root < 0)
		return -1;
	/* The remount repeats what the mount has: in a user namespace these flags are locked. */
	unsigned long has = mount_flags_of(root);
	close(root);
	return SYS(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | has, NULL), "/");
}

int mounts_root_propagation(const struct spec *spec)
{
	if (!spec->root_propagation)
		return 0;
	return SYS(mount(NULL, "/", NULL, spec->root_propagation, NULL), "linux.rootfsPropagation");
}
