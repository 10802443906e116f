/*
 * volume_store.h: where volumes live that are not the host's own directories (given).
 *
 *	STORE/volumes/NAME/_data     a named volume
 *	STORE/volumes/ID/_data       an anonymous one; ID: 64 hex digits, made for it
 */
#pragma once

#include "volume_text.h"

enum { VOLUME_ID_SIZE = 65 };

/* Opens what a volume's source stands for (O_PATH | O_CLOEXEC): the host's path, which must exist
 * and be a directory, a regular file or a socket; or the _data directory in store (which must
 * exist), made if missing. name: VOLUME_ID_SIZE bytes for the anonymous one's new ID, or NULL. A
 * missing path is an error (docker would make a directory of that name: a typing error becomes a
 * directory of root's). Returns a descriptor, or -1 with errno: ENOENT, EACCES, EINVAL (a FIFO, a
 * device), with a failure record that says why. */
int volume_open(const char *store, const struct volume *volume, char *name);

/* A new name, of random bytes, for an anonymous volume. Returns 0, or -1 with errno. */
int volume_new_id(char id[VOLUME_ID_SIZE]);

/* parse, open and bind in one: what -v TEXT means for this root, before pivot_root. Returns 0, or
 * -1 with errno. */
int volume_add(int root, const char *store, const char *text);
