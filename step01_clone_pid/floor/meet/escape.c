/*
 * escape.c: no byte of others is obeyed by a terminal.
 */
#include "escape.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

size_t utf8_length(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
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

/* U+0080 to U+009F are control characters in two bytes: some terminals take U+009B for ESC [. Of
 * the others, those that end a line or turn the direction of writing (U+2028 to U+202E, U+2066 to
 * U+2069): after one of them a message reads otherwise than it was written. */
static bool is_obeyed(const char *text, size_t length)
{
	const unsigned char *c = (const unsigned char *)text;

	if (length == 1)
		return c[0] < 0x20 || c[0] == 0x7f;
	if (length == 2)
		return c[0] == 0xc2 && c[1] < 0xa0;
	return length == 3 && c[0] == 0xe2 &&
	       ((c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
		(c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

/* One character, as it is shown, into out (17 bytes). Returns its length. */
static size_t show_one(char *out, const char *text, size_t length, const char *keep)
{
	bool plain = length && (!is_obeyed(text, length) || (length == 1 && strchr(keep, *text)));
	size_t n = 0;

	if (plain)
		return (size_t)snprintf(out, 17, "%.*s", (int)length, text);
	if (*text == '\n' || *text == '\t')
		return (size_t)snprintf(out, 17, "%s", *text == '\n' ? "\\n" : "\\t");
	for (size_t i = 0; i < (length ? length : 1); i++)
		n += (size_t)snprintf(out + n, 17 - n, "\\x%02x", (unsigned char)text[i]);
	return n;
}

const char *escape(char *out, size_t size, const char *text, const char *keep)
{
	static const char cut[] = "...";
	size_t n = 0, last_with_room = 0;

	while (*text) {
		char one[17];
		size_t length = utf8_length(text), wide = show_one(one, text, length, keep);
		if (n + sizeof(cut) <= size)
			last_with_room = n;
		if (n + wide >= size) {
			if (size >= sizeof(cut)) {
				memcpy(out + last_with_room, cut, sizeof(cut));
				return out;
			}
			break;
		}
		memcpy(out + n, one, wide);
		n += wide;
		text += length ? length : 1;
	}
	if (size)
		out[n] = '\0';
	return out;
}
