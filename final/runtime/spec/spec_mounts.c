/*
 * spec_mounts.c: the "mounts" part of config.json.
 */
#define _GNU_SOURCE
#include "spec_parts.h"

#include "step07_volumes/given/volume_text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* An absolute one; the specification has old tools write relative ones, which are meant from /. */
static int read_destination(const struct spec_node *from, struct spec_mount *mount)
{
	const char *text = NULL;
	int there = spec_text(from, "destination", &text);
	struct spec_node node = spec_at(from, "destination");

	if (there == 0)
		return spec_missing(from, "destination", "a path inside the container");
	if (there < 0)
		return -1;
	if (strlen(text) >= PATH_MAX - 1)
		return spec_wrong(&node, "a path of at most %d bytes", PATH_MAX - 2);
	if (!(mount->destination = malloc(strlen(text) + 2)))
		return -1;
	path_clean(text, mount->destination);
	return mount->destination[0] ? 0 : spec_wrong(&node, "a path below /");
}

static int check_source(const struct spec_node *from, const struct spec_mount *mount)
{
	struct spec_node source = spec_at(from, "source");

	if (mount->bind && strlen(mount->source) >= PATH_MAX)
		return spec_wrong(&source, "a path of at most %d bytes", PATH_MAX - 1);
	if (mount->bind && !mount->source[0])
		return spec_missing(from, "source", "the path to bind");
	if (!mount->bind && !mount->type[0])
		return spec_missing(from, "type", "a file system's type, or \"bind\"");
	return 0;
}

/* Two at one destination are mounted one over the other, in the order of the list. */
static int read_mount(const struct spec_node *from, struct spec *spec)
{
	struct spec_mount *mount = &spec->mounts[spec->mount_count++];

	mount->type = mount->source = "";
	if (spec_value_is(from, json_type_object) < 0 || read_destination(from, mount) < 0 ||
	    spec_text(from, "type", &mount->type) < 0 ||
	    spec_text(from, "source", &mount->source) < 0 ||
	    spec_read_mount_options(from, mount) < 0)
		return -1;
	return check_source(from, mount);
}

int spec_read_mounts(const struct spec_node *document, struct spec *spec)
{
	struct spec_node list, one;
	int there = spec_array(document, "mounts", &list);
	size_t count = there > 0 ? spec_length(&list) : 0;

	if (there <= 0 || !count)
		return there < 0 ? -1 : 0;
	if (count > SPEC_MOUNTS)
		return spec_wrong(&list, "at most %d mounts", SPEC_MOUNTS);
	if (!(spec->mounts = calloc(count, sizeof(*spec->mounts))))
		return -1;
	for (size_t i = 0; i < count; i++) {
		spec_element(&list, i, &one);
		if (read_mount(&one, spec) < 0)
			return -1;
	}
	return 0;
}
