/*
 * mounts.c: one mount of config.json after the other, each inside the root whatever links the image
 * holds.
 */
#define _GNU_SOURCE
#include "mounts.h"

#include "step01_clone_pid/floor/sys.h"
#include "step02_mount_ns/dev.h"
#include "step02_mount_ns/mount_ns.h"
#include "step02_mount_ns/resolve.h"
#include "step03_uts_ipc/uts_ipc.h"
#include "step07_volumes/volumes.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

enum { BIND_FLAGS = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC };

static int bind_one(int root, const struct spec_mount *mount)
{
	int source = SYS(open(mount->source, O_PATH | O_CLOEXEC), mount->source);

	if (source < 0)
		return -1;
	int result = volume_bind(root, mount->destination, source, mount->flags & BIND_FLAGS);
	int saved = errno;
	close(source);
	errno = saved;
	return result;
}

/* tmpfs, sysfs, devpts and what else needs nothing but a name. */
static int mount_plain(int root, const struct spec_mount *m)
{
	char path[32];
	unsigned long flags = m->flags & ~(unsigned long)(MS_BIND | MS_REC | MS_PRIVATE | MS_SLAVE |
							  MS_SHARED);
	int target = make_dir_in_root(root, m->destination, 0755);

	if (target < 0)
		return -1;
	int result = SYS(mount(m->source[0] ? m->source : m->type,
			       fd_path(target, path, sizeof(path)), m->type, flags, m->data),
			 m->destination);
	int saved = errno;
	close(target);
	errno = saved;
	return result;
}

static int make_one(int root, const struct spec_mount *mount)
{
	if (mount->bind)
		return bind_one(root, mount);
	if (strcmp(mount->type, "proc") == 0)
		return mount_own_proc(root, mount->destination);
	if (strcmp(mount->type, "mqueue") == 0)
		return mqueue_mount(root, mount->destination);
	/* The specification's default devices, links, pts and shm belong to a fresh /dev. */
	if (strcmp(mount->destination, "/dev") == 0 && strcmp(mount->type, "tmpfs") == 0)
		return dev_mount(root);
	return mount_plain(root, mount);
}

int mounts_make(int root, const struct spec *spec)
{
	for (int i = 0; i < spec->mount_count; i++)
		if (make_one(root, &spec->mounts[i]) < 0)
			return -1;
	return 0;
}
