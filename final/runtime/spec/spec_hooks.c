/*
 * spec_hooks.c: the "hooks" part of config.json, a list of programs for each of six points of a
 * container's life.
 */
#define _GNU_SOURCE
#include "spec_parts.h"
#include "spec_words.h"

#include <limits.h>
#include <stdlib.h>

const char *const spec_hook_words[HOOK_KINDS + 1] = {
	[HOOK_PRESTART] = "prestart",
	[HOOK_CREATE_RUNTIME] = "createRuntime",
	[HOOK_CREATE_CONTAINER] = "createContainer",
	[HOOK_START_CONTAINER] = "startContainer",
	[HOOK_POSTSTART] = "poststart",
	[HOOK_POSTSTOP] = "poststop",
};

static int read_vector(const struct spec_node *hook, const char *name, char ***out)
{
	struct spec_node list;
	int there = spec_array(hook, name, &list);

	if (there <= 0)
		return there;
	return (*out = spec_strings(&list)) ? 0 : -1;
}

/* Of no path the program's place could only be guessed; a timeout of 0 would kill it at once. */
static int read_hook(const struct spec_node *from, struct spec_hook *hook)
{
	struct spec_node path = spec_at(from, "path");
	int64_t timeout = 0;

	if (spec_value_is(from, json_type_object) < 0 || spec_path(from, "path", &hook->path) < 0)
		return -1;
	if (!hook->path)
		return path.json ? spec_wrong(&path, "an absolute path")
				 : spec_missing(from, "path", "the program's absolute path");
	if (spec_number(from, "timeout", 1, INT_MAX, &timeout) < 0)
		return -1;
	hook->timeout_s = (int)timeout;
	return read_vector(from, "args", &hook->args) < 0 ||
			       read_vector(from, "env", &hook->env) < 0
		       ? -1
		       : 0;
}

static int read_kind(const struct spec_node *hooks, const char *name, struct spec_hooks *to)
{
	struct spec_node list, one;
	int there = spec_array(hooks, name, &list);
	size_t count = there > 0 ? spec_length(&list) : 0;

	if (!count)
		return there < 0 ? -1 : 0;
	if (!(to->hook = calloc(count, sizeof(*to->hook))))
		return -1;
	for (size_t i = 0; i < count; i++) {
		spec_element(&list, i, &one);
		if (read_hook(&one, &to->hook[to->count++]) < 0)
			return -1;
	}
	return 0;
}

int spec_read_hooks(const struct spec_node *document, struct spec *spec)
{
	struct spec_node hooks;
	int there = spec_object(document, "hooks", &hooks);

	for (int kind = 0; there > 0 && kind < HOOK_KINDS; kind++)
		if (read_kind(&hooks, spec_hook_words[kind], &spec->hooks[kind]) < 0)
			return -1;
	return there < 0 ? -1 : 0;
}
