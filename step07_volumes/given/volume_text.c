/*
 * volume_text.c: cleaning a path, judging a name, reading -v, saying what is wrong with it.
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

static int refuse(const char *text, const char *cause)
{
	return refuse_with(
		text, cause,
		"Write -v [SRC:]DST[:ro], SRC a path from / on or a name, DST a path from / on.");
}

static int refuse_relative(const char *text, const char *source, const char *rest)
{
	char remedy[400];

	while (strncmp(source, "./", 2) == 0)
		source += 2 + strspn(source + 2, "/");
	bool here = strcmp(source, ".") == 0 || !*source;
	snprintf(remedy, sizeof(remedy), "-v \"$PWD%s%s\"%s", here ? "" : "/", here ? "" : source,
		 rest);
	return refuse_with(text, "SRC is neither a path from / on nor a volume's name.", remedy);
}

static int refuse_colon(const char *text)
{
	return refuse_with(text, "A colon cannot be in a path: it parts SRC, DST and the options.",
			   "Give the path without a colon: ln -s PATH OTHER, and -v OTHER:DST.");
}

/* One of the words after the second colon. */
static bool parse_option(const char *word, struct volume *out, bool *mode_given)
{
	static const char *const no_meaning_here[] = { "private",    "rprivate", "z",
						       "Z",	     "cached",	 "delegated",
						       "consistent", "nocopy" };

	if (strcmp(word, "ro") == 0 || strcmp(word, "rw") == 0) {
		out->read_only = word[1] == 'o';
		return !*mode_given && (*mode_given = true);
	}
	for (size_t i = 0; i < sizeof(no_meaning_here) / sizeof(*no_meaning_here); i++)
		if (strcmp(word, no_meaning_here[i]) == 0)
			return true;
	return false;
}

int volume_parse(const char *text, struct volume *out)
{
	char parts[PATH_MAX], *field[4] = { 0 }, *rest = parts;
	bool mode_given = false;
	int count = 0;

	*out = (struct volume){ 0 };
	if (snprintf(parts, sizeof(parts), "%s", text) >= (int)sizeof(parts)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	while (count < 4 && (field[count] = strsep(&rest, ":")))
		count++;
	if (count > 3 || (count == 3 && field[2][0] == '/'))
		return refuse_colon(text);
	const char *source = count > 1 ? field[0] : "",
		   *destination = count > 1 ? field[1] : field[0];
	if (count > 1 && !*source)
		return refuse(text, "SRC is empty.");
	if (destination[0] != '/')
		return refuse(text, "DST is not a path from / on.");
	path_clean(destination, out->destination);
	if (!*out->destination)
		return refuse(text, "DST is /, the container's root itself.");
	if ((*source == '.' || strchr(source, '/')) && *source != '/')
		return refuse_relative(text, source, text + strlen(source));
	if (*source && *source != '/' && !volume_name_ok(source))
		return refuse(text, "SRC is neither a path from / on nor a volume's name (letters, "
				    "digits, '_', '.', '-', two at least).");
	snprintf(out->source, sizeof(out->source), "%s", source);
	out->kind = !*source ? VOLUME_ANONYMOUS : *source == '/' ? VOLUME_PATH : VOLUME_NAMED;
	for (char *word; count == 3 && (word = strsep(&field[2], ","));)
		if (!parse_option(word, out, &mode_given))
			return refuse(text,
				      "No such option here (nor slave or shared: a container's "
				      "mounts are private), or ro and rw both.");
	return 0;
}
