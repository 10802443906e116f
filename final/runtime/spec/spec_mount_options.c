/*
 * spec_mount_options.c: mounts[].options of config.json.
 *
 * Four kinds of words, and what is none of them is the file system's own. As in mount(8) the last
 * of two that contradict each other counts: clients append theirs to those of an image.
 *
 * Source: config.md, "Mounts", "Linux mount options"; mount(2), mount_setattr(2).
 */
#define _GNU_SOURCE
#include "spec_parts.h"
#include "spec_words.h"

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
	/* MOUNT_ATTR_* of linux/mount.h, which older headers have not: */
	ATTR_RDONLY = 0x1,
	ATTR_NOSUID = 0x2,
	ATTR_NODEV = 0x4,
	ATTR_NOEXEC = 0x8,
	ATTR_ATIME = 0x70, /* a field of its own: 0 is relatime */
	ATTR_NOATIME = 0x10,
	ATTR_STRICTATIME = 0x20,
	ATTR_NODIRATIME = 0x80,
	ATTR_NOSYMFOLLOW = 0x200000,
};

enum kind {
	SET,	     /* flags of mount(2) */
	CLEAR,	     /* the opposite of one */
	PROPAGATION, /* a second call of mount(2), after the first */
	R_SET,	     /* of all mounts below, too: mount_setattr(2) */
	R_CLEAR,
	R_ATIME, /* the same for the field of three values */
	COPY_UP,
};

static const struct option {
	const char *name;
	enum kind kind;
	unsigned long value;
} options[] = {
	{ "defaults", SET, 0 },
	{ "ro", SET, MS_RDONLY },
	{ "rw", CLEAR, MS_RDONLY },
	{ "nosuid", SET, MS_NOSUID },
	{ "suid", CLEAR, MS_NOSUID },
	{ "nodev", SET, MS_NODEV },
	{ "dev", CLEAR, MS_NODEV },
	{ "noexec", SET, MS_NOEXEC },
	{ "exec", CLEAR, MS_NOEXEC },
	{ "nosymfollow", SET, MS_NOSYMFOLLOW },
	{ "symfollow", CLEAR, MS_NOSYMFOLLOW },
	{ "noatime", SET, MS_NOATIME },
	{ "atime", CLEAR, MS_NOATIME },
	{ "nodiratime", SET, MS_NODIRATIME },
	{ "diratime", CLEAR, MS_NODIRATIME },
	{ "relatime", SET, MS_RELATIME },
	{ "norelatime", CLEAR, MS_RELATIME },
	{ "strictatime", SET, MS_STRICTATIME },
	{ "nostrictatime", CLEAR, MS_STRICTATIME },
	{ "sync", SET, MS_SYNCHRONOUS },
	{ "async", CLEAR, MS_SYNCHRONOUS },
	{ "dirsync", SET, MS_DIRSYNC },
	{ "lazytime", SET, MS_LAZYTIME },
	{ "nolazytime", CLEAR, MS_LAZYTIME },
	{ "silent", SET, MS_SILENT },
	{ "loud", CLEAR, MS_SILENT },
	{ "iversion", SET, MS_I_VERSION },
	{ "noiversion", CLEAR, MS_I_VERSION },
	{ "acl", SET, MS_POSIXACL },
	{ "noacl", CLEAR, MS_POSIXACL },
	{ "mand", SET, MS_MANDLOCK },
	{ "nomand", CLEAR, MS_MANDLOCK },
	{ "bind", SET, MS_BIND },
	{ "rbind", SET, MS_BIND | MS_REC },
	{ "shared", PROPAGATION, MS_SHARED },
	{ "rshared", PROPAGATION, MS_SHARED | MS_REC },
	{ "slave", PROPAGATION, MS_SLAVE },
	{ "rslave", PROPAGATION, MS_SLAVE | MS_REC },
	{ "private", PROPAGATION, MS_PRIVATE },
	{ "rprivate", PROPAGATION, MS_PRIVATE | MS_REC },
	{ "unbindable", PROPAGATION, MS_UNBINDABLE },
	{ "runbindable", PROPAGATION, MS_UNBINDABLE | MS_REC },
	{ "rro", R_SET, ATTR_RDONLY },
	{ "rrw", R_CLEAR, ATTR_RDONLY },
	{ "rnosuid", R_SET, ATTR_NOSUID },
	{ "rsuid", R_CLEAR, ATTR_NOSUID },
	{ "rnodev", R_SET, ATTR_NODEV },
	{ "rdev", R_CLEAR, ATTR_NODEV },
	{ "rnoexec", R_SET, ATTR_NOEXEC },
	{ "rexec", R_CLEAR, ATTR_NOEXEC },
	{ "rnosymfollow", R_SET, ATTR_NOSYMFOLLOW },
	{ "rsymfollow", R_CLEAR, ATTR_NOSYMFOLLOW },
	{ "rnodiratime", R_SET, ATTR_NODIRATIME },
	{ "rdiratime", R_CLEAR, ATTR_NODIRATIME },
	{ "rnoatime", R_ATIME, ATTR_NOATIME },
	{ "ratime", R_ATIME, 0 },
	{ "rstrictatime", R_ATIME, ATTR_STRICTATIME },
	{ "rnostrictatime", R_ATIME, 0 },
	{ "rrelatime", R_ATIME, 0 },
	{ "rnorelatime", R_ATIME, 0 },
	{ "tmpcopyup", COPY_UP, 0 },
};

/* Words of mount(8), the specification and other runtimes that are not acted on and would be taken
 * for a file system's own. */
static const char *const not_yet[] = { "remount", "move", "idmap", "ridmap", "copy-symlink", NULL };

const char *spec_mount_option_word(size_t index)
{
	return index < sizeof(options) / sizeof(*options) ? options[index].name : NULL;
}

static void take_flag(struct spec_mount *mount, const struct option *option)
{
	if (option->kind == CLEAR) {
		mount->flags &= ~option->value;
		mount->cleared |= option->value;
		return;
	}
	/* Three of one kind: each is instead of the others. "bind" and "rbind" are none:
	 * with both the whole tree is bound. */
	if (option->value & ATIME)
		mount->flags &= ~(unsigned long)ATIME;
	mount->flags |= option->value;
	mount->cleared &= ~option->value;
}

static void take_option(struct spec_mount *mount, const struct option *option)
{
	switch (option->kind) {
	case SET:
	case CLEAR:
		take_flag(mount, option);
		break;
	case PROPAGATION:
		mount->propagation = option->value;
		break;
	case R_SET:
		mount->attributes_set |= option->value;
		mount->attributes_clear &= ~(uint64_t)option->value;
		break;
	case R_CLEAR:
		mount->attributes_clear |= option->value;
		mount->attributes_set &= ~(uint64_t)option->value;
		break;
	case R_ATIME: /* the kernel wants the field cleared where it is set */
		mount->attributes_clear |= ATTR_ATIME;
		mount->attributes_set &= ~(uint64_t)ATTR_ATIME;
		mount->attributes_set |= option->value;
		break;
	case COPY_UP:
		mount->tmpcopyup = true;
		break;
	}
}

static int take_data(const struct spec_node *node, const char *text, struct spec_mount *mount)
{
	char *longer;

	for (size_t i = 0; not_yet[i]; i++)
		if (strcmp(not_yet[i], text) == 0 || strncmp(text, "idmap=", 6) == 0 ||
		    strncmp(text, "ridmap=", 7) == 0)
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

static const struct option *find(const char *text)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (strcmp(options[i].name, text) == 0)
			return &options[i];
	return NULL;
}

static int read_option(const struct spec_node *node, struct spec_mount *mount)
{
	if (spec_value_is(node, json_type_string) < 0)
		return -1;
	const char *text = json_object_get_string(node->json);
	const struct option *option = find(text);
	if (!option)
		return take_data(node, text, mount);
	take_option(mount, option);
	return 0;
}

/* A bind mount is of another mount's file system, whose own options it cannot set; the kernel would
 * pass over them without a word. */
static int check_one(const struct spec_node *node, const struct spec_mount *mount)
{
	const char *text = json_object_get_string(node->json);

	if (mount->bind && !find(text))
		return spec_wrong(
			node, "an option that a bind mount can have (ro, nosuid, noatime, ...)");
	if (strcmp(text, "tmpcopyup") == 0 && (mount->bind || strcmp(mount->type, "tmpfs") != 0))
		return spec_wrong(node, "a mount of type tmpfs with it");
	return 0;
}

int spec_read_mount_options(const struct spec_node *from, struct spec_mount *mount)
{
	struct spec_node list, one;
	int there = spec_array(from, "options", &list);
	size_t count = there > 0 ? spec_length(&list) : 0;

	for (size_t i = 0; i < count; i++) {
		spec_element(&list, i, &one);
		if (read_option(&one, mount) < 0)
			return -1;
	}
	mount->bind = (mount->flags & MS_BIND) || strcmp(mount->type, "bind") == 0;
	for (size_t i = 0; i < count; i++) {
		spec_element(&list, i, &one);
		if (check_one(&one, mount) < 0)
			return -1;
	}
	return there < 0 ? -1 : 0;
}
