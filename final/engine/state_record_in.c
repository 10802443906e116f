/*
 * state_record_in.c: reads a record, and trusts nothing in it that was not checked.
 */
#define _GNU_SOURCE
#include "state_record.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct json_object json;

enum { WHY_SIZE = 256, LONGEST = 1 << 20 };

static int refuse(char *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int refuse(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, WHY_SIZE, format, args);
	va_end(args);
	return -1;
}

/* ---- one reader a type ---- */

/* Every member must be one of these names. */
static int only(json *object, const char *const names[], char *why)
{
	json_object_object_foreach(object, name, value)
	{
		size_t i = 0;
		(void)value;
		while (names[i] && strcmp(names[i], name) != 0)
			i++;
		if (!names[i])
			return refuse(why, "state.json: unknown member \"%.60s\"", name);
	}
	return 0;
}

static int get_text(json *object, const char *name, char *out, size_t size, char *why)
{
	json *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return refuse(why, "state.json: \"%s\" is missing or no text", name);
	size_t length = (size_t)json_object_get_string_len(value);
	const char *text = json_object_get_string(value);
	if (length >= size || strlen(text) != length)
		return refuse(why, "state.json: \"%s\" is too long or holds a NUL", name);
	memcpy(out, text, length + 1);
	return 0;
}

static int get_number(json *object, const char *name, int64_t *out, char *why)
{
	json *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_int))
		return refuse(why, "state.json: \"%s\" is missing or no whole number", name);
	*out = json_object_get_int64(value);
	return 0;
}

static int get_id(json *object, struct ns_id *out, char *why)
{
	int64_t dev = 0, ino = 0;

	if (get_number(object, "dev", &dev, why) < 0 || get_number(object, "ino", &ino, why) < 0)
		return -1;
	*out = (struct ns_id){ .dev = (dev_t)dev, .ino = (ino_t)ino };
	return 0;
}

static bool has(json *object, const char *name)
{
	return json_object_object_get_ex(object, name, NULL);
}

/* dev and ino, both or neither. */
static int get_made(json *object, bool *made, struct ns_id *out, char *why)
{
	*made = has(object, "dev") || has(object, "ino");
	return *made ? get_id(object, out, why) : 0;
}

static int get_ns(json *object, const char *name, struct ns_id *out, char *why)
{
	static const char *const names[] = { "dev", "ino", NULL };
	json *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_object))
		return refuse(why, "state.json: \"%s\" is missing or no object", name);
	return only(value, names, why) < 0 ? -1 : get_id(value, out, why);
}

/* ---- the parts ---- */

static int read_group(json *object, struct record *record, char *why)
{
	static const char *const names[] = { "path", "role", "dev", "ino", NULL };
	static const char *const roles[] = { "group", "upper", "nest" };
	char role[16];
	struct record_group *group = record_add_group(record);

	if (!group)
		return refuse(why, "out of memory");
	if (only(object, names, why) < 0 ||
	    get_text(object, "path", group->path, sizeof(group->path), why) < 0 ||
	    get_text(object, "role", role, sizeof(role), why) < 0 ||
	    get_made(object, &group->made, &group->id, why) < 0)
		return -1;
	if (group->path[0] != '/')
		return refuse(why, "state.json: a cgroup's path is not absolute");
	for (int i = CGROUP_GROUP; i <= CGROUP_NEST; i++)
		if (strcmp(role, roles[i]) == 0) {
			group->role = (enum cgroup_role)i;
			return 0;
		}
	return refuse(why, "state.json: unknown role \"%s\"", role);
}

static int read_volume(json *object, struct record *record, char *why)
{
	static const char *const names[] = { "name", "dev", "ino", NULL };
	struct record_volume *volume = record_add_volume(record);

	if (!volume)
		return refuse(why, "out of memory");
	if (only(object, names, why) < 0 ||
	    get_text(object, "name", volume->name, sizeof(volume->name), why) < 0 ||
	    get_made(object, &volume->made, &volume->id, why) < 0)
		return -1;
	if (!is_volume_id(volume->name))
		return refuse(why, "state.json: a volume's name is no id of 64 hex digits");
	return 0;
}

static int read_array(json *object, const char *name,
		      int (*fn)(json *object, struct record *record, char *why),
		      struct record *record, char *why)
{
	json *array;

	if (!json_object_object_get_ex(object, name, &array) ||
	    !json_object_is_type(array, json_type_array))
		return refuse(why, "state.json: \"%s\" is missing or no array", name);
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		json *entry = json_object_array_get_idx(array, i);
		if (!json_object_is_type(entry, json_type_object))
			return refuse(why, "state.json: \"%s\" holds something else than objects",
				      name);
		if (fn(entry, record, why) < 0)
			return -1;
	}
	return 0;
}

static int read_process(json *object, struct record *record, char *why)
{
	int64_t pid = 0, start = 0;

	if (!has(object, "pid") && !has(object, "start") && !has(object, "pid_ns"))
		return 0;
	if (get_number(object, "pid", &pid, why) < 0 ||
	    get_number(object, "start", &start, why) < 0 ||
	    get_ns(object, "pid_ns", &record->pid_ns, why) < 0)
		return -1;
	if (pid <= 1 || pid > INT_MAX || start < 0)
		return refuse(why, "state.json: \"pid\" or \"start\" is out of range");
	record->pid = (pid_t)pid;
	record->start = (unsigned long long)start;
	return 0;
}

static int read_object(json *object, const char *id, struct record *record, char *why)
{
	static const char *const names[] = { "version",	 "id",	    "name",  "boot",
					     "owner_ns", "pid",	    "start", "pid_ns",
					     "cgroups",	 "volumes", NULL };
	char own_id[64];
	int64_t version = 0;

	if (!json_object_is_type(object, json_type_object))
		return refuse(why, "state.json: no object");
	if (get_number(object, "version", &version, why) < 0)
		return -1;
	if (version != 1)
		return refuse(why, "state.json: version %lld; this minibox knows version 1",
			      (long long)version);
	if (only(object, names, why) < 0 || get_text(object, "id", own_id, sizeof(own_id), why) < 0)
		return -1;
	if (strcmp(own_id, id) != 0)
		return refuse(why, "state.json: its id is \"%s\"", own_id);
	snprintf(record->id, sizeof(record->id), "%s", id);
	if (has(object, "name") &&
	    get_text(object, "name", record->name, sizeof(record->name), why) < 0)
		return -1;
	if (get_text(object, "boot", record->boot, sizeof(record->boot), why) < 0 ||
	    get_ns(object, "owner_ns", &record->owner_ns, why) < 0 ||
	    read_process(object, record, why) < 0 ||
	    read_array(object, "cgroups", read_group, record, why) < 0)
		return -1;
	return read_array(object, "volumes", read_volume, record, why);
}

/* ---- the file ---- */

static int open_checked(int dir, char *why)
{
	struct stat st;
	/* O_NONBLOCK: a FIFO in its place must not hold us up. */
	int fd = openat(dir, "state.json", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		refuse(why, "state.json: %s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		refuse(why, "state.json is no regular file");
	else if (st.st_uid != geteuid())
		refuse(why, "state.json belongs to uid %u", st.st_uid);
	else if (st.st_mode & (S_IWGRP | S_IWOTH))
		refuse(why, "state.json can be written by others (mode %04o)", st.st_mode & 07777);
	else if (st.st_size > LONGEST)
		refuse(why, "state.json is longer than %d bytes", LONGEST);
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static json *parse(const char *text, size_t length)
{
	struct json_tokener *tokener = json_tokener_new();
	json *object = tokener ? json_tokener_parse_ex(tokener, text, (int)length) : NULL;
	bool whole = object && json_tokener_get_error(tokener) == json_tokener_success;

	for (size_t i = whole ? json_tokener_get_parse_end(tokener) : 0; whole && i < length; i++)
		whole = text[i] && isspace((unsigned char)text[i]);
	if (!whole)
		json_object_put(object);
	if (tokener)
		json_tokener_free(tokener);
	return whole ? object : NULL;
}

int record_read(int dir, const char *id, struct record *record, char *why)
{
	size_t length = 0;
	int fd = open_checked(dir, why), result = -1;

	memset(record, 0, sizeof(*record));
	if (fd < 0)
		return -1;
	char *text = malloc(LONGEST + 1);
	for (ssize_t n = 1; text && n > 0 && length <= LONGEST; length += n > 0 ? (size_t)n : 0)
		n = read(fd, text + length, LONGEST + 1 - length);
	close(fd);
	json *object = text && length <= LONGEST ? parse(text, length) : NULL;
	free(text);
	if (!object)
		return refuse(why, "state.json is torn: no whole JSON object");
	result = read_object(object, id, record, why);
	json_object_put(object);
	if (result < 0)
		record_free(record);
	return result;
}
