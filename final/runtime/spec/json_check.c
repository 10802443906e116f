/*
 * json_check.c: a reader of JSON that keeps nothing.
 */
#define _GNU_SOURCE
#include "json_check.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const char *at, *end; /* text that is still to be read; NUL at end */
	struct json_fault *fault;
	const char *text;
};

static size_t put_place(const struct json_place *place, char *out, size_t size)
{
	if (!place->up)
		return 0;
	size_t n = put_place(place->up, out, size);
	char *to = size > n ? out + n : NULL;
	size_t room = size > n ? size - n : 0;

	return n + (size_t)(place->name ? snprintf(to, room, "%s%s", n ? "." : "", place->name)
					: snprintf(to, room, "[%zu]", place->index));
}

const char *json_place_text(const struct json_place *place, char *out, size_t size)
{
	char whole[4096] = "";
	size_t n = put_place(place, whole, sizeof(whole));

	if (n == 0)
		snprintf(whole, sizeof(whole), "config.json");
	n = strlen(whole);
	for (char *c = whole; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	if (n < size)
		memcpy(out, whole, n + 1);
	else
		snprintf(out, size, "...%s", whole + n - (size - 4));
	return out;
}

static bool wrong(struct reader *r, const struct json_place *place, const char *what)
{
	if (r->fault->what) /* the first one counts */
		return false;
	json_place_text(place, r->fault->member, sizeof(r->fault->member));
	r->fault->what = what;
	r->fault->line = 1;
	for (const char *c = r->text; c < r->at; c++)
		r->fault->line += *c == '\n';
	errno = EINVAL;
	return false;
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end &&
	       (*r->at == ' ' || (*r->at >= '\t' && *r->at <= '\n') || *r->at == '\r'))
		r->at++;
}

static bool take(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

/* How many bytes the UTF-8 character at c has; 0: it is none. Table 3-7 of the Unicode standard. */
static size_t utf8_length(const unsigned char *c, size_t left)
{
	size_t n = c[0] < 0x80	 ? 1
		   : c[0] < 0xc2 ? 0
		   : c[0] < 0xe0 ? 2
		   : c[0] < 0xf0 ? 3
		   : c[0] < 0xf5 ? 4
				 : 0;

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
	    (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f))
		return 0;
	return n;
}

bool json_can_hold(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	size_t left = strlen(text), n = 1;

	for (; left > 0 && (n = utf8_length(c, left)) > 0; left -= n)
		c += n;
	return left == 0;
}

/* The four digits after \u; -1: they are none. */
static long hex4(struct reader *r)
{
	char digits[5] = "";

	if (r->end - r->at < 4)
		return -1;
	memcpy(digits, r->at, 4);
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return -1;
	r->at += 4;
	return strtol(digits, NULL, 16);
}

/* After a backslash. */
static bool escape(struct reader *r, const struct json_place *place)
{
	char kind = r->at < r->end ? *r->at++ : '\0';

	if (kind && strchr("\"\\/bfnrt", kind))
		return true;
	long code = kind == 'u' ? hex4(r) : -1;
	if (code < 0)
		return wrong(r, place, "An escape that JSON does not have stands in a string.");
	if (code == 0)
		return wrong(
			r, place,
			"\\u0000 stands in a string: the kernel would see only what is before it.");
	if (code < 0xd800 || code > 0xdfff)
		return true;
	if (code < 0xdc00 && r->end - r->at > 2 && r->at[0] == '\\' && r->at[1] == 'u') {
		r->at += 2;
		code = hex4(r);
		if (code >= 0xdc00 && code <= 0xdfff)
			return true;
	}
	return wrong(r, place, "Half a surrogate pair (\\ud800 to \\udfff) stands in a string.");
}

static bool string(struct reader *r, const struct json_place *place)
{
	if (!take(r, '"'))
		return wrong(r, place, "A string is missing here.");
	while (r->at < r->end && *r->at != '"') {
		size_t n = utf8_length((const unsigned char *)r->at, (size_t)(r->end - r->at));
		if (n == 0)
			return wrong(r, place, "A string holds bytes that are not UTF-8.");
		if ((unsigned char)*r->at < ' ')
			return wrong(
				r, place,
				"A control character stands in a string (or its closing quote is "
				"missing).");
		bool escaped = *r->at == '\\';
		r->at += n;
		if (escaped && !escape(r, place))
			return false;
	}
	return take(r, '"') || wrong(r, place, "The text ends inside a string.");
}

static size_t digits(struct reader *r)
{
	size_t n = strspn(r->at, "0123456789");

	r->at += n;
	return n;
}

static bool number(struct reader *r, const struct json_place *place)
{
	const char *start = r->at;
	bool whole = true;

	r->at += *r->at == '-';
	bool zero = *r->at == '0';
	size_t n = digits(r);
	if (n == 0 || (zero && n > 1))
		return wrong(r, place, "This is no value that JSON has.");
	if (*r->at == '.') {
		whole = false;
		r->at++;
		if (digits(r) == 0)
			return wrong(r, place, "Digits are missing after the point.");
	}
	if (*r->at == 'e' || *r->at == 'E') {
		whole = false;
		r->at++;
		r->at += *r->at == '-' || *r->at == '+';
		if (digits(r) == 0)
			return wrong(r, place, "Digits are missing in the exponent.");
	}
	errno = 0;
	if (whole)
		(void)(*start == '-' ? (unsigned long long)strtoll(start, NULL, 10)
				     : strtoull(start, NULL, 10));
	return !(whole && errno == ERANGE) ||
	       wrong(r, place, "The number does not fit into 64 bits.");
}

/* The name between two quotes as it is meant: "\u0061" is "a". The caller frees it. */
static char *meant(const char *from, size_t length)
{
	char *copy = strndup(from, length + 2);
	struct json_object *parsed = copy && strchr(copy, '\\') ? json_tokener_parse(copy) : NULL;

	if (parsed) {
		free(copy);
		copy = strdup(json_object_get_string(parsed));
		json_object_put(parsed);
	} else if (copy) {
		memmove(copy, copy + 1, length);
		copy[length] = '\0';
	}
	return copy;
}

static bool value(struct reader *r, const struct json_place *place, int depth);

/* One "name": value; names holds those before it. */
static bool member(struct reader *r, const struct json_place *place, int depth,
		   struct json_object *names)
{
	skip_blanks(r);
	const char *start = r->at;
	if (!string(r, place))
		return false;
	char *name = meant(start, (size_t)(r->at - start) - 2);
	struct json_place here = { .up = place, .name = name };
	bool good = name != NULL;

	if (!good)
		r->fault->what = "Out of memory.";
	else if (json_object_object_get_ex(names, name, NULL))
		good = wrong(r, &here, "The name stands there twice: which of the two is meant?");
	else if (json_object_object_add(names, name, NULL) < 0 || !take(r, ':'))
		good = wrong(r, &here, "A colon is missing after the name.");
	good = good && value(r, &here, depth);
	free(name);
	return good;
}

static bool object(struct reader *r, const struct json_place *place, int depth)
{
	struct json_object *names = json_object_new_object();
	bool good = names != NULL;

	if (!take(r, '}')) {
		while (good && (good = member(r, place, depth, names)) && take(r, ','))
			;
		good = good &&
		       (take(r, '}') || wrong(r, place, "A comma or the closing } is missing."));
	}
	json_object_put(names);
	return good;
}

static bool array(struct reader *r, const struct json_place *place, int depth)
{
	struct json_place here = { .up = place };

	if (take(r, ']'))
		return true;
	do {
		if (!value(r, &here, depth))
			return false;
		here.index++;
	} while (take(r, ','));
	return take(r, ']') || wrong(r, place, "A comma or the closing ] is missing.");
}

static bool word(struct reader *r, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0)
		return false;
	r->at += n;
	return true;
}

static bool value(struct reader *r, const struct json_place *place, int depth)
{
	skip_blanks(r);
	if (r->at == r->end)
		return wrong(r, place, "The text ends here; a value is missing.");
	if (*r->at == '"')
		return string(r, place);
	if (word(r, "true") || word(r, "false") || word(r, "null"))
		return true;
	if (*r->at != '{' && *r->at != '[')
		return number(r, place);
	if (depth == JSON_DEPTH)
		return wrong(r, place, "More than 32 objects and arrays are inside each other.");
	return *r->at++ == '{' ? object(r, place, depth + 1) : array(r, place, depth + 1);
}

int json_check(const char *text, size_t length, struct json_fault *fault)
{
	struct reader r = { .at = text, .end = text + length, .fault = fault, .text = text };
	const struct json_place document = { 0 };

	*fault = (struct json_fault){ 0 };
	skip_blanks(&r);
	if (r.at == r.end)
		wrong(&r, &document, "The file is empty.");
	else if (*r.at != '{')
		wrong(&r, &document, "It should be an object, in { and }.");
	else if (value(&r, &document, 0)) {
		skip_blanks(&r);
		if (r.at < r.end)
			wrong(&r, &document,
			      "Something stands behind the closing } of the object.");
	}
	return fault->what ? -1 : 0;
}
