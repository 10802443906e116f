/*
 * escape.h: text of others on a terminal. A path, an argument or a process name may hold any byte
 * but NUL; shown as it is, an escape code in it is obeyed, and a newline makes two lines of a
 * message.
 */
#pragma once

#include <stddef.h>

enum { ESCAPED = 1024 };

/* Copies text into out (NUL-ended): control characters (also those of ISO 6429's upper half), the
 * ones that turn the direction of writing, and bytes that are no UTF-8 become \xHH a byte, a
 * newline \n, a tab \t. keep: control characters that stay ("\n"), or "". What has no room is cut,
 * and "..." stands there. Returns out. */
const char *escape(char *out, size_t size, const char *text, const char *keep);

/* The same as an argument of printf: it lives as long as the block that it stands in. */
#define SHOWN(text) escape((char[ESCAPED]){ 0 }, ESCAPED, text, "")

/* How many bytes the character at text has if it is UTF-8 as RFC 3629 wants it, else 0. */
size_t utf8_length(const char *text);
