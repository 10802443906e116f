/*
 * values.c: figures and texts as JSON has them.
 */
#define _GNU_SOURCE
#include "say.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many bytes the character at c has if it is UTF-8 as RFC 3629 wants it, else 0. */
static size_t utf8_length(const unsigned char *c)
{
	size_t length = *c < 0x80   ? 1
			: *c < 0xc2 ? 0
			: *c < 0xe0 ? 2
			: *c < 0xf0 ? 3
			: *c < 0xf5 ? 4
				    : 0;

	for (size_t i = 1; i < length; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	bool too_long = (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xf0 && c[1] < 0x90);
	bool no_character = (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf4 && c[1] > 0x8f);
	return length > 1 && (too_long || no_character) ? 0 : length;
}

/* A path or a process name may hold any byte, or be cut in the middle of a character. */
void json_escape(char *out, size_t size, const char *text)
{
	size_t n = 0, length;

	for (const unsigned char *c = (const unsigned char *)text; *c && n + 7 < size;
	     c += length ? length : 1) {
		length = utf8_length(c);
		if (!length)
			n += (size_t)snprintf(out + n, 7, "\\ufffd");
		else if (*c == '"' || *c == '\\')
			out[n++] = '\\', out[n++] = (char)*c;
		else if (*c < 0x20 || *c == 0x7f)
			n += (size_t)snprintf(out + n, 7, "\\u%04x", *c);
		else
			n += (size_t)snprintf(out + n, 5, "%.*s", (int)length, (const char *)c);
	}
	out[n] = '\0';
}

/* RFC 8259: no leading zeros, digits on both sides of the point. */
static bool is_number(const char *text)
{
	const char *c = text + (*text == '-');

	if (!isdigit((unsigned char)*c) || (c[0] == '0' && isdigit((unsigned char)c[1])))
		return false;
	c += strspn(c, "0123456789");
	if (*c == '.' && isdigit((unsigned char)c[1]))
		c += 1 + strspn(c + 1, "0123456789");
	return *c == '\0';
}

void value(const char *key, const char *format, ...)
{
	char text[1024], escaped[2048], member[2200];
	size_t used = strlen(outcome->values);

	FORMAT_INTO(text);
	json_escape(escaped, sizeof(escaped), text);
	const char *quote = is_number(text) ? "" : "\"";
	int n = snprintf(member, sizeof(member), "%s\"%.100s\": %s%s%s", used ? ", " : "", key,
			 quote, escaped, quote);
	/* Half a member would break the whole object: a missing one is seen by who asks for it. */
	if (used + (size_t)n < sizeof(outcome->values))
		memcpy(outcome->values + used, member, (size_t)n + 1);
	else
		check(false, "the scene's values have no room for \"%s\"", key);
}
