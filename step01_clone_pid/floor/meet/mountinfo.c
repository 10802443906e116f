/*
 * mountinfo.c: one line of mountinfo into its fields. No SYS: reading is no failure of ours.
 */
#define _GNU_SOURCE
#include "mountinfo.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool octal(const char *text)
{
	for (int i = 0; i < 3; i++)
		if (text[i] < '0' || text[i] > '7')
			return false;
	return true;
}

/* The kernel writes blank, tab, newline and backslash as \ooo, so that fields can be told apart. */
static void unescape(char *text)
{
	char *out = text;

	while (*text) {
		if (*text == '\\' && octal(text + 1)) {
			*out++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 +
					(text[3] - '0'));
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

/* The next field, by exactly one blank: an empty source is an empty field. NULL at the end. */
static char *field(char **rest)
{
	return strsep(rest, " ");
}

/* Zero or more "tag[:value]" up to a lone hyphen. Ended in place, as one string. */
static char *optional_fields(char **rest)
{
	char *start = *rest;

	if (start && strncmp(start, "- ", 2) == 0) {
		*start = '\0';
		*rest = start + 2;
		return start;
	}
	char *hyphen = start ? strstr(start, " - ") : NULL;
	if (!hyphen)
		return NULL;
	*hyphen = '\0';
	*rest = hyphen + 3;
	return start;
}

int mountinfo_parse(char *line, struct mountinfo *out)
{
	char *rest = line, *end = line + strcspn(line, "\n");

	*end = '\0';
	*out = (struct mountinfo){ 0 };
	const char *id = field(&rest), *parent = field(&rest), *device = field(&rest);
	if (!device || sscanf(id, "%d", &out->id) != 1 || sscanf(parent, "%d", &out->parent) != 1 ||
	    sscanf(device, "%u:%u", &out->major, &out->minor) != 2)
		goto bad;
	out->root = field(&rest);
	out->mount_point = field(&rest);
	out->mount_options = field(&rest);
	out->optional_fields = optional_fields(&rest);
	if (!out->optional_fields)
		goto bad;
	out->fs_type = field(&rest);
	out->source = field(&rest);
	out->super_options = field(&rest);
	if (!out->super_options)
		goto bad;
	char *const escaped[] = { out->root, out->mount_point, out->source, out->super_options };
	for (size_t i = 0; i < sizeof(escaped) / sizeof(*escaped); i++)
		unescape(escaped[i]);
	return 0;
bad:
	errno = EINVAL;
	return -1;
}

int mountinfo_each(int procfd, pid_t pid, int (*fn)(const struct mountinfo *mount, void *arg),
		   void *arg)
{
	char path[32] = "self/mountinfo";
	struct mountinfo mount;
	int result = 0;

	if (pid)
		snprintf(path, sizeof(path), "%d/mountinfo", pid);
	char *text = read_whole_at(procfd, path, NULL), *rest = text, *line;
	if (!text)
		return -1;
	while (result == 0 && (line = strsep(&rest, "\n")))
		if (*line && mountinfo_parse(line, &mount) == 0)
			result = fn(&mount, arg);
	free(text);
	return result;
}

/* "tag:N" among the optional fields; the tag must stand at a field's start ("propagate_from:" ends
 * in no tag of ours). */
static int tagged(const struct mountinfo *mount, const char *tag)
{
	size_t length = strlen(tag);

	for (const char *at = mount->optional_fields; *at;) {
		if (strncmp(at, tag, length) == 0 && at[length] == ':')
			return atoi(at + length + 1);
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	return 0;
}

int mountinfo_shared(const struct mountinfo *mount)
{
	return tagged(mount, "shared");
}

int mountinfo_master(const struct mountinfo *mount)
{
	return tagged(mount, "master");
}
