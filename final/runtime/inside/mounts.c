/*
 * mounts.c: one mount of config.json after the other, each inside the root whatever links the image
 * holds.
 */
#define _GNU_SOURCE
#include "mounts.h"
#include "bind_sources.h"
#include "cgroup_mount.h"
#include "mount_attributes.h"
#include "new_mount.h"
#include "tmpfs_mount.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/mount_ns.h"
#include "step02_mount_ns/given/mount_in_root.h"
#include "step02_mount_ns/given/resolve.h"
#include "step07_volumes/given/mount_flags.h"
#include "step07_volumes/volumes.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PROC_ROOT_INO = 1, ATTR_RDONLY = 1 }; /* MOUNT_ATTR_RDONLY */

/* Files of /proc that a view of the container's own may cover, as lxcfs does; runc's list. */
static bool may_cover(const char *destination)
{
	static const char *const files[] = { "/proc/cpuinfo",
					     "/proc/diskstats",
					     "/proc/meminfo",
					     "/proc/stat",
					     "/proc/swaps",
					     "/proc/uptime",
					     "/proc/loadavg",
					     "/proc/slabinfo",
					     "/proc/net/dev",
					     "/proc/sys/kernel/ns_last_pid",
					     "/proc/sys/crypto/fips_enabled" };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (strcmp(files[i], destination) == 0)
			return true;
	return false;
}

/* "ro" is of the mount alone, "rro" of those below it, too; volume_bind() knows only the latter. Of
 * a /sys or /proc that is bound the host's groups are below, and they stay read-only with it. */
static bool is_read_only_alone(const struct spec_mount *m, int source)
{
	struct statfs fs;

	return (m->flags & MS_REC) && (m->flags & MS_RDONLY) && fstatfs(source, &fs) == 0 &&
	       fs.f_type != SYSFS_MAGIC && fs.f_type != PROC_SUPER_MAGIC;
}

/* "rbind,ro,rro" and nothing else is what volume_bind() does. */
static bool is_read_only_with_all(const struct spec_mount *m)
{
	return (m->flags & MS_REC) && (m->flags & MS_RDONLY) && !m->propagation &&
	       m->attributes_set == ATTR_RDONLY && !m->attributes_clear;
}

/* As volume_bind(), but what is said about the mount is said to its descriptor. */
static int bind_tree(int root, const struct spec_mount *m, int tree)
{
	unsigned long rest = m->flags & ~(unsigned long)(MS_BIND | MS_REC);
	bool all = (m->flags & MS_REC) && (rest & MS_RDONLY) && !is_read_only_alone(m, tree);
	int result = -1;

	if (new_mount_attach(tree, root, m->destination) == 0)
		result = rest ? mount_add_flags(tree, rest, m->destination) : 0;
	if (result == 0 && all)
		result = mount_read_only_below(tree);
	return result == 0 ? mount_attributes(tree, m) : -1;
}

static int bind_with_more(int root, const struct spec_mount *m, int source)
{
	int tree = new_bind(source, m->flags & MS_REC, m->destination);
	int result = tree < 0 ? -1 : bind_tree(root, m, tree);

	close_keeping_errno(tree);
	return result;
}

/* Is the source the root of a proc file system? Where a new one may not be mounted (rootless, in
 * the host's PID namespace) clients bind the host's. */
static bool is_proc(const struct spec_mount *m, const char *bundle)
{
	struct statfs fs;
	struct stat st;
	int fd = bind_source_open(m, bundle);
	bool is = fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC &&
		  fstat(fd, &st) == 0 && st.st_ino == PROC_ROOT_INO;

	close_keeping_errno(fd);
	return is;
}

/* What lies over /proc, or over a file in it, tells every program inside what it likes to about
 * processes and their limits. Judged where the image's links lead. */
static int refuse_inside_proc(int root, const struct spec_mount *m, const char *bundle)
{
	char place[PATH_MAX];

	if (path_in_root(root, m->destination, place) < 0)
		return -1;
	if (strncmp(place, "/proc", 5) != 0 || (place[5] && place[5] != '/') || may_cover(place))
		return 0;
	if (!place[5] && m->bind && strcmp(m->destination, "/proc") == 0 && is_proc(m, bundle))
		return 0;
	sys_failure_set(EINVAL, "mounts_make", m->destination,
			"The place is /proc or inside it: what is mounted there would hide the "
			"processes of the container, or tell lies about them.",
			"Choose a destination outside /proc.");
	return -1;
}

/* An image whose /proc is a link would have the file system of processes elsewhere, and its own
 * files where the masked and read-only paths are looked for (CVE-2019-16884, CVE-2023-27561). */
static int refuse_links(int root, const struct spec_mount *mount)
{
	char place[PATH_MAX];

	if (path_in_root(root, mount->destination, place) < 0)
		return -1;
	if (strcmp(place, mount->destination) == 0)
		return 0;
	sys_failure_set(ELOOP, "mounts_make", mount->destination,
			"It must be mounted on ordinary directory, and the image has a symbolic "
			"link on the way to this place.",
			"Make it a directory in the image.");
	return -1;
}

/* copy: the runtime's, of a source that is out of reach for root in here, or that stays a peer; or
 * -1. */
static int bind_one(int root, const struct spec_mount *m, const char *bundle, int copy)
{
	if (copy >= 0 && (m->propagation & MS_SHARED))
		return bind_tree(root, m, copy);
	int source = bind_source_open(m, bundle);
	if (source < 0 && errno == EACCES && copy >= 0) {
		sys_failure_clear();
		return bind_tree(root, m, copy);
	}
	if (source < 0)
		return -1;
	bool by_step = is_read_only_with_all(m) ||
		       (!mount_has_attributes(m) && !is_read_only_alone(m, source));
	int result = by_step ? volume_bind(root, m->destination, source,
					   m->flags & ~(unsigned long)MS_BIND)
			     : bind_with_more(root, m, source);
	close_keeping_errno(source);
	return result;
}

/* sysfs, devpts, mqueue and what else needs nothing but a name. */
static int mount_other(int root, const struct spec_mount *m)
{
	unsigned long flags = m->flags & ~(unsigned long)MS_REC;
	const char *source = m->source[0] ? m->source : m->type;

	if (!mount_has_attributes(m))
		return mount_in_root(root, m->destination, source, m->type, flags, m->data);
	int mount = new_mount(m->type, source, flags, m->data, m->destination);
	int result = mount < 0 ? -1 : new_mount_attach(mount, root, m->destination);
	if (result == 0)
		result = mount_attributes(mount, m);
	close_keeping_errno(mount);
	return result;
}

static bool is_kernels(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 &&
	       (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == CGROUP_SUPER_MAGIC ||
		fs.f_type == CGROUP2_SUPER_MAGIC || fs.f_type == TMPFS_MAGIC);
}

/* proc, and the groups of several hierarchies: made by calls that take a place. What is found there
 * afterwards must be such a file system, not a directory of the host's that another mount of
 * config.json has bound, and a raced link leads to. */
static int finish_by_place(int root, const struct spec_mount *m)
{
	if (!mount_has_attributes(m))
		return 0;
	int on = resolve_in_root(root, m->destination, O_PATH, 0);
	int result = on >= 0 && is_kernels(on) ? mount_attributes(on, m) : -1;
	if (result < 0 && !sys_failure()->err)
		sys_failure_set(EXDEV, "openat2", m->destination,
				"What was mounted there a moment ago is not there any more.",
				"Give each container a root file system of its own.");
	close_keeping_errno(on);
	return result;
}

static int make_one(int root, const struct spec *spec, const struct spec_mount *m,
		    const char *bundle, int copy)
{
	bool proc = strcmp(m->type, "proc") == 0 && !m->bind;

	if ((proc || (strcmp(m->type, "sysfs") == 0 && !m->bind)) && refuse_links(root, m) < 0)
		return -1;
	if (proc &&
	    mount_own_proc(root, m->destination, m->flags & ~(unsigned long)MS_REC, m->data) < 0)
		return -1;
	if (proc)
		return finish_by_place(root, m);
	if (refuse_inside_proc(root, m, bundle) < 0)
		return -1;
	if (m->bind)
		return bind_one(root, m, bundle, copy);
	if (strcmp(m->type, "tmpfs") == 0)
		return tmpfs_mount(root, m);
	if (strcmp(m->type, "cgroup") != 0)
		return mount_other(root, m);
	if (cgroup_mount(root, m, (spec->namespaces & CLONE_NEWCGROUP) || spec->join[NS_CGROUP]) <
	    0)
		return -1;
	return finish_by_place(root, m);
}

int mounts_make(int root, const struct spec *spec, const char *bundle,
		const struct bind_sources *sources)
{
	for (int i = 0; i < spec->mount_count; i++)
		if (make_one(root, spec, &spec->mounts[i], bundle, bind_sources_tree(sources, i)) <
		    0)
			return -1;
	return 0;
}

int mounts_leave_host(const struct spec *spec)
{
	if (!(spec->root_propagation & MS_SLAVE))
		return mount_private();
	return SYS(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "/");
}

int mounts_root_propagation(const struct spec *spec)
{
	if (!spec->root_propagation)
		return 0;
	return SYS(mount(NULL, "/", NULL, spec->root_propagation, NULL), "/");
}

int mounts_unbindable(const struct spec *spec)
{
	for (int i = 0; i < spec->mount_count; i++) {
		const struct spec_mount *m = &spec->mounts[i];
		if ((m->propagation & MS_UNBINDABLE) &&
		    SYS(mount(NULL, m->destination, NULL, m->propagation, NULL), m->destination) <
			    0)
			return -1;
	}
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
