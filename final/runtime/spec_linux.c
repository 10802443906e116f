/*
 * spec_linux.c: namespaces, id maps and limits out of config.json.
 */
#define _GNU_SOURCE
#include "spec_linux.h"

#include "step01_clone_pid/floor/sys.h"

#include <string.h>

/* The specification's word for each kind; "mount" and "network" are not the names of /proc/PID/ns.
 */
static const char *const spec_names[NS_KINDS] = {
	[NS_PID] = "pid",     [NS_MNT] = "mount", [NS_UTS] = "uts",	  [NS_IPC] = "ipc",
	[NS_NET] = "network", [NS_USER] = "user", [NS_CGROUP] = "cgroup", [NS_TIME] = "time",
};

static int read_namespaces(struct json_object *part, struct spec *spec)
{
	struct json_object *list = spec_member(part, "namespaces", json_type_array);

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		const char *type = spec_string(one, "type"), *path = spec_string(one, "path");
		int kind = 0;
		while (kind < NS_KINDS && (!type || strcmp(type, spec_names[kind]) != 0))
			kind++;
		if (kind == NS_KINDS)
			return spec_wrong("linux.namespaces[].type",
					  "pid, mount, uts, ipc, network, user, cgroup or time");
		if (path)
			spec->join[kind] = path;
		else
			spec->namespaces |= ns_info[kind].flag;
	}
	if (!(spec->namespaces & ns_info[NS_MNT].flag))
		return spec_wrong("linux.namespaces",
				  "a new mount namespace: its root would be the host's");
	return 0;
}

static int read_maps(struct json_object *part, const char *name, struct id_map *maps, int *count)
{
	struct json_object *list = spec_member(part, name, json_type_array);

	*count = 0;
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		struct json_object *inside = spec_member(one, "containerID", json_type_int);
		struct json_object *outside = spec_member(one, "hostID", json_type_int);
		struct json_object *size = spec_member(one, "size", json_type_int);
		if (!inside || !outside || !size || *count == SPEC_MAPS)
			return spec_wrong(name, "at most 16 of {containerID, hostID, size}");
		maps[(*count)++] = (struct id_map){ (unsigned)json_object_get_int64(inside),
						    (unsigned)json_object_get_int64(outside),
						    (unsigned)json_object_get_int64(size) };
	}
	return 0;
}

/* A number, 0 where there is none. */
static int64_t number(struct json_object *object, const char *name)
{
	struct json_object *found = spec_member(object, name, json_type_int);

	return found ? json_object_get_int64(found) : 0;
}

static int read_resources(struct json_object *part, struct cgroup_limits *limits)
{
	struct json_object *cpu = spec_member(part, "cpu", json_type_object);
	struct json_object *memory = spec_member(part, "memory", json_type_object);
	struct json_object *pids = spec_member(part, "pids", json_type_object);

	limits->cpu_quota_us = (long)number(cpu, "quota");
	limits->cpu_period_us = (long)number(cpu, "period");
	limits->cpu_shares = (unsigned long)number(cpu, "shares");
	limits->cpus = spec_string(cpu, "cpus");
	limits->mems = spec_string(cpu, "mems");
	limits->memory = number(memory, "limit");
	limits->memory_reservation = number(memory, "reservation");
	/* The specification's swap is memory and swap together; ours is what comes on top. */
	int64_t swap = number(memory, "swap");
	if (swap > 0 && limits->memory > 0 && swap < limits->memory)
		return spec_wrong("linux.resources.memory.swap",
				  "memory and swap together: not less than limit");
	if (swap > 0 && limits->memory > 0)
		limits->swap = swap == limits->memory ? CGROUP_NO_SWAP : swap - limits->memory;
	limits->pids = (long)number(pids, "limit");
	return 0;
}

int spec_read_linux(struct json_object *part, struct spec *spec)
{
	if (!part)
		return spec_wrong("linux", "an object");
	spec->cgroup_path = spec_string(part, "cgroupsPath");
	if (spec->cgroup_path && spec->cgroup_path[0] != '/')
		return spec_wrong("linux.cgroupsPath", "an absolute path");
	if (read_namespaces(part, spec) < 0 ||
	    read_maps(part, "uidMappings", spec->uid_map, &spec->uid_maps) < 0 ||
	    read_maps(part, "gidMappings", spec->gid_map, &spec->gid_maps) < 0)
		return -1;
	if ((spec->namespaces & ns_info[NS_USER].flag) && (!spec->uid_maps || !spec->gid_maps))
		return spec_wrong("linux.uidMappings", "maps for the new user namespace");
	return read_resources(spec_member(part, "resources", json_type_object), &spec->limits);
}
