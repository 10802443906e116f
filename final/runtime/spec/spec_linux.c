/*
 * spec_linux.c: the "linux" part of config.json: what is a word or a path. Its other parts have
 * files of their own: namespaces, devices, sysctls, seccomp, resources.
 */
#define _GNU_SOURCE
#include "spec_parts.h"

#include <limits.h>
#include <linux/personality.h>
#include <string.h>
#include <sys/mount.h>

static int read_cgroups_path(const struct spec_node *part, struct spec *spec)
{
	struct spec_node at = spec_at(part, "cgroupsPath");
	const char *path = NULL;
	int there = spec_text(part, "cgroupsPath", &path);

	if (there <= 0 || !*path)
		return there < 0 ? -1 : 0;
	if (strlen(path) >= PATH_MAX)
		return spec_wrong(&at, "a path of less than %d bytes", PATH_MAX);
	for (const char *at_part = path; *(at_part += strspn(at_part, "/"));
	     at_part += strcspn(at_part, "/"))
		if (strcspn(at_part, "/") == strspn(at_part, ".") && strspn(at_part, ".") <= 2)
			return spec_wrong(&at, "a path without . and .. in it");
	if (!path[strspn(path, "/")])
		return spec_wrong(&at, "a group of its own, not the root of the hierarchy");
	if (strchr(path,
		   '\n')) /* /proc/PID/cgroup is text, a group a line: the kernel takes none */
		return spec_wrong(&at, "a path without a newline");
	spec->cgroups_path = path;
	return 0;
}

/* With an r before the word, of the whole tree; runc takes both. */
static int read_propagation(const struct spec_node *part, struct spec *spec)
{
	static const char *const words[] = { "shared",	   "slave",	  "private",
					     "unbindable", "rshared",	  "rslave",
					     "rprivate",   "runbindable", NULL };
	static const unsigned long flags[] = { MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE };
	struct spec_node at = spec_at(part, "rootfsPropagation");
	const char *text = NULL;
	int there = spec_text(part, "rootfsPropagation", &text);

	if (there <= 0 || !*text)
		return there < 0 ? -1 : 0;
	int i = spec_word(&at, words,
			  "\"shared\", \"slave\", \"private\" or \"unbindable\", or "
			  "one of them with r before it");
	if (i < 0)
		return -1;
	spec->root_propagation = flags[i % 4] | (i < 4 ? 0 : MS_REC);
	return 0;
}

static int read_personality(const struct spec_node *part, struct spec *spec)
{
	static const char *const words[] = { "LINUX", "LINUX32", NULL };
	static const unsigned long domains[] = { PER_LINUX, PER_LINUX32 };
	struct spec_node personality, domain;
	const char *text = NULL;
	int there = spec_object(part, "personality", &personality);

	if (there <= 0)
		return there;
	there = spec_text(&personality, "domain", &text);
	if (there <= 0)
		return there < 0 ? -1
				 : spec_missing(&personality, "domain", "\"LINUX\" or \"LINUX32\"");
	domain = spec_at(&personality, "domain");
	int i = spec_word(&domain, words, "\"LINUX\" or \"LINUX32\"");
	if (i < 0)
		return -1;
	spec->has_personality = true;
	spec->personality = domains[i];
	return 0;
}

/* maskedPaths and readonlyPaths. */
static int read_paths(const struct spec_node *part, const char *name, char ***out)
{
	struct spec_node list, one;
	int there = spec_array(part, name, &list);

	if (there <= 0 || !spec_length(&list))
		return there < 0 ? -1 : 0;
	if (!(*out = spec_strings(&list)))
		return -1;
	for (size_t i = 0; (*out)[i]; i++) {
		spec_element(&list, i, &one);
		if ((*out)[i][0] != '/' || strlen((*out)[i]) >= PATH_MAX)
			return spec_wrong(&one, "an absolute path of at most %d bytes",
					  PATH_MAX - 1);
	}
	return 0;
}

int spec_read_linux(const struct spec_node *document, struct spec *spec)
{
	struct spec_node part;
	int there = spec_object(document, "linux", &part);

	if (there <= 0)
		return there < 0 ? -1
				 : spec_missing(document, "linux", "an object with namespaces");
	if (spec_read_namespaces(&part, spec) < 0 || read_cgroups_path(&part, spec) < 0 ||
	    read_propagation(&part, spec) < 0 || read_personality(&part, spec) < 0 ||
	    read_paths(&part, "maskedPaths", &spec->masked_paths) < 0 ||
	    read_paths(&part, "readonlyPaths", &spec->readonly_paths) < 0 ||
	    spec_read_devices(&part, spec) < 0 || spec_read_sysctls(&part, spec) < 0 ||
	    spec_read_memory_policy(&part, spec) < 0 || spec_read_seccomp(&part, spec) < 0)
		return -1;
	return spec_read_new_resources(&part, &spec->resources);
}
