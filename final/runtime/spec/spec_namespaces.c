/*
 * spec_namespaces.c: linux.namespaces of config.json, and what belongs to new ones: the maps of a
 * user namespace, the offsets of a time namespace.
 */
#define _GNU_SOURCE
#include "spec_parts.h"
#include "spec_words.h"
#include "step01_clone_pid/floor/host/facts.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MAPS = 340 }; /* user_namespaces(7) */

/* The specification's word for each kind; "mount" and "network" are not the names of /proc/PID/ns.
 */
const char *const spec_namespace_words[NS_KINDS + 1] = {
	[NS_PID] = "pid",     [NS_MNT] = "mount", [NS_UTS] = "uts",	  [NS_IPC] = "ipc",
	[NS_NET] = "network", [NS_USER] = "user", [NS_CGROUP] = "cgroup", [NS_TIME] = "time",
};

static int read_namespace(const struct spec_node *one, struct spec *spec)
{
	const char *type = NULL, *path = NULL;
	struct spec_node at_type = spec_at(one, "type");

	if (spec_value_is(one, json_type_object) < 0 || spec_path(one, "path", &path) < 0)
		return -1;
	int there = spec_text(one, "type", &type);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(one, "type", "\"pid\" for one");
	int kind = spec_word(&at_type, spec_namespace_words,
			     "pid, mount, uts, ipc, network, user, cgroup or time");
	if (kind < 0)
		return -1;
	if (spec_has_namespace(spec, (enum ns_kind)kind))
		return spec_wrong(&at_type, "each type once");
	/* Its mounts would be changed, and its root: they are others' as well. */
	if (path && kind == NS_MNT) {
		struct spec_node at_path = spec_at(one, "path");
		return spec_not_yet(&at_path);
	}
	if (path)
		spec->join[kind] = path;
	else
		spec->namespaces |= ns_info[kind].flag;
	return 0;
}

static int read_list(const struct spec_node *part, struct spec *spec)
{
	struct spec_node list, one;
	int there = spec_array(part, "namespaces", &list);

	for (size_t i = 0; there > 0 && i < spec_length(&list); i++) {
		spec_element(&list, i, &one);
		if (read_namespace(&one, spec) < 0)
			return -1;
	}
	if (there < 0 || spec_has_namespace(spec, NS_MNT))
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

/* A new user namespace needs maps. One that is joined has its own: those that clients write beside
 * it say what they are. */
static int check_maps(const struct spec_node *part, const struct spec *spec)
{
	bool wanted = spec->namespaces & CLONE_NEWUSER;
	const char *name = spec->uid_maps ? "uidMappings" : "gidMappings";
	struct spec_node at = spec_at(part, name);

	if (wanted && (!spec->uid_maps || !spec->gid_maps))
		return spec_missing(part, spec->uid_maps ? "gidMappings" : "uidMappings",
				    "maps for the new user namespace");
	if (!spec_has_namespace(spec, NS_USER) && (spec->uid_maps || spec->gid_maps))
		return spec_wrong(&at, "a new user namespace in linux.namespaces with it");
	return 0;
}

static int read_clock(const struct spec_node *clock, struct timespec *offset)
{
	int64_t seconds = 0, nanoseconds = 0;

	if (spec_value_is(clock, json_type_object) < 0 ||
	    spec_number(clock, "secs", INT64_MIN, INT64_MAX, &seconds) < 0 ||
	    spec_number(clock, "nanosecs", 0, 999999999, &nanoseconds) < 0)
		return -1;
	offset->tv_sec = (time_t)seconds;
	offset->tv_nsec = (long)nanoseconds;
	return 0;
}

/* The names of this map are clocks, not members: one that has no offset is an error. */
static int read_offsets(const struct spec_node *part, struct spec *spec)
{
	struct spec_node map;
	int there = spec_object(part, "timeOffsets", &map);

	if (there <= 0)
		return there;
	json_object_object_foreach(map.json, name, json)
	{
		struct spec_node clock = { { .up = &map.place, .name = name }, json };
		bool boottime = strcmp(name, "boottime") == 0;
		if (!boottime && strcmp(name, "monotonic") != 0)
			return spec_wrong(&clock, "\"monotonic\" or \"boottime\" as its name");
		if (read_clock(&clock, boottime ? &spec->time_offsets.boottime
						: &spec->time_offsets.monotonic) < 0)
			return -1;
		spec->has_time_offsets = true;
	}
	if (spec->has_time_offsets && !(spec->namespaces & ns_info[NS_TIME].flag))
		return spec_wrong(&map, "a new time namespace in linux.namespaces with it");
	return 0;
}

int spec_read_namespaces(const struct spec_node *linux_part, struct spec *spec)
{
	return read_list(linux_part, spec) < 0 ||
			       read_maps(linux_part, "uidMappings", &spec->uid_map,
					 &spec->uid_maps) < 0 ||
			       read_maps(linux_part, "gidMappings", &spec->gid_map,
					 &spec->gid_maps) < 0 ||
			       check_maps(linux_part, spec) < 0 ||
			       read_offsets(linux_part, spec) < 0
		       ? -1
		       : 0;
}
