/*
 * printable.h: text that others have chosen (process names, paths) made harmless and measured.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The next character of UTF-8 text, *text moved on. What is no UTF-8 is read as U+FFFD, a byte at
 * a time. 0 at the end. */
uint32_t utf8_next(const char **text);

/* Writes a character as UTF-8; returns the bytes (1 to 4). out has room for four. */
int utf8_put(char *out, uint32_t ch);

/* Columns that it takes: 0 (combining), 1 or 2. The same in every locale, so that a fixture gives
 * the same picture everywhere. */
int char_columns(uint32_t ch);

/* May it be sent to a terminal? Control characters, and those that turn the writing direction,
 * may not. */
int char_is_harmless(uint32_t ch);

/* Copies text with all that is not harmless as ^[ or ?, valid UTF-8, cut to size. Returns out. */
char *printable(const char *text, char *out, size_t size);

/* Copies as much of text as fits into out and ends it with NUL: what is longer is cut, on purpose.
 */
void text_cut(char *out, size_t size, const char *text, size_t length);
