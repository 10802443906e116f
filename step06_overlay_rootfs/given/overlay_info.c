/*
 * overlay_info.c: reading the options of an overlay back from mountinfo.
 */
#define _GNU_SOURCE
#include "overlay_info.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Cuts one option off *rest; a comma after a backslash is part of a path. NULL at the end. */
static char *next_option(char **rest)
{
	char *from = *rest, *c = from;

	if (!from || !*from)
		return NULL;
	while (*c && *c != ',')
		c += *c == '\\' && c[1] ? 2 : 1;
	*rest = *c ? c + 1 : NULL;
	*c = '\0';
	return from;
}

static void unescape(char *text)
{
	char *to = text;

	for (char *c = text; *c; c++) {
		if (*c == '\\' && c[1])
			c++;
		*to++ = *c;
	}
	*to = '\0';
}

static int add_layer(struct overlay_info *out, size_t *count, char *layer)
{
	char **grown = reallocarray(out->layers, *count + 2, sizeof(*grown));

	if (!grown)
		return -1;
	unescape(layer);
	out->layers = grown;
	out->layers[(*count)++] = layer;
	out->layers[*count] = NULL;
	return 0;
}

/* "/top:/middle:/bottom"; a double colon begins the layers of data only (metacopy). */
static int add_list(struct overlay_info *out, size_t *count, char *list)
{
	for (char *c = list;; c++) {
		if (*c == '\\' && c[1]) {
			c++;
			continue;
		}
		if (*c && *c != ':')
			continue;
		bool last = !*c;
		*c = '\0';
		if (*list && add_layer(out, count, list) < 0)
			return -1;
		if (last)
			return 0;
		list = c + 1;
	}
}

static void reverse(char **layers, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		char *kept = layers[i];
		layers[i] = layers[count - 1 - i];
		layers[count - 1 - i] = kept;
	}
}

int overlay_info_parse(const char *super_options, struct overlay_info *out)
{
	size_t count = 0;

	*out = (struct overlay_info){ .text = strdup(super_options) };
	if (!out->text)
		return -1;
	char *rest = out->text;
	for (char *option; (option = next_option(&rest));) {
		int result = 0;
		if (strncmp(option, "lowerdir+=", 10) == 0)
			result = add_layer(out, &count, option + 10);
		else if (strncmp(option, "lowerdir=", 9) == 0)
			result = add_list(out, &count, option + 9);
		else if (strncmp(option, "upperdir=", 9) == 0)
			unescape(out->upper = option + 9);
		else if (strncmp(option, "workdir=", 8) == 0)
			unescape(out->work = option + 8);
		else if (strcmp(option, "userxattr") == 0)
			out->userxattr = true;
		if (result < 0)
			goto bad;
	}
	errno = EINVAL;
	if (count == 0)
		goto bad;
	reverse(out->layers, count); /* the kernel lists the uppermost first */
	return 0;
bad:;
	int saved = errno;
	overlay_info_free(out);
	errno = saved;
	return -1;
}

/* mount(8) was given names, and mountinfo repeats them; relative ones were relative to a directory
 * that it does not tell. It is ours, or that of the mount point: the one where they lead somewhere.
 */
static char *find_base(const struct overlay_info *info, const char *merged)
{
	char beside[PATH_MAX], path[2 * PATH_MAX];
	const char *bases[] = { ".", beside }, *name = info->upper ? info->upper : info->layers[0];

	snprintf(beside, sizeof(beside), "%s/..", merged);
	for (size_t i = 0; name[0] != '/' && i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", bases[i], name);
		if (access(path, F_OK) == 0)
			return realpath(bases[i], NULL);
	}
	return NULL;
}

static bool is_upper(const struct overlay_info *info, const char *path)
{
	char name[2 * PATH_MAX], real[PATH_MAX];

	if (!info->upper || !info->base)
		return info->upper && strcmp(info->upper, path) == 0;
	snprintf(name, sizeof(name), "%s/%s", info->base, info->upper);
	return realpath(name, real) && strcmp(real, path) == 0;
}

struct search {
	const char *path;
	struct overlay_info *out;
	bool found;
};

static int look(const struct mountinfo *mount, void *arg)
{
	struct search *search = arg;
	struct overlay_info info;

	if (strcmp(mount->fs_type, "overlay") != 0 ||
	    overlay_info_parse(mount->super_options, &info) < 0)
		return 0;
	info.base = find_base(&info, mount->mount_point);
	if (strcmp(mount->mount_point, search->path) != 0 && !is_upper(&info, search->path)) {
		overlay_info_free(&info);
		return 0;
	}
	if (search->found) /* mounted over later: the last one counts */
		overlay_info_free(search->out);
	info.merged = strdup(mount->mount_point);
	*search->out = info;
	search->found = true;
	return info.merged ? 0 : -1;
}

int overlay_info_find(int procfd, const char *path, struct overlay_info *out)
{
	struct search search = { .path = path, .out = out };

	*out = (struct overlay_info){ 0 };
	if (mountinfo_each(procfd, 0, look, &search) < 0) {
		overlay_info_free(out);
		return -1;
	}
	if (search.found)
		return 0;
	errno = ENOENT;
	return -1;
}

void overlay_info_free(struct overlay_info *info)
{
	free(info->layers);
	free(info->merged);
	free(info->base);
	free(info->text);
	*info = (struct overlay_info){ 0 };
}
