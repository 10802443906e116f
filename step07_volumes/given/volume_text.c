/*
 * volume_text.c: cleaning a path, judging a name, saying what is wrong.
 */
#define _GNU_SOURCE
#include "volume_text.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <stdio.h>
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

static int refuse_with(const char *text, const char *cause, const char *remedy)
{
	sys_failure_set(EINVAL, "volume_parse", text, cause, remedy);
	return -1;
}

int volume_refuse(const char *text, const char *cause)
{
	return refuse_with(
		text, cause,
		"Write -v [SRC:]DST[:ro], SRC a path from / on or a name, DST a path from / on.");
}

int volume_refuse_relative(const char *text, const char *source, const char *rest)
{
	char remedy[400];

	while (strncmp(source, "./", 2) == 0)
		source += 2 + strspn(source + 2, "/");
	bool here = strcmp(source, ".") == 0 || !*source;
	snprintf(remedy, sizeof(remedy), "-v \"$PWD%s%s\"%s", here ? "" : "/", here ? "" : source,
		 rest);
	return refuse_with(text, "SRC is neither a path from / on nor a volume's name.", remedy);
}

int volume_refuse_colon(const char *text)
{
	return refuse_with(text, "A colon cannot be in a path: it parts SRC, DST and the options.",
			   "Give the path without a colon: ln -s PATH OTHER, and -v OTHER:DST.");
}
