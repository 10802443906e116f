/*
 * spec_reader.c: config.json's values, judged by type and range.
 */
#define _GNU_SOURCE
#include "spec_reader.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char reading[] = "reading config.json";
static const char correct_it[] = "Correct that member; the OCI runtime specification, config.md "
				 "and config-linux.md, describes it.";

/* The value as it is written, cut to one line's length, and its type where that is not plain. */
static void found(const struct spec_node *value, char *out, size_t size)
{
	static const char *const types[] = { [json_type_string] = " (a string)",
					     [json_type_double] =
						     " (a number with a fraction or an exponent)" };
	enum json_type type = json_object_get_type(value->json);
	const char *text = json_object_to_json_string_ext(value->json,
							  JSON_C_TO_STRING_NOSLASHESCAPE);
	int n = 0, most = 60;

	while (n < most && text[n])
		n++;
	while (text[n] && n > 0 && (text[n] & 0xc0) == 0x80) /* not in the middle of a character */
		n--;
	snprintf(out, size, "%.*s%s%s", n, text, text[n] ? "..." : "",
		 type < sizeof(types) / sizeof(*types) && types[type] ? types[type] : "");
}

static int record(int err, const struct json_place *place, const char *cause, const char *remedy)
{
	char member[200];

	sys_failure_set(err, reading, json_place_text(place, member, sizeof(member)), cause,
			remedy);
	return -1;
}

int spec_wrong(const struct spec_node *value, const char *format, ...)
{
	char expected[200], is[140], cause[380];
	va_list args;

	va_start(args, format);
	vsnprintf(expected, sizeof(expected), format, args);
	va_end(args);
	found(value, is, sizeof(is));
	snprintf(cause, sizeof(cause), "Found %s, expected %s.", is, expected);
	return record(EINVAL, &value->place, cause, correct_it);
}

int spec_missing(const struct spec_node *object, const char *name, const char *expected)
{
	struct json_place place = { .up = &object->place, .name = name };
	char cause[300];

	snprintf(cause, sizeof(cause), "It is not there; expected %s.", expected);
	return record(EINVAL, &place, cause, correct_it);
}

int spec_not_yet(const struct spec_node *value)
{
	char is[140], cause[380];

	found(value, is, sizeof(is));
	snprintf(cause, sizeof(cause),
		 "Found %s: this member is not acted on by this runtime yet, and without it the "
		 "container "
		 "would not be what the file asks for.",
		 is);
	return record(ENOTSUP, &value->place, cause,
		      "Leave the member out, or use a runtime that has it (runc, crun).");
}

int spec_value_is(const struct spec_node *value, enum json_type type)
{
	static const char *const names[] = {
		[json_type_null] = "null",	  [json_type_boolean] = "true or false",
		[json_type_double] = "a number",  [json_type_int] = "a whole number",
		[json_type_object] = "an object", [json_type_array] = "an array",
		[json_type_string] = "a string",
	};

	return json_object_is_type(value->json, type) ? 0 : spec_wrong(value, "%s", names[type]);
}

/* 1, 0 or -1 as the readers of the header. */
static int member(const struct spec_node *object, const char *name, enum json_type type,
		  struct spec_node *out)
{
	if (!object->json || !json_object_object_get_ex(object->json, name, NULL))
		return 0;
	*out = spec_at(object, name);
	return spec_value_is(out, type) < 0 ? -1 : 1;
}

int spec_object(const struct spec_node *object, const char *name, struct spec_node *out)
{
	return member(object, name, json_type_object, out);
}

int spec_array(const struct spec_node *object, const char *name, struct spec_node *out)
{
	return member(object, name, json_type_array, out);
}

int spec_text(const struct spec_node *object, const char *name, const char **out)
{
	struct spec_node node;
	int result = member(object, name, json_type_string, &node);

	if (result > 0)
		*out = json_object_get_string(node.json);
	return result;
}

int spec_flag(const struct spec_node *object, const char *name, bool *out)
{
	struct spec_node node;
	int result = member(object, name, json_type_boolean, &node);

	if (result > 0)
		*out = json_object_get_boolean(node.json);
	return result;
}

/* json-c keeps what is beyond INT64_MAX as an unsigned number and saturates on the way to
 * int64_t. */
static bool beyond_int64(struct json_object *number)
{
	return json_object_get_int64(number) == INT64_MAX &&
	       json_object_get_uint64(number) > INT64_MAX;
}

int spec_value_number(const struct spec_node *value, int64_t least, int64_t most, int64_t *out)
{
	if (json_object_is_type(value->json, json_type_int) && !beyond_int64(value->json)) {
		int64_t number = json_object_get_int64(value->json);
		if (number >= least && number <= most) {
			*out = number;
			return 0;
		}
	}
	return spec_wrong(value, "a whole number from %" PRId64 " to %" PRId64, least, most);
}

int spec_number(const struct spec_node *object, const char *name, int64_t least, int64_t most,
		int64_t *out)
{
	struct spec_node node = spec_at(object, name);

	if (!object->json || !json_object_object_get_ex(object->json, name, NULL))
		return 0;
	return spec_value_number(&node, least, most, out) < 0 ? -1 : 1;
}

int spec_unsigned(const struct spec_node *object, const char *name, uint64_t most, uint64_t *out)
{
	struct spec_node node = spec_at(object, name);

	if (!object->json || !json_object_object_get_ex(object->json, name, NULL))
		return 0;
	if (json_object_is_type(node.json, json_type_int) &&
	    json_object_get_int64(node.json) >= 0 && json_object_get_uint64(node.json) <= most) {
		*out = json_object_get_uint64(node.json);
		return 1;
	}
	return spec_wrong(&node, "a whole number from 0 to %" PRIu64, most);
}

int spec_path(const struct spec_node *object, const char *name, const char **out)
{
	struct spec_node node;
	int result = member(object, name, json_type_string, &node);

	if (result <= 0)
		return result;
	const char *path = json_object_get_string(node.json);
	if (!path[0])
		return 0;
	if (path[0] != '/')
		return spec_wrong(&node, "an absolute path");
	if (strlen(path) >= PATH_MAX)
		return spec_wrong(&node, "a path of at most %d bytes", PATH_MAX - 1);
	*out = path;
	return 1;
}

struct spec_node spec_at(const struct spec_node *object, const char *name)
{
	struct spec_node node = { { .up = &object->place, .name = name }, NULL };

	if (object->json)
		json_object_object_get_ex(object->json, name, &node.json);
	return node;
}

size_t spec_length(const struct spec_node *array)
{
	return array->json ? json_object_array_length(array->json) : 0;
}

void spec_element(const struct spec_node *array, size_t index, struct spec_node *out)
{
	*out = (struct spec_node){ { .up = &array->place, .index = index },
				   json_object_array_get_idx(array->json, index) };
}

char **spec_strings(const struct spec_node *array)
{
	size_t count = spec_length(array);
	char **out = calloc(count + 1, sizeof(*out));

	for (size_t i = 0; out && i < count; i++) {
		struct spec_node one;
		spec_element(array, i, &one);
		if (spec_value_is(&one, json_type_string) < 0) {
			free(out);
			return NULL;
		}
		out[i] = (char *)(uintptr_t)json_object_get_string(one.json);
	}
	return out;
}

int spec_word(const struct spec_node *value, const char *const words[], const char *expected)
{
	if (spec_value_is(value, json_type_string) < 0)
		return -1;
	const char *text = json_object_get_string(value->json);
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return spec_wrong(value, "%s", expected);
}

void spec_drop_nulls(struct json_object *json)
{
	if (json_object_is_type(json, json_type_object)) {
		/* The macro has the next one in hand before this one goes. */
		json_object_object_foreach(json, name, value)
		{
			if (value)
				spec_drop_nulls(value);
			else
				json_object_object_del(json, name);
		}
	}
	if (json_object_is_type(json, json_type_array))
		for (size_t i = 0; i < json_object_array_length(json); i++)
			spec_drop_nulls(json_object_array_get_idx(json, i));
}
