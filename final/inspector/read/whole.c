/*
 * whole.c: read(2) until it says 0, with a buffer that doubles.
 */
#define _GNU_SOURCE
#include "whole.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_ROOM = 4096 };

static bool has_room(struct whole *whole, size_t need)
{
	size_t room = whole->room ? whole->room : FIRST_ROOM;

	if (need <= whole->room)
		return true;
	while (room < need)
		room *= 2;
	if (room > READ_WHOLE_MOST) {
		errno = EFBIG;
		return false;
	}
	char *bigger = realloc(whole->text, room);
	if (!bigger)
		return false;
	whole->text = bigger;
	whole->room = room;
	return true;
}

static ssize_t read_all(struct whole *whole, int fd)
{
	size_t have = 0;

	for (;;) {
		if (!has_room(whole, have + 2)) /* a byte to read, and the NUL */
			return -1;
		ssize_t n = read(fd, whole->text + have, whole->room - have - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		have += (size_t)n;
		whole->text[have] = '\0';
		if (n == 0)
			return (ssize_t)have;
	}
}

ssize_t whole_read(struct whole *whole, int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t length = read_all(whole, fd);
	close_keeping_errno(fd);
	return length;
}
