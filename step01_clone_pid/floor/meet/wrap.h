/*
 * wrap.h: text for a projector: broken at blanks, continued below with an indent.
 */
#pragma once

#include <stddef.h>

enum { PROJECTOR = 76 }; /* columns of a line that a room can read */

#define GLUE "\037" /* a blank at which nothing is broken */

/* Copies text into out (NUL-ended) with newlines for blanks where a line would pass the given
 * width; lines after the first begin with indent blanks, the first at column. A word that is longer
 * than a line is left whole. UTF-8 is counted in characters. Returns the length of out. */
size_t wrap(char *out, size_t size, const char *text, size_t column, size_t indent, size_t width);

/* The same for a shell line, which stays one that can be copied and run: broken where the shell
 * wants more anyway (after ";", "&&", "|", "do"), else at a blank, by a backslash; in double quotes
 * only after ";". Quotes around code (sh -c '...') change nothing in that, around other text they
 * might: the tests run what is printed. */
size_t wrap_shell(char *out, size_t size, const char *line, size_t column, size_t indent,
		  size_t width);

/* Columns of the terminal at fd now (it may be resized), 0: no terminal. */
size_t terminal_width(int fd);
