/*
 * features_cmd.c: `features`, what this runtime knows of config.json. The lists are the reader's
 * own tables, so that they cannot say what it does not take.
 */
#define _GNU_SOURCE
#include "spec_cmd.h"

#include "final/runtime/spec/spec_words.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct json_object json;

static json *list_of(const char *const words[])
{
	json *list = json_object_new_array();

	for (size_t i = 0; words[i]; i++)
		json_object_array_add(list, json_object_new_string(words[i]));
	return list;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(json_object_get_string(*(json *const *)a),
		      json_object_get_string(*(json *const *)b));
}

static json *sorted(json *list)
{
	json_object_array_sort(list, by_text);
	return list;
}

static json *mount_options(void)
{
	json *list = json_object_new_array();
	const char *word;

	for (size_t i = 0; (word = spec_mount_option_word(i)); i++)
		json_object_array_add(list, json_object_new_string(word));
	return sorted(list);
}

static void put_flag(json *object, const char *name, bool value)
{
	json_object_object_add(object, name, json_object_new_boolean(value));
}

/* { "enabled": value } */
static void put_enabled(json *object, const char *name, bool value)
{
	json *one = json_object_new_object();

	put_flag(one, "enabled", value);
	json_object_object_add(object, name, one);
}

static json *cgroup(void)
{
	json *object = json_object_new_object();

	put_flag(object, "v1", true);
	put_flag(object, "v2", true);
	put_flag(object, "systemd", true);
	put_flag(object, "systemdUser", true);
	put_flag(object, "rdma", true);
	return object;
}

static json *seccomp(void)
{
	json *object = json_object_new_object();

	put_flag(object, "enabled", true);
	json_object_object_add(object, "actions", sorted(list_of(spec_seccomp_actions)));
	json_object_object_add(object, "operators", sorted(list_of(spec_seccomp_operators)));
	json_object_object_add(object, "archs", sorted(list_of(spec_seccomp_archs)));
	json_object_object_add(object, "knownFlags", sorted(list_of(spec_seccomp_flags)));
	json_object_object_add(object, "supportedFlags", sorted(list_of(spec_seccomp_flags)));
	return object;
}

static json *linux_part(void)
{
	json *object = json_object_new_object(), *extensions = json_object_new_object();
	json *policy = json_object_new_object();

	json_object_object_add(object, "namespaces", sorted(list_of(spec_namespace_words)));
	json_object_object_add(object, "capabilities", list_of(spec_capability_words));
	json_object_object_add(object, "cgroup", cgroup());
	json_object_object_add(object, "seccomp", seccomp());
	put_enabled(object, "apparmor", true);
	put_enabled(object, "selinux", false);
	put_enabled(object, "intelRdt", false);
	put_enabled(extensions, "idmap", false);
	json_object_object_add(object, "mountExtensions", extensions);
	put_enabled(object, "netDevices", false);
	json_object_object_add(policy, "modes", sorted(list_of(spec_memory_modes)));
	json_object_object_add(policy, "flags", sorted(list_of(spec_memory_flags)));
	json_object_object_add(object, "memoryPolicy", policy);
	return object;
}

/* A name that ends with a point stands for all that begin with it. */
static json *annotations_that_change_something(void)
{
	return list_of((const char *const[]){ "org.minibox.", NULL });
}

static json *features(void)
{
	json *object = json_object_new_object();

	json_object_object_add(object, "ociVersionMin", json_object_new_string("1.0.0"));
	json_object_object_add(object, "ociVersionMax", json_object_new_string("1.3.0"));
	json_object_object_add(object, "hooks", list_of(spec_hook_words));
	json_object_object_add(object, "mountOptions", mount_options());
	json_object_object_add(object, "linux", linux_part());
	json_object_object_add(object, "potentiallyUnsafeConfigAnnotations",
			       annotations_that_change_something());
	return object;
}

int command_features(int argc, char **argv)
{
	if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		puts("NAME:\n   minibox-runtime features - what config.json may say\n\nUSAGE:\n"
		     "   minibox-runtime features\n\nPrints what this runtime knows of "
		     "config.json, as JSON.");
		return 0;
	}
	if (argc > 1) {
		sys_failure_set(EINVAL, "features", argv[1], "features takes no arguments.",
				"usage: features");
		return 1;
	}
	json *object = features();
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	if (fflush(stdout) == 0)
		return 0;
	sys_failure_set(errno, "write", "standard output", NULL, NULL);
	return 1;
}
