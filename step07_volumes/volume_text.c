/*
 * volume_text.c: cleaning a path, judging a name.
 */
#define _GNU_SOURCE
#include "volume_text.h"

#include <string.h>

void path_clean(const char *path, char *out)
{
	size_t n = 0;

	for (size_t length; path += strspn(path, "/"), (length = strcspn(path, "/")) > 0;
	     path += length) {
		if (length == 1 && path[0] == '.')
			continue;
		if (length == 2 && path[0] == '.' && path[1] == '.') {
			while (n > 0 && out[--n] != '/')
				;
			continue;
		}
		out[n++] = '/';
		memcpy(out + n, path, length);
		n += length;
	}
	out[n] = '\0';
}

bool volume_name_ok(const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return strlen(name) >= 2 && strlen(name) <= 255 && strchr(letters, name[0]) &&
	       strspn(name, "_.-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
		       strlen(name);
}
