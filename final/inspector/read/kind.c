/*
 * kind.c: container managers by the names of their cgroups, names by what watches over them.
 */
#define _GNU_SOURCE
#include "kind.h"
#include "final/inspector/text/printable.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_DIGITS = 12 };

/* A part of a path that begins so belongs to ... */
static const struct {
	const char *prefix, *kind;
	bool last_word; /* the name is what follows the last hyphen:
			   "kubepods-pod4-cri-containerd-4f2a" */
} prefixes[] = {
	{ "minibox-", "minibox", false },	   { "docker-", "docker", false },
	{ "libpod-conmon-", "", false },	   { "libpod-", "podman", false },
	{ "lxc.payload.", "lxc", false },	   { "machine-", "nspawn", false },
	{ "cri-containerd-", "kubernetes", true }, { "crio-", "kubernetes", true },
	{ "nerdctl-", "nerdctl", false },	   { "bwrap-", "bubblewrap", false },
};

/* ... and what lies directly in a directory of this name, to ... */
static const struct {
	const char *parent, *kind;
} parents[] = {
	{ "docker", "docker" },
	{ "lxc", "lxc" },
	{ "libpod_parent", "podman" },
	{ "minibox", "minibox" },
};

/* systemd writes a hyphen in a name as \x2d; an id of 64 hex digits is known by its first 12. */
static void tidy_name(char *name)
{
	char *to = name;

	for (char *c = name; *c; c++) {
		if (strncmp(c, "\\x2d", 4) == 0) {
			*to++ = '-';
			c += 3;
		} else {
			*to++ = *c;
		}
	}
	*to = '\0';
	char *end = strstr(name, ".scope");
	if (end)
		*end = '\0';
	if (strspn(name, "0123456789abcdef") >= 63) /* 64, or cut by our own buffer */
		name[ID_DIGITS] = '\0';
}

static bool known_part(const char *part, const char *parent, char *kind, size_t kind_size,
		       char *name, size_t name_size)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		size_t n = strlen(prefixes[i].prefix);
		if (strncmp(part, prefixes[i].prefix, n) != 0 || !part[n])
			continue;
		if (!*prefixes[i].kind)
			return false;
		text_cut(kind, kind_size, prefixes[i].kind, SIZE_MAX);
		text_cut(name, name_size, part + n, SIZE_MAX);
		tidy_name(name);
		return true;
	}
	for (size_t i = 0; i < sizeof(parents) / sizeof(*parents); i++)
		if (strcmp(parent, parents[i].parent) == 0) {
			text_cut(kind, kind_size, parents[i].kind, SIZE_MAX);
			text_cut(name, name_size, part, SIZE_MAX);
			tidy_name(name);
			return true;
		}
	return false;
}

static bool known_path(const char *path, char *kind, size_t kind_size, char *name, size_t name_size)
{
	char copy[PATH_MAX], *save;
	const char *parent = "";
	bool found = false;

	/* The innermost name that says something wins: docker in lxc is docker. */
	text_cut(copy, sizeof(copy), path, SIZE_MAX);
	for (char *part = strtok_r(copy, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
		found |= known_part(part, parent, kind, kind_size, name, name_size);
		parent = part;
	}
	if (found)
		return true;
	size_t n = strlen(parent);
	if (n > 8 && strcmp(parent + n - 8, ".service") == 0) {
		text_cut(kind, kind_size, "systemd", SIZE_MAX);
		text_cut(name, name_size, parent, SIZE_MAX);
		return true;
	}
	return false;
}

bool kind_of_cgroup(const char *text, char *kind, size_t kind_size, char *name, size_t name_size)
{
	bool service = false;
	char found_kind[16] = "", found_name[64] = "";

	for (const char *line = text; line && *line;) {
		const char *end = strchr(line, '\n');
		const char *list = strchr(line, ':');
		const char *path = list ? strchr(list + 1, ':') : NULL;
		char copy[PATH_MAX];
		if (path && (!end || path < end)) {
			text_cut(copy, sizeof(copy), path + 1,
				 end ? (size_t)(end - path - 1) : SIZE_MAX);
			char k[16], n[64];
			if (known_path(copy, k, sizeof(k), n, sizeof(n)) &&
			    (!found_kind[0] || (service && strcmp(k, "systemd") != 0))) {
				text_cut(found_kind, sizeof(found_kind), k, SIZE_MAX);
				text_cut(found_name, sizeof(found_name), n, SIZE_MAX);
				service = strcmp(k, "systemd") == 0;
			}
		}
		line = end ? end + 1 : NULL;
	}
	if (!found_kind[0])
		return false;
	snprintf(kind, kind_size, "%s", found_kind);
	snprintf(name, name_size, "%s", found_name);
	return true;
}

bool name_of_conmon(const char *cmdline, size_t length, char *name, size_t size)
{
	const char *end = cmdline + length, *argument = cmdline;
	bool next = false;

	while (argument < end) {
		size_t n = strnlen(argument, (size_t)(end - argument));
		if (next && n) {
			text_cut(name, size, argument, n);
			return true;
		}
		next = n == 2 && strncmp(argument, "-n", 2) == 0;
		argument += n + 1;
	}
	return false;
}

bool kind_is_known(const char *word)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (*word && strcmp(word, prefixes[i].kind) == 0)
			return true;
	if (strncmp(word, "step0", 5) == 0)
		return word[5] >= '1' && word[5] <= '8' && !word[6];
	return strcmp(word, "unshare") == 0 || strcmp(word, "systemd") == 0;
}

bool name_is_id(const char *name)
{
	return strlen(name) == ID_DIGITS && strspn(name, "0123456789abcdef") == ID_DIGITS;
}
