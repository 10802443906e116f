/*
 * json_check.h: is this text strict JSON, and does it say one thing only?
 *
 * json-c builds the tree; this reads the text before it does, because a tree no longer shows a name
 * that was there twice, a string that was cut at \u0000, or a number that was made to fit.
 *
 * Source: RFC 8259.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Where a value stands in the document, from the inside out: a list on the stack. */
struct json_place {
	const struct json_place *up; /* NULL: the document itself */
	const char *name;	     /* of a member; NULL: an element of an array */
	size_t index;		     /* of an element */
};

/* "process.user.uid", "mounts[3].options[1]"; "config.json" for the document itself. Control
 * characters become '?'; what does not fit is cut at its beginning ("...options[1]"). Returns out.
 */
const char *json_place_text(const struct json_place *place, char *out, size_t size);

struct json_fault {
	char member[200]; /* the value that is wrong, or that was being read; json_place_text() */
	int line;	  /* of the text, from 1 */
	const char *what; /* "The name stands there twice." */
};

/* Can a JSON string hold this? UTF-8 of the Unicode standard, table 3-7. */
bool json_can_hold(const char *text);

enum { JSON_DEPTH = 32 }; /* objects and arrays inside each other */

/* Reads the whole text: one object, nothing behind it. Refused besides bad syntax: a name twice in
 * one object, \u0000 and half a surrogate pair in a string, bytes that are not UTF-8, a whole
 * number beyond 64 bits, more than JSON_DEPTH levels. Returns 0, or -1 with errno EINVAL (ENOMEM)
 * and fault filled in. */
int json_check(const char *text, size_t length, struct json_fault *fault);
