/*
 * spec_linux.c: the "linux" part of config.json, without its resources.
 */
#define _GNU_SOURCE
#include "spec_parts.h"
#include "step01_clone_pid/floor/host/facts.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MAPS = 340 }; /* user_namespaces(7) */

/* The specification's word for each kind; "mount" and "network" are not the names of /proc/PID/ns.
 */
static const char *const spec_names[NS_KINDS] = {
	[NS_PID] = "pid",     [NS_MNT] = "mount", [NS_UTS] = "uts",	  [NS_IPC] = "ipc",
	[NS_NET] = "network", [NS_USER] = "user", [NS_CGROUP] = "cgroup", [NS_TIME] = "time",
};

static int read_namespace(const struct spec_node *one, struct spec *spec)
{
	const char *type = NULL, *path = NULL;
	struct spec_node at_type = spec_at(one, "type"), at_path = spec_at(one, "path");
	int kind = 0;

	if (spec_value_is(one, json_type_object) < 0 || spec_path(one, "path", &path) < 0)
		return -1;
	int there = spec_text(one, "type", &type);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(one, "type", "\"pid\" for one");
	while (kind < NS_KINDS && strcmp(type, spec_names[kind]) != 0)
		kind++;
	if (kind == NS_KINDS)
		return spec_wrong(&at_type, "pid, mount, uts, ipc, network, user, cgroup or time");
	if (path)
		return spec_not_yet(&at_path);
	if (kind == NS_TIME)
		return spec_not_yet(&at_type);
	if (spec->namespaces & ns_info[kind].flag)
		return spec_wrong(&at_type, "each type once");
	spec->namespaces |= ns_info[kind].flag;
	return 0;
}

static int read_namespaces(const struct spec_node *part, struct spec *spec)
{
	struct spec_node list, one;
	int there = spec_array(part, "namespaces", &list);

	for (size_t i = 0; there > 0 && i < spec_length(&list); i++) {
		spec_element(&list, i, &one);
		if (read_namespace(&one, spec) < 0)
			return -1;
	}
	if (there < 0 || (spec->namespaces & CLONE_NEWNS))
		return there < 0 ? -1 : 0;
	list = spec_at(part, "namespaces");
	return list.json ? spec_wrong(&list, "one of type mount: its root would be the host's")
			 : spec_missing(part, "namespaces", "one of type mount at least");
}

static int read_map(const struct spec_node *one, struct id_map *map)
{
	static const char *const names[] = { "containerID", "hostID", "size" };
	unsigned *const to[] = { &map->inside, &map->outside, &map->count };

	if (spec_value_is(one, json_type_object) < 0)
		return -1;
	for (int i = 0; i < 3; i++) {
		int64_t number = 0;
		int there = spec_number(one, names[i], i == 2, UINT32_MAX - (i < 2), &number);
		if (there == 0)
			return spec_missing(one, names[i], "a whole number");
		if (there < 0)
			return -1;
		*to[i] = (unsigned)number;
	}
	return 0;
}

/* What the kernel would call EINVAL without a reason is judged by the piece that writes the maps.
 */
static int judge_maps(const struct spec_node *list, const struct id_map *maps, int count)
{
	char text[4096], why[400];

	if (id_map_text(maps, count, text, sizeof(text)) >= 0)
		return 0;
	snprintf(why, sizeof(why), "%s", sys_failure()->cause);
	sys_failure_clear();
	return spec_wrong(list, "maps that the kernel takes: %.*s", (int)strcspn(why, "."), why);
}

static int read_maps(const struct spec_node *part, const char *name, struct id_map **maps,
		     int *count)
{
	struct spec_node list, one;
	int there = spec_array(part, name, &list);
	size_t length = there > 0 ? spec_length(&list) : 0;

	if (length > MOST_MAPS)
		return spec_wrong(&list, "at most %d of them (user_namespaces(7))", MOST_MAPS);
	if (!length)
		return there < 0 ? -1 : 0;
	if (!(*maps = calloc(length, sizeof(**maps))))
		return -1;
	for (size_t i = 0; i < length; i++) {
		spec_element(&list, i, &one);
		if (read_map(&one, &(*maps)[i]) < 0)
			return -1;
	}
	*count = (int)length;
	return judge_maps(&list, *maps, *count);
}

/* Maps belong to a new user namespace, and the other way round. */
static int check_maps(const struct spec_node *part, const struct spec *spec)
{
	bool wanted = spec->namespaces & CLONE_NEWUSER;
	const char *name = spec->uid_maps ? "uidMappings" : "gidMappings";
	struct spec_node at = spec_at(part, name);

	if (wanted && (!spec->uid_maps || !spec->gid_maps))
		return spec_missing(part, spec->uid_maps ? "gidMappings" : "uidMappings",
				    "maps for the new user namespace");
	if (!wanted && (spec->uid_maps || spec->gid_maps))
		return spec_wrong(&at, "a new user namespace in linux.namespaces with it");
	return 0;
}

static int read_cgroups_path(const struct spec_node *part, struct spec *spec)
{
	struct spec_node at = spec_at(part, "cgroupsPath");
	const char *path = NULL;
	int there = spec_path(part, "cgroupsPath", &path);

	if (there <= 0)
		return there;
	for (const char *at_part = path; *(at_part += strspn(at_part, "/"));
	     at_part += strcspn(at_part, "/"))
		if (strcspn(at_part, "/") == strspn(at_part, ".") && strspn(at_part, ".") <= 2)
			return spec_wrong(&at, "a path without . and .. in it");
	if (!path[strspn(path, "/")])
		return spec_wrong(&at, "a group of its own, not the root of the hierarchy");
	if (strchr(path,
		   '\n')) /* /proc/PID/cgroup is text, a group a line: the kernel takes none */
		return spec_wrong(&at, "a path without a newline");
	spec->cgroups_path = path;
	return 0;
}

/* Every mount of a container is private here. */
static int read_propagation(const struct spec_node *part)
{
	struct spec_node at = spec_at(part, "rootfsPropagation");
	const char *text = NULL;
	int there = spec_text(part, "rootfsPropagation", &text);

	if (there <= 0 || !*text || strcmp(text, "private") == 0 || strcmp(text, "rprivate") == 0)
		return there < 0 ? -1 : 0;
	static const char *const others[] = { "shared",	 "slave",  "unbindable",
					      "rshared", "rslave", "runbindable" };
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strcmp(text, others[i]) == 0)
			return spec_not_yet(&at);
	return spec_wrong(&at, "\"private\"");
}

int spec_read_linux(const struct spec_node *document, struct spec *spec)
{
	struct spec_node part;
	int there = spec_object(document, "linux", &part);

	if (there <= 0)
		return there < 0 ? -1
				 : spec_missing(document, "linux", "an object with namespaces");
	if (read_namespaces(&part, spec) < 0 ||
	    read_maps(&part, "uidMappings", &spec->uid_map, &spec->uid_maps) < 0 ||
	    read_maps(&part, "gidMappings", &spec->gid_map, &spec->gid_maps) < 0 ||
	    check_maps(&part, spec) < 0 || read_cgroups_path(&part, spec) < 0 ||
	    read_propagation(&part) < 0)
		return -1;
	return spec_read_resources(&part, &spec->resources.limits);
}
