/*
 * values.c: figures and texts as JSON has them.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/meet/escape.h"
#include "say.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A path or a process name may hold any byte, or be cut in the middle of a character. */
void json_escape(char *out, size_t size, const char *text)
{
	size_t n = 0, length;

	for (const unsigned char *c = (const unsigned char *)text; *c && n + 7 < size;
	     c += length ? length : 1) {
		length = utf8_length((const char *)c);
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
