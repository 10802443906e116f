/*
 * spec_reader.h: one reader for each type that config.json has.
 *
 * Each reader is asked for a member of an object by name and knows where it stands, so that an
 * error says "process.user.uid", what was found and what is expected there. A member that is null
 * is one that is not there: spec_drop_nulls() has taken it out. In an array null is a value of no
 * type.
 */
#pragma once

#include "json_check.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* A value and its place. json: owned by the document. */
struct spec_node {
	struct json_place place;
	struct json_object *json;
};

/* All of these return 1 when the member is there and good, 0 when it is not there (*out is left as
 * it was), or -1 with errno EINVAL and the failure record. out must not outlive object. */
int spec_object(const struct spec_node *object, const char *name, struct spec_node *out);
int spec_array(const struct spec_node *object, const char *name, struct spec_node *out);
int spec_text(const struct spec_node *object, const char *name, const char **out);
int spec_flag(const struct spec_node *object, const char *name, bool *out);
/* A whole number in a range: written without fraction and exponent. */
int spec_number(const struct spec_node *object, const char *name, int64_t least, int64_t most,
		int64_t *out);
int spec_unsigned(const struct spec_node *object, const char *name, uint64_t most, uint64_t *out);

/* An absolute path (or "", which counts as not there) of less than PATH_MAX bytes. */
int spec_path(const struct spec_node *object, const char *name, const char **out);

/* The member itself, for a word about it: its json is NULL when it is not there. */
struct spec_node spec_at(const struct spec_node *object, const char *name);

/* Takes the members that are null out of an object and of all that is in it: programs write that
 * for what they have not set, and other runtimes pass over it. */
void spec_drop_nulls(struct json_object *json);

/* How many elements an array has, and one of them. */
size_t spec_length(const struct spec_node *array);
void spec_element(const struct spec_node *array, size_t index, struct spec_node *out);

/* The same for a value that is at hand already, an element for one. 0, or -1. */
int spec_value_is(const struct spec_node *value, enum json_type type);
int spec_value_number(const struct spec_node *value, int64_t least, int64_t most, int64_t *out);

/* An array of strings as a vector that ends with NULL; the caller frees it, not the strings.
 * Returns NULL with errno EINVAL (an element is no string) or ENOMEM. */
char **spec_strings(const struct spec_node *array);

/* The number of a string in a list of words that ends with NULL, or -1. expected: for the failure
 * record, when it is none of them. */
int spec_word(const struct spec_node *value, const char *const words[], const char *expected);

/* Records that a value is wrong: "found 1000 (a string), expected FORMAT". Returns -1 with
 * EINVAL. */
int spec_wrong(const struct spec_node *value, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Records that a member is not there. expected: what it should be. Returns -1 with EINVAL. */
int spec_missing(const struct spec_node *object, const char *name, const char *expected);

/* Records that a member of the specification is not acted on. Returns -1 with ENOTSUP. */
int spec_not_yet(const struct spec_node *value);
