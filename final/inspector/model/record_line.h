/*
 * record_line.h: lines of a recording, which may come from anywhere: a file that is none, a pipe
 * that never ends.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* Bytes of a line without its newline. A look at 30,000 processes takes 12 MB. */
enum { RECORD_MOST = 16 << 20 };

enum record_line {
	RECORD_LINE,  /* one has been read */
	RECORD_END,   /* there is no other */
	RECORD_LONG,  /* more than RECORD_MOST bytes without a newline */
	RECORD_NUL,   /* no text: refused at the first NUL byte */
	RECORD_ERROR, /* errno of read(2), or ENOMEM */
};

/* Reads the next line into *line, ended with NUL and without its newline; *room is its size. Both
 * are as for getline(3): NULL and 0 at first, the caller frees it. Holds no more than RECORD_MOST
 * and a byte. */
enum record_line record_line(FILE *file, char **line, size_t *room);
