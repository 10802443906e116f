/*
 * spec_devices.c: "linux.devices" of config.json, the nodes that are made besides the default ones.
 */
#define _GNU_SOURCE
#include "spec_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A device number is 12 bits and 20 bits, include/linux/kdev_t.h. */
static const int64_t most_major = 0xfff, most_minor = 0xfffff;
static const int64_t most_id = UINT32_MAX - 1;

/* u is c by another name, as in mknod(1). */
static int read_type(const struct spec_node *from, struct spec_device *device)
{
	static const char *const words[] = { "c", "u", "b", "p", NULL };
	static const mode_t types[] = { S_IFCHR, S_IFCHR, S_IFBLK, S_IFIFO };
	struct spec_node type = spec_at(from, "type");

	if (!type.json && !json_object_object_get_ex(from->json, "type", NULL))
		return spec_missing(from, "type", "\"c\", \"b\", \"u\" or \"p\"");
	int i = spec_word(&type, words, "\"c\", \"b\", \"u\" or \"p\"");
	if (i < 0)
		return -1;
	device->type = types[i];
	return 0;
}

static int read_numbers(const struct spec_node *from, struct spec_device *device)
{
	int64_t major = 0, minor = 0;

	if (device->type == S_IFIFO) /* it has none, whatever is written there */
		return 0;
	int has_major = spec_number(from, "major", 0, most_major, &major);
	int has_minor = spec_number(from, "minor", 0, most_minor, &minor);
	if (has_major < 0 || has_minor < 0)
		return -1;
	if (!has_major || !has_minor)
		return spec_missing(from, has_major ? "minor" : "major",
				    "a device's number, as ls -l shows it");
	device->major = (unsigned)major;
	device->minor = (unsigned)minor;
	return 0;
}

/* Some clients write st_mode as it is, with the bits of the type. */
static int read_mode(const struct spec_node *from, struct spec_device *device)
{
	struct spec_node at = spec_at(from, "fileMode");
	int64_t mode = 0666;

	if (spec_number(from, "fileMode", 0, S_IFMT | 07777, &mode) < 0)
		return -1;
	if ((mode & S_IFMT) && (mode & S_IFMT) != (int64_t)device->type)
		return spec_wrong(&at, "permissions (0 to 4095), or type's own bits with them");
	device->mode = (mode_t)mode & 07777;
	return 0;
}

static int read_device(const struct spec_node *from, struct spec_device *device)
{
	struct spec_node path = spec_at(from, "path");
	int64_t uid = 0, gid = 0;

	if (spec_value_is(from, json_type_object) < 0 || spec_path(from, "path", &device->path) < 0)
		return -1;
	if (!device->path)
		return path.json ? spec_wrong(&path, "an absolute path inside the container")
				 : spec_missing(from, "path",
						"an absolute path inside the container");
	if (read_type(from, device) < 0 || read_numbers(from, device) < 0 ||
	    read_mode(from, device) < 0 || spec_number(from, "uid", 0, most_id, &uid) < 0 ||
	    spec_number(from, "gid", 0, most_id, &gid) < 0)
		return -1;
	device->uid = (uid_t)uid;
	device->gid = (gid_t)gid;
	return 0;
}

int spec_read_devices(const struct spec_node *linux_part, struct spec *spec)
{
	struct spec_node list, one;
	int there = spec_array(linux_part, "devices", &list);
	size_t count = there > 0 ? spec_length(&list) : 0;

	if (!count)
		return there < 0 ? -1 : 0;
	if (!(spec->devices = calloc(count, sizeof(*spec->devices))))
		return -1;
	for (size_t i = 0; i < count; i++) {
		spec_element(&list, i, &one);
		if (read_device(&one, &spec->devices[spec->device_count++]) < 0)
			return -1;
	}
	return 0;
}
