/*
 * own_group.c: the container's group: made before its process, or, where systemd makes it, after.
 */
#define _GNU_SOURCE
#include "own_group.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

static int limit_group(struct container *c)
{
	const struct spec *spec = c->spec;
	const struct cgroup_limits *limits = &spec->resources.limits;

	if (resources_apply_devices(&c->group, &spec->resources) < 0)
		return -1;
	int result = spec->swap_if_accounted
			     ? group_limit_swap_optional(&c->group, limits, &c->swap_is_free)
			     : group_limit(&c->group, limits);
	return result < 0 ? -1
			  : resource_files_write(&c->group, spec->resources.files,
						 spec->resources.file_count);
}

/* A relative path of several words begins at the top, as crun has it; one word is made where a
 * group without a name would be. */
static const char *group_name(const struct container *c, char *from_top, size_t size)
{
	const char *path = c->spec->cgroups_path;

	if (!path || path[0] == '/' || !strchr(path, '/'))
		return path ? path : c->group_name;
	snprintf(from_top, size, "/%s", path);
	return from_top;
}

/* With the devices controller also where nothing is asked for, if it can be had: a container
 * without limits also starts where this user can have no group. */
static int make_group_with(struct container *c, const struct cgroup_host *host, const char *name)
{
	unsigned need = resources_need(&c->spec->resources);
	bool own_user_ns = (c->spec->namespaces & CLONE_NEWUSER) || c->spec->join[NS_USER];

	if (!(need & CG(CG_DEVICES)) && resources_guard_devices(own_user_ns)) {
		if (group_create(host, need | CG(CG_DEVICES), name, c->announce, c->announce_arg,
				 &c->group) == 0)
			return 0;
		if (errno == EEXIST)
			return -1;
		sys_failure_clear();
		c->group = (struct cgroup){ 0 };
	}
	return group_create(host, need, name, c->announce, c->announce_arg, &c->group);
}

int own_group_make(struct container *c)
{
	const struct spec *spec = c->spec;
	char from_top[CG_PATH];
	const char *name = group_name(c, from_top, sizeof(from_top));
	struct cgroup_host host;

	if (c->no_group)
		return 0;
	if (c->systemd)
		return systemd_scope_parse(spec->cgroups_path, c->group_name, systemd_is_users(),
					   &c->scope);
	if (SYS(cgroup_find(AT_FDCWD, &host), "/proc/self/mountinfo") < 0)
		return -1;
	if (resource_files_can(&host, spec->resources.files, spec->resources.file_count) < 0 ||
	    make_group_with(c, &host, name) < 0)
		return -1;
	/* A client that names the group reads its accounts. */
	group_add_rest(&host, name, c->announce, c->announce_arg, &c->group);
	/* Also without limits: what has changed its ids does not die with us, and is found here. */
	c->has_group = group_add_to_end(&host, c->group_name, c->announce, c->announce_arg,
					&c->group);
	return limit_group(c);
}

/* A scope of systemd's begins with a process. */
static int make_scope(struct container *c)
{
	const struct spec_resources *resources = &c->spec->resources;
	struct cgroup_host host = { 0 };

	if (SYS(cgroup_find(AT_FDCWD, &host), "/proc/self/mountinfo") < 0)
		return -1;
	if (systemd_scope_start(&c->scope, &host, resources_need(resources), &resources->limits,
				c->process.pid, c->announce, c->announce_arg, &c->group) < 0)
		return -1;
	c->has_group = true;
	return limit_group(c);
}

int own_group_join(struct container *c)
{
	if (c->systemd)
		return make_scope(c);
	return c->has_group ? group_join(&c->group, c->process.pid) : 0;
}
