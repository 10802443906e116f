/*
 * devices.c: nodes of the container's /dev, by mknod(2), or where that is refused by a bind.
 */
#define _GNU_SOURCE
#include "devices.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/resolve.h"
#include "step07_volumes/given/mount_flags.h"
#include "step07_volumes/volumes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* What config.json has mounted at /dev; NULL: it is a directory of the image. */
static const struct spec_mount *mount_at_dev(const struct spec *spec)
{
	const struct spec_mount *found = NULL;

	for (int i = 0; i < spec->mount_count; i++)
		if (strcmp(spec->mounts[i].destination, "/dev") == 0)
			found = &spec->mounts[i];
	return found;
}

static bool is_it(const struct stat *st, const struct spec_device *device)
{
	if ((st->st_mode & S_IFMT) != device->type)
		return false;
	return device->type == S_IFIFO || st->st_rdev == makedev(device->major, device->minor);
}

/* The umask is not asked, and the path of a node that is ours already is not walked again. */
static int set_owner_and_mode(int node, const struct spec_device *device)
{
	char path[32];

	if (SYS(fchownat(node, "", device->uid, device->gid, AT_EMPTY_PATH), device->path) < 0)
		return -1;
	return SYS(chmod(fd_path(node, path, sizeof(path)), device->mode & 07777), device->path);
}

/* It is the host's node itself that shows there: its mode and owner are the host's. */
static int bind_host_node(int root, const struct spec_device *device)
{
	struct stat st;
	int result = -1, source = open(device->path, O_PATH | O_CLOEXEC);

	if (source < 0 || fstat(source, &st) < 0 || !is_it(&st, device))
		sys_failure_set(EPERM, "mknodat", device->path,
				"This user may not make devices, and the host has no such device "
				"at that path that could be bound.",
				"Leave the device out, or start the container as root.");
	else
		result = volume_bind(root, device->path, source, 0);
	close_keeping_errno(source);
	return result;
}

/* Something is there: this device, of an earlier mount or of the image, or the way is blocked.
 * It is not ours, so its mode stays. A link is never followed. node: its descriptor, or with a
 * name the directory that it is in. */
static int judge_what_is_there(int node, const char *name, const struct spec_device *device)
{
	int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);
	struct stat st = { 0 };

	if (SYS(fstatat(node, name, &st, flags), device->path) < 0)
		return -1;
	if (is_it(&st, device))
		return 0;
	sys_failure_set(EEXIST, "mknodat", device->path,
			S_ISLNK(st.st_mode)
				? "A symbolic link is in the way of the device."
				: "A file of another kind, or another device, is in the way.",
			"Mount a tmpfs at /dev, or remove the file from the image.");
	return -1;
}

static int make_node(int root, int parent, const char *name, const struct spec_device *device)
{
	dev_t number = makedev(device->major, device->minor);
	int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;

	if (SYS_MAY(mknodat(parent, name, device->type | 0600, number), device->path, EPERM) < 0) {
		if (errno == EPERM)
			return bind_host_node(root, device);
		return -1;
	}
	int node = SYS(openat(parent, name, flags), device->path);
	/* By the descriptor: another process may have put a file of its own at the name. */
	int result = node < 0 ? -1 : judge_what_is_there(node, "", device);
	if (result == 0)
		result = set_owner_and_mode(node, device);
	close_keeping_errno(node);
	return result;
}

/* bound: /dev is the host's (a bind, or devtmpfs), in which nothing is made. */
static int make_device(int root, const struct spec_device *device, bool bound)
{
	const char *slash = strrchr(device->path, '/');
	struct stat st;
	char *above = slash ? strndup(device->path, (size_t)(slash - device->path)) : NULL;
	int result = -1, parent = above ? make_dir_in_root(root, above, 0755) : -1;

	if (parent >= 0 && fstatat(parent, slash + 1, &st, AT_SYMLINK_NOFOLLOW) == 0)
		result = judge_what_is_there(parent, slash + 1, device);
	else if (parent >= 0 && bound && strncmp(device->path, "/dev/", 5) == 0)
		sys_failure_set(
			EPERM, "mknodat", device->path,
			"/dev is no tmpfs of the container's own but the host's, which has no "
			"such device; nothing is made there.",
			"Leave the device out, or mount a tmpfs at /dev.");
	else if (parent >= 0)
		result = make_node(root, parent, slash + 1, device);
	free_keeping_errno(above);
	close_keeping_errno(parent);
	return result;
}

static int make_default_devices(int root)
{
	static const struct spec_device devices[] = {
#define NODE(path_, major_, minor_)                                                                \
	{ .path = path_, .type = S_IFCHR, .major = major_, .minor = minor_, .mode = 0666 }
		NODE("/dev/null", 1, 3),   NODE("/dev/zero", 1, 5),    NODE("/dev/full", 1, 7),
		NODE("/dev/random", 1, 8), NODE("/dev/urandom", 1, 9), NODE("/dev/tty", 5, 0),
	};

	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		if (make_device(root, &devices[i], false) < 0)
			return -1;
	return 0;
}

/* What a mount of config.json has put at such a name stays. */
static int make_links(int dev)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" },	 { "/proc/self/fd/0", "stdin" },
		{ "/proc/self/fd/1", "stdout" }, { "/proc/self/fd/2", "stderr" },
		{ "pts/ptmx", "ptmx" },
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (SYS_MAY(symlinkat(links[i][0], dev, links[i][1]), links[i][1], EEXIST) < 0 &&
		    errno != EEXIST)
			return -1;
	return 0;
}

/* The place that console_take() binds the terminal on: a /dev that is to be read-only takes no
 * file later. */
static int make_console(int dev)
{
	int fd = SYS_MAY(openat(dev, "console", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
			 "/dev/console", EEXIST);

	if (fd < 0 && errno != EEXIST)
		return -1;
	close_keeping_errno(fd);
	return 0;
}

int devices_make(int root, const struct spec *spec)
{
	const struct spec_mount *m = mount_at_dev(spec);
	bool own = m && !m->bind && strcmp(m->type, "tmpfs") == 0;

	/* The asked ones first: their mode and owner count, and not those of the default. */
	for (int i = 0; i < spec->device_count; i++)
		if (make_device(root, &spec->devices[i], m && !own) < 0)
			return -1;
	if (!own)
		return 0;
	if (make_default_devices(root) < 0)
		return -1;
	int dev = resolve_in_root(root, "/dev", O_PATH | O_DIRECTORY, 0);
	int result = dev < 0 ? -1 : make_links(dev);
	if (result == 0 && spec->process.terminal)
		result = make_console(dev);
	/* mounts_make() has left it writable, for us. */
	if (result == 0 && (m->flags & MS_RDONLY))
		result = mount_add_flags(dev, MS_RDONLY, m->destination);
	close_keeping_errno(dev);
	return result;
}
