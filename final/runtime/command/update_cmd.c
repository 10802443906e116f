/*
 * update_cmd.c: update.
 *
 * The flags become the JSON that --resources takes, so that one reader judges both.
 */
#define _GNU_SOURCE
#include "commands.h"
#include "command_line.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

enum value { NUMBER, BYTES, TEXT };

/* A flag and the member that it is. */
struct flag {
	const char *name, *object, *member;
	enum value value;
	const char *help;
};

static const struct flag flags[] = {
	{ "blkio-weight", "blockIO", "weight", NUMBER, "10 to 1000" },
	{ "cpu-period", "cpu", "period", NUMBER, "microseconds" },
	{ "cpu-quota", "cpu", "quota", NUMBER, "microseconds in a period; -1: no limit" },
	{ "cpu-burst", "cpu", "burst", NUMBER, "microseconds" },
	{ "cpu-share", "cpu", "shares", NUMBER, "relative weight, 1024 is usual" },
	{ "cpu-rt-period", "cpu", "realtimePeriod", NUMBER, "microseconds" },
	{ "cpu-rt-runtime", "cpu", "realtimeRuntime", NUMBER, "microseconds" },
	{ "cpu-idle", "cpu", "idle", NUMBER, "0 or 1" },
	{ "cpuset-cpus", "cpu", "cpus", TEXT, "0-1,3" },
	{ "cpuset-mems", "cpu", "mems", TEXT, "0-1,3" },
	{ "kernel-memory", "memory", "kernel", BYTES, "refused: no kernel has it any more" },
	{ "kernel-memory-tcp", "memory", "kernelTCP", BYTES, "64m" },
	{ "memory", "memory", "limit", BYTES, "64m; -1: no limit" },
	{ "memory-reservation", "memory", "reservation", BYTES, "64m" },
	{ "memory-swap", "memory", "swap", BYTES, "memory and swap together; -1: no limit" },
	{ "pids-limit", "pids", "limit", NUMBER, "-1: no limit" },
};
enum { FLAGS = sizeof(flags) / sizeof(*flags) };

/* "64m", "64MB", "65536", "-1". false: neither, or more than 63 bits. */
static bool parse_number(const char *text, bool bytes, int64_t *out)
{
	static const char units[] = "bkmgtp";
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	if (errno || end == text)
		return false;
	if (!*end || !bytes || *out < 0)
		return !*end;
	const char *unit = strchr(units, *end | 0x20);
	int shift = unit && *unit ? 10 * (int)(unit - units) : -1;
	end += 1;
	if (*end == 'i' && shift > 0)
		end++;
	if ((*end | 0x20) == 'b' && shift > 0)
		end++;
	if (*end || shift < 0 || *out > INT64_MAX >> shift)
		return false;
	*out <<= shift;
	return true;
}

/* Returns 0, or 1: it was said why. */
static int put_flag(struct json_object *all, const struct flag *flag, const char *text)
{
	struct json_object *object, *value;
	int64_t number;

	if (flag->value == TEXT)
		value = json_object_new_string(text);
	else if (parse_number(text, flag->value == BYTES, &number))
		value = json_object_new_int64(number);
	else
		return command_refuse(text,
				      flag->value == BYTES
					      ? "invalid value: it is a number of bytes, as 64m."
					      : "invalid value: it is a whole number.",
				      flag->help);
	if (!json_object_object_get_ex(all, flag->object, &object)) {
		object = json_object_new_object();
		json_object_object_add(all, flag->object, object);
	}
	json_object_object_add(object, flag->member, value);
	return 0;
}

/* The JSON, ours to free(3). NULL: it was said why. */
static char *text_of_flags(const char *given[FLAGS])
{
	struct json_object *all = json_object_new_object();
	int bad = 0;

	for (int i = 0; !bad && i < FLAGS; i++)
		if (given[i] && given[i][0])
			bad = put_flag(all, &flags[i], given[i]);
	char *text = bad ? NULL : strdup(json_object_to_json_string(all));
	json_object_put(all);
	return text;
}

static char *text_of_file(const char *path, size_t *length)
{
	const char *file = strcmp(path, "-") == 0 ? "/dev/stdin" : path;
	char *text = SYS(read_whole_at(AT_FDCWD, file, length), path);

	if (!text)
		command_failed();
	return text;
}

static int update(const char *id, const char *text, size_t length)
{
	static struct runtime_root root;
	static struct box box;
	struct spec_resources resources;
	struct json_object *json;

	if (spec_parse_resources(text, length, &resources, &json) < 0)
		return command_failed();
	int result = command_box(&root, id, BOX_HOLD, &box);
	if (result == 0) {
		result = runtime_update(&box, &resources);
		int saved = errno;
		box_close(&box);
		errno = saved;
	}
	int status = result < 0 ? command_failed() : 0;
	resources_free(&resources);
	json_object_put(json);
	return status;
}

int runtime_cmd_update(int argc, char **argv)
{
	const char *given[FLAGS] = { 0 }, *file = NULL;
	struct option_row rows[FLAGS + 2] = {
		{ "resources", 'r', OPTION_TEXT, &file,
		  "FILE with linux.resources as JSON; - is standard input" },
	};
	const struct option_table table = { "update [OPTIONS] CONTAINER-ID",
					    "update - give a container other limits", rows, 1, 1 };
	size_t length = 0;
	int used = 0;

	for (int i = 0; i < FLAGS; i++)
		rows[1 + i] = (struct option_row){ flags[i].name, 0, OPTION_TEXT, &given[i],
						   flags[i].help };
	int first = command_line(&table, argc, argv);
	if (first < 0)
		return first == -2 ? 0 : 1;
	for (int i = 0; i < FLAGS; i++)
		used += given[i] && given[i][0];
	if (file && used)
		return command_refuse("--resources", "It stands for all other options.",
				      "Write their limits into that file.");
	if (!file && !used)
		return command_refuse("update", "No limit is named.", "update --help");
	char *text = file ? text_of_file(file, &length) : text_of_flags(given);
	if (!text)
		return 1;
	int status = update(argv[first], text, file ? length : strlen(text));
	free(text);
	return status;
}
