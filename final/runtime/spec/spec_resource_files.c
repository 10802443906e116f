/*
 * spec_resource_files.c: the members of "linux.resources" that are one file each: bursts, realtime,
 * swappiness, block devices, and what "unified" names itself.
 */
#define _GNU_SOURCE
#include "spec_parts.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct resource_file *add(struct spec_resources *into, enum cgroup_controller controller,
				 const char *field)
{
	struct resource_file *more = realloc(into->files,
					     ((size_t)into->file_count + 1) * sizeof(*into->files));

	if (!more)
		return NULL;
	into->files = more;
	more += into->file_count++;
	*more = (struct resource_file){ .controller = controller, .field = field };
	return more;
}

static void put(struct resource_place *place, const char *file, const char *text)
{
	snprintf(place->file, sizeof(place->file), "%s", file);
	snprintf(place->text, sizeof(place->text), "%s", text);
}

static void put_else(struct resource_place *place, const char *file, const char *text)
{
	snprintf(place->or_else, sizeof(place->or_else), "%s", file);
	snprintf(place->or_text, sizeof(place->or_text), "%s", text);
}

/* ---- a number, a file ---- */

struct number_row {
	const char *object, *name, *field;
	enum cgroup_controller controller;
	int64_t least, most;
	bool zero_is_nothing; /* 0 is what a client writes that asks for nothing */
	const char *v1, *v2;  /* NULL: that version has none */
};

static const struct number_row numbers[] = {
	{ "cpu", "burst", "linux.resources.cpu.burst", CG_CPU, 0, INT64_MAX, true,
	  "cpu.cfs_burst_us", "cpu.max.burst" },
	{ "cpu", "realtimePeriod", "linux.resources.cpu.realtimePeriod", CG_CPU, 0, INT64_MAX, true,
	  "cpu.rt_period_us", NULL },
	{ "cpu", "realtimeRuntime", "linux.resources.cpu.realtimeRuntime", CG_CPU, -1, INT64_MAX,
	  true, "cpu.rt_runtime_us", NULL },
	{ "cpu", "idle", "linux.resources.cpu.idle", CG_CPU, 0, 1, true, "cpu.idle", "cpu.idle" },
	{ "memory", "swappiness", "linux.resources.memory.swappiness", CG_MEMORY, 0, 200, false,
	  "memory.swappiness", NULL },
	{ "memory", "kernelTCP", "linux.resources.memory.kernelTCP", CG_MEMORY, -1, INT64_MAX, true,
	  "memory.kmem.tcp.limit_in_bytes", NULL },
};

static int read_numbers(const struct spec_node *resources, struct spec_resources *into)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		const struct number_row *row = &numbers[i];
		struct spec_node object;
		char text[24];
		int64_t number = 0;
		int there = spec_object(resources, row->object, &object);
		if (there > 0)
			there = spec_number(&object, row->name, row->least, row->most, &number);
		if (there < 0)
			return -1;
		if (!there || (row->zero_is_nothing && number == 0))
			continue;
		struct resource_file *file = add(into, row->controller, row->field);
		if (!file)
			return -1;
		snprintf(text, sizeof(text), "%" PRId64, number);
		if (row->v1)
			put(&file->in[0], row->v1, text);
		if (row->v2)
			put(&file->in[1], row->v2, text);
	}
	return 0;
}

static int read_oom_killer(const struct spec_node *resources, struct spec_resources *into)
{
	struct spec_node memory;
	bool disabled = false;
	int there = spec_object(resources, "memory", &memory);

	if (there > 0)
		there = spec_flag(&memory, "disableOOMKiller", &disabled);
	if (there < 0 || !disabled)
		return there < 0 ? -1 : 0;
	struct resource_file *file = add(into, CG_MEMORY,
					 "linux.resources.memory.disableOOMKiller");
	if (!file)
		return -1;
	put(&file->in[0], "memory.oom_control", "1");
	return 0;
}

/* ---- block devices ---- */

/* v2's io.weight reaches from 1 to 10000, the specification's from 10 to 1000. */
static void put_weight(struct resource_file *file, const char *device, int64_t weight,
		       const char *v1, const char *bfq)
{
	char text[64], scaled[64];

	snprintf(text, sizeof(text), "%s%" PRId64, device, weight);
	snprintf(scaled, sizeof(scaled), "%s%" PRId64, device, 1 + (weight - 10) * 9999 / 990);
	put(&file->in[0], v1, text);
	put_else(&file->in[0], bfq, text);
	put(&file->in[1], "io.bfq.weight", text);
	put_else(&file->in[1], "io.weight", scaled);
}

/* A weight of 0 asks for nothing. */
static int read_weight(const struct spec_node *object, const char *name, const char *device,
		       const char *field, const char *v1, const char *bfq,
		       struct spec_resources *into)
{
	struct spec_node at = spec_at(object, name);
	int64_t weight = 0;
	int there = spec_number(object, name, 0, 1000, &weight);

	if (there < 0 || !weight)
		return there < 0 ? -1 : 0;
	if (weight < 10)
		return spec_wrong(&at, "a whole number from 10 to 1000");
	struct resource_file *file = add(into, CG_IO, field);
	if (!file)
		return -1;
	if (strcmp(name, "leafWeight") == 0) { /* a limit of v1 only */
		char text[64];
		snprintf(text, sizeof(text), "%s%" PRId64, device, weight);
		put(&file->in[0], v1, text);
		return 0;
	}
	put_weight(file, device, weight, v1, bfq);
	return 0;
}

static int read_device_number(const struct spec_node *one, int64_t *major, int64_t *minor)
{
	if (spec_value_is(one, json_type_object) < 0)
		return -1;
	int there = spec_number(one, "major", 0, INT_MAX, major);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(one, "major", "a device's major number");
	there = spec_number(one, "minor", 0, INT_MAX, minor);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(one, "minor", "a device's minor number");
	return 0;
}

static int read_weight_devices(const struct spec_node *block, struct spec_resources *into)
{
	struct spec_node list, one;
	int there = spec_array(block, "weightDevice", &list);

	if (there <= 0)
		return there;
	for (size_t i = 0; i < spec_length(&list); i++) {
		char device[32];
		int64_t major = 0, minor = 0;
		spec_element(&list, i, &one);
		if (read_device_number(&one, &major, &minor) < 0)
			return -1;
		snprintf(device, sizeof(device), "%" PRId64 ":%" PRId64 " ", major, minor);
		if (read_weight(&one, "weight", device, "linux.resources.blockIO.weightDevice",
				"blkio.weight_device", "blkio.bfq.weight_device", into) < 0 ||
		    read_weight(&one, "leafWeight", device, "linux.resources.blockIO.weightDevice",
				"blkio.leaf_weight_device", "", into) < 0)
			return -1;
	}
	return 0;
}

struct throttle_row {
	const char *name, *field, *v1, *v2;
};

static const struct throttle_row throttles[] = {
	{ "throttleReadBpsDevice", "linux.resources.blockIO.throttleReadBpsDevice",
	  "blkio.throttle.read_bps_device", "rbps" },
	{ "throttleWriteBpsDevice", "linux.resources.blockIO.throttleWriteBpsDevice",
	  "blkio.throttle.write_bps_device", "wbps" },
	{ "throttleReadIOPSDevice", "linux.resources.blockIO.throttleReadIOPSDevice",
	  "blkio.throttle.read_iops_device", "riops" },
	{ "throttleWriteIOPSDevice", "linux.resources.blockIO.throttleWriteIOPSDevice",
	  "blkio.throttle.write_iops_device", "wiops" },
};

/* A rate of 0 lifts the limit: v1 takes the 0, v2 the word. */
static int read_throttle(const struct spec_node *block, const struct throttle_row *row,
			 struct spec_resources *into)
{
	struct spec_node list, one;
	int there = spec_array(block, row->name, &list);

	if (there <= 0)
		return there;
	for (size_t i = 0; i < spec_length(&list); i++) {
		char text[80];
		int64_t major = 0, minor = 0, rate = 0;
		spec_element(&list, i, &one);
		if (read_device_number(&one, &major, &minor) < 0)
			return -1;
		there = spec_number(&one, "rate", 0, INT64_MAX, &rate);
		if (there <= 0)
			return there < 0 ? -1 : spec_missing(&one, "rate", "a number a second");
		struct resource_file *file = add(into, CG_IO, row->field);
		if (!file)
			return -1;
		snprintf(text, sizeof(text), "%" PRId64 ":%" PRId64 " %" PRId64, major, minor,
			 rate);
		put(&file->in[0], row->v1, text);
		if (rate)
			snprintf(text, sizeof(text), "%" PRId64 ":%" PRId64 " %s=%" PRId64, major,
				 minor, row->v2, rate);
		else
			snprintf(text, sizeof(text), "%" PRId64 ":%" PRId64 " %s=max", major, minor,
				 row->v2);
		put(&file->in[1], "io.max", text);
	}
	return 0;
}

static int read_block_io(const struct spec_node *resources, struct spec_resources *into)
{
	struct spec_node block;
	int there = spec_object(resources, "blockIO", &block);

	if (there <= 0)
		return there;
	if (read_weight(&block, "weight", "", "linux.resources.blockIO.weight", "blkio.weight",
			"blkio.bfq.weight", into) < 0 ||
	    read_weight(&block, "leafWeight", "", "linux.resources.blockIO.leafWeight",
			"blkio.leaf_weight", "", into) < 0 ||
	    read_weight_devices(&block, into) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(throttles) / sizeof(*throttles); i++)
		if (read_throttle(&block, &throttles[i], into) < 0)
			return -1;
	return 0;
}

/* ---- unified ---- */

/* The controller whose file it is: the word before the dot. What is of no controller is in every
 * group, where the freezer's is too. */
static enum cgroup_controller controller_of(const char *file)
{
	size_t length = strcspn(file, ".");

	for (int c = 0; c < CG_KINDS; c++) {
		const char *name = cgroup_controller_name((enum cgroup_controller)c, 2);
		if (name && strlen(name) == length && strncmp(name, file, length) == 0)
			return (enum cgroup_controller)c;
	}
	return CG_FREEZER;
}

static int read_unified(const struct spec_node *resources, struct spec_resources *into)
{
	struct spec_node unified;
	int there = spec_object(resources, "unified", &unified);

	if (there <= 0)
		return there;
	json_object_object_foreach(unified.json, key, value)
	{
		struct spec_node at = spec_at(&unified, key);
		const char *text;
		if (spec_value_is(&at, json_type_string) < 0)
			return -1;
		text = json_object_get_string(value);
		if (strchr(key, '/') || !strchr(key, '.') || strlen(key) >= RESOURCE_FILE)
			return spec_wrong(&at, "the name of a file of cgroup v2, as memory.high");
		if (strncmp(key, "cgroup.", 7) == 0)
			return spec_wrong(&at, "a controller's file: those of the group itself are "
					       "the runtime's");
		if (strlen(text) >= RESOURCE_TEXT)
			return spec_wrong(&at, "a text of at most %d bytes", RESOURCE_TEXT - 1);
		struct resource_file *file = add(into, controller_of(key),
						 "linux.resources.unified");
		if (!file)
			return -1;
		put(&file->in[1], key, text);
	}
	return 0;
}

int spec_read_resource_files(const struct spec_node *resources, struct spec_resources *into)
{
	return read_numbers(resources, into) < 0 || read_oom_killer(resources, into) < 0 ||
			       read_block_io(resources, into) < 0 ||
			       read_unified(resources, into) < 0
		       ? -1
		       : 0;
}
