/*
 * keep_errno.h: cleaning up after a failure, without losing what failed.
 */
#pragma once

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Closes fd, if it is one (0 or more); errno stays as it was. */
static inline void close_keeping_errno(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

/* Frees memory; errno stays as it was (free(3) may change it in C libraries before glibc 2.33). */
static inline void free_keeping_errno(void *memory)
{
	int saved = errno;

	free(memory);
	errno = saved;
}
