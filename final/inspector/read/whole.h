/*
 * whole.h: a whole file of /proc, however long, into memory that is kept. What is read of many
 * processes at every look shall not ask for memory each time; read_whole_at() of the floor does.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Zero-initialised: nothing yet. It grows and is never given back: one for each kind of file. */
struct whole {
	char *text; /* ended with NUL; NULL before the first call that succeeds */
	size_t room;
};

/* Reads the file below dirfd. Returns its bytes and leaves them in whole->text, until the next call
 * with the same buffer; or -1 with errno of openat(2) or read(2), ENOMEM, or EFBIG beyond
 * READ_WHOLE_MOST (procfs.h). */
ssize_t whole_read(struct whole *whole, int dirfd, const char *path);
