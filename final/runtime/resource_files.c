/*
 * resource_files.c: a limit, a file.
 */
#define _GNU_SOURCE
#include "resource_files.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"

#include <stdio.h>

unsigned resource_files_need(const struct resource_file *files, int count)
{
	unsigned need = 0;

	for (int i = 0; i < count; i++)
		need |= CG(files[i].controller);
	return need;
}

static int refuse(int err, const char *field, const char *cause, const char *remedy)
{
	sys_failure_set(err, "write", field, cause, remedy);
	return -1;
}

static int write_one(const struct cgroup *group, const struct resource_file *one)
{
	const struct cgroup_part *part = group_part(group, one->controller);
	char cause[700];

	if (!part)
		return refuse(ENOENT, one->field,
			      "The container's group has no such controller on this host.",
			      "Leave it out. minibox doctor says which controllers there are.");
	const struct resource_place *place = &one->in[part->version - 1];
	if (!place->file[0]) {
		snprintf(cause, sizeof(cause),
			 "Version %d of cgroups, which this host has for that controller, has no "
			 "such limit.",
			 part->version);
		return refuse(ENOTSUP, one->field, cause, "Leave it out on this host.");
	}
	if (cgroup_has(part->dir, place->file))
		return cgroup_write(part->dir, place->file, place->text);
	if (place->or_else[0] && cgroup_has(part->dir, place->or_else))
		return cgroup_write(part->dir, place->or_else, place->or_text);
	snprintf(cause, sizeof(cause), "The kernel gives the group %s no file %s.", part->path,
		 place->file);
	return refuse(ENOENT, one->field, cause,
		      "Leave it out, or use a kernel that is built with it.");
}

int resource_files_write(const struct cgroup *group, const struct resource_file *files, int count)
{
	for (int i = 0; i < count; i++)
		if (write_one(group, &files[i]) < 0)
			return -1;
	return 0;
}
