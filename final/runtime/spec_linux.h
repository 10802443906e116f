/*
 * spec_linux.h: the "linux" part of config.json, and what both parts of the reader use.
 */
#pragma once

#include "spec.h"

#include <json-c/json.h>

int spec_read_linux(struct json_object *part, struct spec *spec);

/* Records that a member is wrong and what is expected; returns -1 with EINVAL. */
int spec_wrong(const char *member, const char *expected);

/* A member of that type, or NULL: not there, or of another type. */
struct json_object *spec_member(struct json_object *object, const char *name, enum json_type type);
const char *spec_string(struct json_object *object, const char *name);
