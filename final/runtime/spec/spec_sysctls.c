/*
 * spec_sysctls.c: "linux.sysctl" of config.json. A value that belongs to no namespace of the
 * container's own would be the host's: it is refused.
 */
#define _GNU_SOURCE
#include "spec_parts.h"
#include "spec_words.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What a namespace has a copy of: ipc/ipc_sysctl.c, ipc/mq_sysctl.c, net/sysctl_net.c and
 * kernel/utsname_sysctl.c. A name that ends with / stands for all below it. */
static const struct {
	const char *path;
	enum ns_kind kind;
} namespaced[] = {
	{ "kernel/msgmax", NS_IPC },	 { "kernel/msgmnb", NS_IPC },
	{ "kernel/msgmni", NS_IPC },	 { "kernel/sem", NS_IPC },
	{ "kernel/shmall", NS_IPC },	 { "kernel/shmmax", NS_IPC },
	{ "kernel/shmmni", NS_IPC },	 { "kernel/shm_rmid_forced", NS_IPC },
	{ "fs/mqueue/", NS_IPC },	 { "net/", NS_NET },
	{ "kernel/domainname", NS_UTS },
};

/* Of each part: is it a file's name? */
static bool parts_are_names(const char *path)
{
	while (1) {
		size_t n = strcspn(path, "/");
		if (n == 0 || (n <= 2 && strspn(path, ".") == n))
			return false;
		if (!path[n])
			return true;
		path += n + 1;
	}
}

int spec_sysctl_path(const char *name, char *out, size_t size)
{
	size_t length = strlen(name);
	bool dots = name[strcspn(name, "./")] == '.';

	if (length >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (size_t i = 0; i <= length; i++)
		out[i] = !dots ? name[i] : name[i] == '.' ? '/' : name[i] == '/' ? '.' : name[i];
	if (parts_are_names(out))
		return 0;
	errno = EINVAL;
	return -1;
}

static int judge(const struct spec_node *value, const char *name, const struct spec *spec)
{
	char path[PATH_MAX];

	if (spec_sysctl_path(name, path, sizeof(path)) < 0)
		return spec_wrong(value, "a sysctl's name before it, net.ipv4.ip_forward for one");
	if (strcmp(path, "kernel/hostname") == 0)
		return spec_wrong(value, "the name in the member hostname instead");
	for (size_t i = 0; i < sizeof(namespaced) / sizeof(*namespaced); i++) {
		const char *of = namespaced[i].path, *word;
		size_t n = strlen(of);
		if (of[n - 1] == '/' ? strncmp(path, of, n) != 0 : strcmp(path, of) != 0)
			continue;
		word = spec_namespace_words[namespaced[i].kind];
		return spec_has_namespace(spec, namespaced[i].kind)
			       ? 0
			       : spec_wrong(value, "a new or joined %s namespace with it", word);
	}
	return spec_wrong(value, "a sysctl that a namespace has of its own (net.*, fs.mqueue.*, "
				 "kernel.shm*, kernel.msg*, kernel.sem, kernel.domainname): this "
				 "one is the whole host's");
}

int spec_read_sysctls(const struct spec_node *linux_part, struct spec *spec)
{
	struct spec_node map;
	int there = spec_object(linux_part, "sysctl", &map);
	int count = there > 0 ? json_object_object_length(map.json) : 0;

	if (!count)
		return there < 0 ? -1 : 0;
	if (!(spec->sysctls = calloc((size_t)count, sizeof(*spec->sysctls))))
		return -1;
	json_object_object_foreach(map.json, name, json)
	{
		struct spec_node value = { { .up = &map.place, .name = name }, json };
		if (spec_value_is(&value, json_type_string) < 0 || judge(&value, name, spec) < 0)
			return -1;
		spec->sysctls[spec->sysctl_count++] =
			(struct spec_sysctl){ name, json_object_get_string(json) };
	}
	return 0;
}
