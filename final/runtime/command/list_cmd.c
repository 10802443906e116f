/*
 * list_cmd.c: list.
 */
#define _GNU_SOURCE
#include "commands.h"
#include "command_line.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <json-c/json.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct listing {
	const char *format;
	bool quiet;
	struct json_object *array; /* of format json */
};

static const char *owner_of(const struct box *box, char *out, size_t size)
{
	struct stat st;
	struct passwd *user = fstat(box->dir, &st) == 0 ? getpwuid(st.st_uid) : NULL;

	if (user)
		snprintf(out, size, "%s", user->pw_name);
	else
		snprintf(out, size, "%u", st.st_uid);
	return out;
}

static void list_json(const struct box *box, struct listing *listing, const char *owner)
{
	char *text = runtime_state(box);
	struct json_object *state = text ? json_tokener_parse(text) : NULL;

	if (state) {
		json_object_object_add(state, "owner", json_object_new_string(owner));
		json_object_array_add(listing->array, state);
	}
	free(text);
}

/* One that cannot be read is said, and the others are listed. */
static int list_one(const struct runtime_root *root, const char *id, void *arg)
{
	struct listing *listing = arg;
	struct box box;
	char owner[64];

	if (box_open(root, id, BOX_LOOK, &box) < 0) {
		if (errno != ENOENT)
			sys_failure_print(2, "minibox-runtime");
		sys_failure_clear();
		return 0;
	}
	enum box_status status = box_status(&box);
	if (status == BOX_UNKNOWN) { /* the others are listed all the same */
		sys_failure_print(2, "minibox-runtime");
		sys_failure_clear();
	}
	owner_of(&box, owner, sizeof(owner));
	if (listing->quiet)
		printf("%s\n", id);
	else if (listing->array)
		list_json(&box, listing, owner);
	else
		printf("%-24s %-11d %-11s %-40s %-31s %s\n", id,
		       status == BOX_STOPPED ? 0 : box.record.pid, box_status_name(status),
		       box.record.bundle, box.record.created, owner);
	box_close(&box);
	return 0;
}

int runtime_cmd_list(int argc, char **argv)
{
	struct listing listing = { .format = "table" };
	const struct option_row rows[] = {
		{ "format", 'f', OPTION_TEXT, &listing.format, "table or json" },
		{ "quiet", 'q', OPTION_FLAG, &listing.quiet, "the ids alone" },
		{ NULL, 0, OPTION_FLAG, NULL, NULL },
	};
	const struct option_table table = { "list [OPTIONS]", "list - the containers below --root",
					    rows, 0, 0 };
	static struct runtime_root root;
	int first = command_line(&table, argc, argv);

	if (first < 0)
		return first == -2 ? 0 : 1;
	bool json = strcmp(listing.format, "json") == 0;
	if (!json && strcmp(listing.format, "table") != 0)
		return command_refuse(listing.format, "invalid format option: it is table or json.",
				      NULL);
	if (command_root(&root) < 0)
		return command_failed();
	if (json && !listing.quiet)
		listing.array = json_object_new_array();
	else if (!listing.quiet)
		printf("%-24s %-11s %-11s %-40s %-31s %s\n", "ID", "PID", "STATUS", "BUNDLE",
		       "CREATED", "OWNER");
	if (box_each(&root, list_one, &listing) < 0)
		return command_failed();
	if (listing.array)
		printf("%s\n", json_object_to_json_string_ext(
				       listing.array,
				       JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(listing.array);
	return fflush(stdout) == 0 ? 0 : 1;
}
