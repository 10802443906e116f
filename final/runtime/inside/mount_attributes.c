/*
 * mount_attributes.c: recursive attributes and propagation, both by the mount's descriptor.
 */
#define _GNU_SOURCE
#include "mount_attributes.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/mount_api.h"
#include "step02_mount_ns/given/resolve.h"

#include <stdint.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

enum { ATTR_RDONLY = 1, ATTR_ATIME = 0x70 }; /* MOUNT_ATTR_RDONLY, MOUNT_ATTR__ATIME */

/* struct mount_attr of linux/mount.h, which does not get on with some versions of sys/mount.h. */
struct attributes {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};

static int mount_setattr_(int fd, unsigned flags, const struct attributes *attributes)
{
	return (int)syscall(SYS_mount_setattr, fd, "", flags | AT_EMPTY_PATH, attributes,
			    sizeof(*attributes));
}

int mount_tree_read_only(int tree, const char *subject)
{
	struct attributes attributes = { .attr_set = ATTR_RDONLY };

	return SYS(mount_setattr_(tree, AT_RECURSIVE, &attributes), subject);
}

int mount_tree_propagation(int tree, unsigned long propagation)
{
	struct attributes attributes = { .propagation = propagation };

	return mount_setattr_(tree, AT_RECURSIVE, &attributes);
}

bool mount_has_attributes(const struct spec_mount *m)
{
	return m->propagation || m->attributes_set || m->attributes_clear;
}

int mount_attributes(int on, const struct spec_mount *m)
{
	struct attributes attributes = { .attr_set = m->attributes_set,
					 .attr_clr = m->attributes_clear };
	char path[32];

	/* Access times are one field of several bits: a new value needs the old one cleared. */
	if ((m->attributes_set | m->attributes_clear) & ATTR_ATIME)
		attributes.attr_clr |= ATTR_ATIME;
	if ((m->attributes_set || m->attributes_clear) &&
	    SYS(mount_setattr_(on, AT_RECURSIVE, &attributes), m->destination) < 0)
		return -1;
	/* mounts_unbindable() does that: pivot_into() binds the root with all that is below it. */
	if (!m->propagation || (m->propagation & MS_UNBINDABLE))
		return 0;
	return SYS(mount(NULL, fd_path(on, path, sizeof(path)), NULL, m->propagation, NULL),
		   m->destination);
}
