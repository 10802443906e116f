/*
 * bind_sources.c: sources of bind mounts, opened by the container's process or copied by the
 * runtime.
 */
#define _GNU_SOURCE
#include "bind_sources.h"
#include "mount_attributes.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/mount_api.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

static char *path_of(const struct spec_mount *m, const char *bundle)
{
	bool absolute = m->source[0] == '/';
	char *path = NULL;

	if (asprintf(&path, "%s%s%s", absolute ? "" : bundle, absolute ? "" : "/", m->source) < 0)
		return NULL;
	return path;
}

int bind_source_open(const struct spec_mount *mount, const char *bundle)
{
	char *path = path_of(mount, bundle);

	if (!path)
		return -1;
	int fd = SYS_MAY(open(path, O_PATH | O_CLOEXEC), path, ENOENT);
	if (fd < 0 && errno == ENOENT)
		sys_failure_set(ENOENT, "open", path,
				"The source of this bind mount is not there: no such file or "
				"directory.",
				"Make it first, or correct \"source\" in config.json.");
	free_keeping_errno(path);
	return fd;
}

/* What the container mounts there is to be seen on the host: both places say so. */
static bool goes_back(const struct spec *spec, const struct spec_mount *m)
{
	return (m->propagation & MS_SHARED) && (spec->root_propagation & MS_SHARED);
}

static unsigned long propagation_of(const struct spec *spec)
{
	return spec->root_propagation & MS_SLAVE ? MS_SLAVE : MS_PRIVATE;
}

/* Not recorded: a failure here is none yet. A copy of a shared mount is its peer, and what is
 * mounted in one is then in the other, too. */
static int copy_of(const struct spec *spec, const struct spec_mount *m, const char *bundle)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	char *path = path_of(m, bundle);
	int tree = path ? open_tree(AT_FDCWD, path, flags | (m->flags & MS_REC ? AT_RECURSIVE : 0))
			: -1;

	free(path);
	if (tree < 0 || goes_back(spec, m) ||
	    mount_tree_propagation(tree, propagation_of(spec)) == 0)
		return tree;
	close(tree);
	return -1;
}

void bind_sources_open(const struct spec *spec, const char *bundle, struct bind_sources *sources)
{
	bool other_user_ns = (spec->namespaces & CLONE_NEWUSER) || spec->join[NS_USER];

	sources->count = 0;
	if (!other_user_ns && !(spec->root_propagation & MS_SHARED))
		return;
	if (!facts_cap(host_facts_of(FACTS_SELF), CAP_SYS_ADMIN))
		return;
	for (int i = 0; i < spec->mount_count && sources->count < BIND_SOURCES; i++) {
		const struct spec_mount *m = &spec->mounts[i];
		bool wanted = m->bind && (other_user_ns || goes_back(spec, m));
		int tree = wanted ? copy_of(spec, m, bundle) : -1;
		if (tree < 0)
			continue;
		sources->list[sources->count].mount = i;
		sources->list[sources->count++].tree = tree;
	}
}

void bind_sources_close(struct bind_sources *sources)
{
	while (sources->count > 0)
		close_keeping_errno(sources->list[--sources->count].tree);
}

int bind_sources_tree(const struct bind_sources *sources, int mount)
{
	for (int i = 0; i < sources->count; i++)
		if (sources->list[i].mount == mount)
			return sources->list[i].tree;
	return -1;
}
