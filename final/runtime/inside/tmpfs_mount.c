/*
 * tmpfs_mount.c: a tmpfs of config.json, with what is to be in it and the mode of its place.
 */
#define _GNU_SOURCE
#include "tmpfs_mount.h"
#include "copy_up.h"
#include "mount_attributes.h"
#include "new_mount.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/resolve.h"
#include "step07_volumes/given/mount_flags.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static bool says_mode(const struct spec_mount *m)
{
	return m->data && (strncmp(m->data, "mode=", 5) == 0 || strstr(m->data, ",mode="));
}

/* The mount's own options, and where they say no mode that of the directory it covers: who could
 * not write to the image's /run cannot write to the container's. What is not there yet gets the
 * kernel's, 1777. Ours to free(3). */
static char *data_with_mode(int root, const struct spec_mount *m)
{
	const char *own = m->data ? m->data : "";
	struct stat st;
	char *data = NULL;
	int place = says_mode(m) ? -1
				 : resolve_in_root(root, m->destination, O_PATH | O_DIRECTORY, 0);

	if (place < 0)
		sys_failure_clear();
	if (place < 0 || fstat(place, &st) < 0)
		data = strdup(own);
	else if (asprintf(&data, "%s%smode=%o", own, *own ? "," : "",
			  (unsigned)st.st_mode & 07777) < 0)
		data = NULL;
	close_keeping_errno(place);
	return data;
}

/* What is to be in it first is made while it can be written: the copy here, /dev's nodes by
 * devices_make(), which makes it read-only too. The copy is made before the mount has its place. */
int tmpfs_mount(int root, const struct spec_mount *m)
{
	unsigned long flags = m->flags & ~(unsigned long)(MS_REC | MS_RDONLY);
	bool dev = strcmp(m->destination, "/dev") == 0, copy = m->tmpcopyup;
	int from = -1, to = -1, top = -1, result = -1;
	char *data = NULL;

	if (!dev && !copy)
		flags |= m->flags & MS_RDONLY;
	if (copy && (from = make_dir_in_root(root, m->destination, 0755)) < 0)
		return -1;
	if (!(data = data_with_mode(root, m)) ||
	    (to = new_mount("tmpfs", m->source[0] ? m->source : "tmpfs", flags, data,
			    m->destination)) < 0)
		goto out;
	if (copy &&
	    (top = SYS(openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), m->destination)) < 0)
		goto out;
	result = copy ? copy_up(from, top, !says_mode(m)) : 0;
	if (result == 0)
		result = new_mount_attach(to, root, m->destination);
	if (result == 0 && copy && !dev && (m->flags & MS_RDONLY))
		result = mount_add_flags(to, MS_RDONLY, m->destination);
	if (result == 0 && mount_has_attributes(m))
		result = mount_attributes(to, m);
out:
	free_keeping_errno(data);
	close_keeping_errno(from);
	close_keeping_errno(top);
	close_keeping_errno(to);
	return result;
}
