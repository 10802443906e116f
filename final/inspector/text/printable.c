/*
 * printable.c: a process may call itself "\033[2J". It shall not clear our screen.
 */
#include "printable.h"

#include <string.h>

uint32_t utf8_next(const char **text)
{
	const unsigned char *s = (const unsigned char *)*text;
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	int more = *s < 0x80		     ? 0
		   : *s >= 0xf0 && *s < 0xf8 ? 3
		   : *s >= 0xe0 && *s < 0xf0 ? 2
		   : *s >= 0xc0 && *s < 0xe0 ? 1
					     : -1;

	if (!*s)
		return 0;
	*text += 1;
	if (more < 0)
		return 0xfffd;
	uint32_t ch = more == 0 ? *s : *s & (0x3fU >> more);
	for (int i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0xfffd;
		ch = ch << 6 | (s[i] & 0x3f);
	}
	if (ch < least[more] || ch > 0x10ffff || (ch >= 0xd800 && ch < 0xe000))
		return 0xfffd;
	*text += more;
	return ch;
}

int utf8_put(char *out, uint32_t ch)
{
	if (ch < 0x80) {
		out[0] = (char)ch;
		return 1;
	}
	int more = ch < 0x800 ? 1 : ch < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	for (int i = more; i > 0; i--) {
		out[i] = (char)(0x80 | (ch & 0x3f));
		ch >>= 6;
	}
	out[0] = (char)(lead[more] | ch);
	return more + 1;
}

struct range {
	uint32_t from, to;
};

static int within(const struct range *ranges, size_t count, uint32_t ch)
{
	for (size_t i = 0; i < count; i++)
		if (ch >= ranges[i].from && ch <= ranges[i].to)
			return 1;
	return 0;
}

int char_columns(uint32_t ch)
{
	static const struct range none[] = {
		{ 0x300, 0x36f },   { 0x483, 0x489 },	{ 0x591, 0x5bd },    { 0x610, 0x61a },
		{ 0x64b, 0x65f },   { 0x1ab0, 0x1aff }, { 0x200b, 0x200d },  { 0x20d0, 0x20ff },
		{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xe0100, 0xe01ef }
	};
	static const struct range wide[] = { { 0x1100, 0x115f },   { 0x2e80, 0x303e },
					     { 0x3041, 0xa4cf },   { 0xa960, 0xa97f },
					     { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
					     { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
					     { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f },
					     { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
					     { 0x20000, 0x3fffd } };

	if (ch < 0x300)
		return 1;
	if (within(none, sizeof(none) / sizeof(*none), ch))
		return 0;
	return within(wide, sizeof(wide) / sizeof(*wide), ch) ? 2 : 1;
}

int char_is_harmless(uint32_t ch)
{
	static const struct range harm[] = { { 0, 0x1f },	  { 0x7f, 0x9f },
					     { 0x61c, 0x61c },	  { 0x200b, 0x200f },
					     { 0x2028, 0x202e },  { 0x2060, 0x206f },
					     { 0xfeff, 0xfeff },  { 0xe000, 0xf8ff },
					     { 0xe0000, 0xe007f } };

	return !within(harm, sizeof(harm) / sizeof(*harm), ch);
}

char *printable(const char *text, char *out, size_t size)
{
	size_t used = 0;

	while (size) {
		char piece[8];
		uint32_t ch = utf8_next(&text);
		if (!ch)
			break;
		int n = 1;
		if (ch < 0x20 || ch == 0x7f) { /* as a terminal echoes it: ^[ is escape */
			piece[0] = '^';
			piece[1] = ch == 0x7f ? '?' : (char)(ch + '@');
			n = 2;
		} else if (!char_is_harmless(ch)) {
			piece[0] = '?';
		} else {
			n = utf8_put(piece, ch);
		}
		if (used + (size_t)n >= size)
			break;
		memcpy(out + used, piece, (size_t)n);
		used += (size_t)n;
	}
	if (size)
		out[used] = '\0';
	return out;
}

void text_cut(char *out, size_t size, const char *text, size_t length)
{
	size_t n = strnlen(text, length);

	if (n >= size)
		n = size - 1;
	memcpy(out, text, n);
	out[n] = '\0';
}
