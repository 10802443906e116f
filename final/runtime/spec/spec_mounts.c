/*
 * spec_mounts.c: the "mounts" part of config.json.
 */
#define _GNU_SOURCE
#include "spec_parts.h"

#include "step07_volumes/given/volume_text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

enum {
	DATA_BYTES = 4095, /* mount(2) takes a page */
	ATIME = MS_NOATIME | MS_RELATIME | MS_STRICTATIME,
	PROPAGATION = MS_PRIVATE | MS_SLAVE | MS_SHARED | MS_UNBINDABLE,
	/* Flags of the whole file system, which a bind mount only shows. */
	FILE_SYSTEM = MS_SYNCHRONOUS | MS_DIRSYNC | MS_LAZYTIME | MS_SILENT | MS_I_VERSION,
};

static const struct option {
	const char *name;
	unsigned long flag;
	bool clear;
} flag_options[] = {
	{ "defaults", 0, false },
	{ "ro", MS_RDONLY, false },
	{ "rw", MS_RDONLY, true },
	{ "nosuid", MS_NOSUID, false },
	{ "suid", MS_NOSUID, true },
	{ "nodev", MS_NODEV, false },
	{ "dev", MS_NODEV, true },
	{ "noexec", MS_NOEXEC, false },
	{ "exec", MS_NOEXEC, true },
	{ "nosymfollow", MS_NOSYMFOLLOW, false },
	{ "symfollow", MS_NOSYMFOLLOW, true },
	{ "noatime", MS_NOATIME, false },
	{ "atime", MS_NOATIME, true },
	{ "nodiratime", MS_NODIRATIME, false },
	{ "diratime", MS_NODIRATIME, true },
	{ "relatime", MS_RELATIME, false },
	{ "norelatime", MS_RELATIME, true },
	{ "strictatime", MS_STRICTATIME, false },
	{ "nostrictatime", MS_STRICTATIME, true },
	{ "sync", MS_SYNCHRONOUS, false },
	{ "async", MS_SYNCHRONOUS, true },
	{ "dirsync", MS_DIRSYNC, false },
	{ "lazytime", MS_LAZYTIME, false },
	{ "nolazytime", MS_LAZYTIME, true },
	{ "silent", MS_SILENT, false },
	{ "loud", MS_SILENT, true },
	{ "iversion", MS_I_VERSION, false },
	{ "noiversion", MS_I_VERSION, true },
	{ "bind", MS_BIND, false },
	{ "rbind", MS_BIND | MS_REC, false },
	{ "private", MS_PRIVATE, false }, /* as every mount in a container is here */
	{ "rprivate", MS_PRIVATE, false },
};

/* Options of mount(8) and of the specification that would be taken for a file system's own. */
static const char *const not_yet[] = {
	"shared",	"rshared",	"slave",    "rslave", "unbindable",   "runbindable",
	"remount",	"move",		"mand",	    "nomand", "idmap",	      "ridmap",
	"tmpcopyup",	"copy-symlink", "rro",	    "rrw",    "rnosuid",      "rsuid",
	"rnodev",	"rdev",		"rnoexec",  "rexec",  "rnodiratime",  "rdiratime",
	"rrelatime",	"rnorelatime",	"rnoatime", "ratime", "rstrictatime", "rnostrictatime",
	"rnosymfollow", "rsymfollow",
};

/* What the options of one mount have said so far. */
struct said {
	unsigned long set, cleared;
};

static int flag_option(const struct spec_node *node, const struct option *option, struct said *said)
{
	unsigned long other = option->clear ? said->set : said->cleared;

	if (other & option->flag)
		return spec_wrong(node, "no option that contradicts one before it");
	if (!option->clear && (option->flag & ATIME) && (said->set & ATIME & ~option->flag))
		return spec_wrong(node, "one of noatime, relatime and strictatime");
	*(option->clear ? &said->cleared : &said->set) |= option->flag;
	return 0;
}

static int data_option(const struct spec_node *node, const char *text, struct spec_mount *mount)
{
	char *longer;

	for (size_t i = 0; i < sizeof(not_yet) / sizeof(*not_yet); i++)
		if (strcmp(not_yet[i], text) == 0)
			return spec_not_yet(node);
	if (!*text)
		return spec_wrong(node, "a mount option");
	if ((mount->data ? strlen(mount->data) + 1 : 0) + strlen(text) > DATA_BYTES)
		return spec_wrong(node, "options of the file system of at most %d bytes together",
				  DATA_BYTES);
	if (asprintf(&longer, "%s%s%s", mount->data ? mount->data : "", mount->data ? "," : "",
		     text) < 0)
		return -1;
	free(mount->data);
	mount->data = longer;
	return 0;
}

static int read_option(const struct spec_node *node, struct spec_mount *mount, struct said *said)
{
	if (spec_value_is(node, json_type_string) < 0)
		return -1;
	const char *text = json_object_get_string(node->json);
	for (size_t i = 0; i < sizeof(flag_options) / sizeof(*flag_options); i++)
		if (strcmp(flag_options[i].name, text) == 0)
			return flag_option(node, &flag_options[i], said);
	return data_option(node, text, mount);
}

/* A bind mount is of another mount's file system: its own options cannot be set by it. */
static int check_bind_option(const struct spec_node *node)
{
	const char *text = json_object_get_string(node->json);

	for (size_t i = 0; i < sizeof(flag_options) / sizeof(*flag_options); i++)
		if (strcmp(flag_options[i].name, text) == 0 &&
		    (flag_options[i].clear || !(flag_options[i].flag & FILE_SYSTEM)))
			return 0;
	return spec_wrong(node, "an option that a bind mount can have (ro, nosuid, noatime, ...)");
}

static int read_options(const struct spec_node *from, struct spec_mount *mount)
{
	struct spec_node options, one;
	struct said said = { 0 };
	int there = spec_array(from, "options", &options);
	size_t count = there > 0 ? spec_length(&options) : 0;

	for (size_t i = 0; i < count; i++) {
		spec_element(&options, i, &one);
		if (read_option(&one, mount, &said) < 0)
			return -1;
	}
	mount->flags = said.set & ~(unsigned long)PROPAGATION;
	mount->bind = (mount->flags & MS_BIND) || strcmp(mount->type, "bind") == 0;
	for (size_t i = 0; mount->bind && i < count; i++) {
		spec_element(&options, i, &one);
		if (check_bind_option(&one) < 0)
			return -1;
	}
	return there < 0 ? -1 : 0;
}

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
	struct spec_node source = spec_at(from, "source"), type = spec_at(from, "type");

	if (mount->bind && !mount->source[0])
		return spec_missing(from, "source", "the absolute path to bind");
	if (mount->bind && mount->source[0] != '/')
		return spec_wrong(&source,
				  "the absolute path to bind (one from the bundle on is not acted "
				  "on by this runtime yet)");
	if (!mount->bind && !mount->type[0])
		return spec_missing(from, "type", "a file system's type, or \"bind\"");
	/* It stands for the view of a hierarchy that this container has, whichever version. */
	return strcmp(mount->type, "cgroup") == 0 && !mount->bind ? spec_not_yet(&type) : 0;
}

static int read_mount(const struct spec_node *from, struct spec *spec)
{
	struct spec_mount *mount = &spec->mounts[spec->mount_count++];
	struct spec_node node = spec_at(from, "destination");

	mount->type = mount->source = "";
	if (spec_value_is(from, json_type_object) < 0 || read_destination(from, mount) < 0 ||
	    spec_text(from, "type", &mount->type) < 0 ||
	    spec_text(from, "source", &mount->source) < 0 || read_options(from, mount) < 0 ||
	    check_source(from, mount) < 0)
		return -1;
	for (const struct spec_mount *other = spec->mounts; other < mount; other++)
		if (strcmp(other->destination, mount->destination) == 0)
			return spec_wrong(&node, "another place than that of mounts[%d]",
					  (int)(other - spec->mounts));
	return 0;
}

int spec_read_mounts(const struct spec_node *document, struct spec *spec)
{
	struct spec_node list, one;
	int there = spec_array(document, "mounts", &list);
	size_t count = there > 0 ? spec_length(&list) : 0;

	if (there <= 0 || !count)
		return there < 0 ? -1 : 0;
	/* Each of them is compared with those before it. */
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
