/*
 * spec_cases.h: a good config.json, one change of it, and what its error must name. For
 * test_spec.c and test_spec_parts.c.
 */
#pragma once

#include "final/runtime/spec/spec.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A container that everything below is a change of. */
static const char base[] =
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},"
	"\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"sh\"],\"env\":[\"A=b\"],\"cwd\":"
	"\"/\"},"
	"\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/data\",\"type\":\"bind\",\"source\":\"/"
	"srv\",\"options\":[\"rbind\",\"ro\"]}],"
	"\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"},{\"type\":\"uts\"}]}}";

/* Puts value (JSON) at the place, which may be new; value NULL removes it. */
static inline void put(struct json_object *at, const char *place, const char *value)
{
	char name[64];
	const char *end = place + strcspn(place, ".[");
	struct json_object *next = NULL, *made = value && !*end ? json_tokener_parse(value) : NULL;

	if (json_object_is_type(at, json_type_array)) { /* "0]" */
		size_t index = strtoul(place, NULL, 10);
		end = strchr(place, ']') + 1;
		if (!*end) {
			json_object_array_put_idx(at, index,
						  value ? json_tokener_parse(value) : NULL);
			json_object_put(made);
			return;
		}
		next = json_object_array_get_idx(at, index);
		put(next, end + 1, value);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(end - place), place);
	if (!*end) {
		if (value)
			json_object_object_add(at, name, made);
		else
			json_object_object_del(at, name);
		return;
	}
	if (!json_object_object_get_ex(at, name, &next)) {
		next = *end == '[' ? json_object_new_array() : json_object_new_object();
		json_object_object_add(at, name, next);
	}
	put(next, end + 1, value);
}

/* base with one member changed, parsed. */
static inline int parse_with(const char *place, const char *value, struct spec *spec)
{
	struct json_object *json = json_tokener_parse(base);

	assert_non_null(json);
	if (place)
		put(json, place, value);
	const char *text = json_object_to_json_string(json);
	sys_failure_clear();
	int result = spec_parse(text, strlen(text), spec);
	int saved = errno;
	json_object_put(json);
	errno = saved;
	return result;
}

static inline void judge(const char *what, int result, int err, const char *member,
			 const char *words)
{
	const struct failure *f = sys_failure();

	if (result == 0)
		fail_msg("%s: was taken", what);
	if (errno != err || f->err != err)
		fail_msg("%s: errno %d, record %d, expected %d", what, errno, f->err, err);
	if (strcmp(f->subject, member) != 0)
		fail_msg("%s: names \"%s\", expected \"%s\"", what, f->subject, member);
	if (!strstr(f->cause, words))
		fail_msg("%s: \"%s\" lacks \"%s\"", what, f->cause, words);
	if (!f->remedy[0] && err != ENOENT)
		fail_msg("%s: no remedy", what);
}
