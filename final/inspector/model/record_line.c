/*
 * record_line.c: as getline(3), with an end.
 */
#define _GNU_SOURCE
#include "record_line.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

enum { FIRST_ROOM = 4096 };

static bool grow(char **line, size_t *room)
{
	size_t more = *room ? *room * 2 : FIRST_ROOM;

	if (more > RECORD_MOST + 1)
		more = RECORD_MOST + 1;
	char *bigger = realloc(*line, more);
	if (!bigger)
		return false;
	*line = bigger;
	*room = more;
	return true;
}

enum record_line record_line(FILE *file, char **line, size_t *room)
{
	size_t have = 0;
	int c;

	errno = 0;
	while ((c = getc_unlocked(file)) != EOF && c != '\n') {
		if (c == '\0')
			return RECORD_NUL;
		if (have == RECORD_MOST)
			return RECORD_LONG;
		if (have + 1 >= *room && !grow(line, room))
			return RECORD_ERROR;
		(*line)[have++] = (char)c;
	}
	if (ferror(file))
		return RECORD_ERROR;
	if (c == EOF && !have)
		return RECORD_END;
	if (!*room && !grow(line, room))
		return RECORD_ERROR;
	(*line)[have] = '\0';
	return RECORD_LINE;
}
