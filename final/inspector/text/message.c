/*
 * message.c: what an argument or a process's name may do to the terminal of who reads our message.
 */
#define _GNU_SOURCE
#include "message.h"
#include "printable.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 400, AT_ONCE = 4 };

bool locale_is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* One ? for each character, as the screen has it. */
static void only_ascii(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (((unsigned char)*from & 0x80) == 0)
			*to++ = *from;
		else if (((unsigned char)*from & 0xc0) == 0xc0)
			*to++ = '?';
	*to = '\0';
}

const char *for_terminal(const char *text)
{
	static char texts[AT_ONCE][LONGEST + 4];
	static unsigned turn;
	char *out = texts[turn++ % AT_ONCE], longer[LONGEST + 16];

	printable(text, longer, sizeof(longer));
	printable(longer, out, LONGEST + 1);
	if (strcmp(longer, out) != 0)
		strcat(out, "...");
	if (!locale_is_utf8())
		only_ascii(out);
	return out;
}
