/*
 * spec.c: config.json into struct spec. Every wrong member is named.
 */
#define _GNU_SOURCE
#include "spec.h"
#include "spec_linux.h"

#include "step01_clone_pid/floor/procfs.h"
#include "step01_clone_pid/floor/sys.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int spec_wrong(const char *member, const char *expected)
{
	char cause[300];

	snprintf(cause, sizeof(cause), "The bundle's config.json should have there: %s.", expected);
	sys_failure_set(
		EINVAL, "reading config.json", member, cause,
		"Correct that member; the OCI runtime specification, config.md, describes it.");
	return -1;
}

struct json_object *spec_member(struct json_object *object, const char *name, enum json_type type)
{
	struct json_object *found = NULL;

	if (!object || !json_object_object_get_ex(object, name, &found) ||
	    !json_object_is_type(found, type))
		return NULL;
	return found;
}

const char *spec_string(struct json_object *object, const char *name)
{
	struct json_object *found = spec_member(object, name, json_type_string);

	return found ? json_object_get_string(found) : NULL;
}

/* An array of strings as a NULL-ended vector. NULL with EINVAL in the record if it is something
 * else. */
static char **strings(struct json_object *array, const char *member)
{
	size_t count = json_object_array_length(array);
	char **out = calloc(count + 1, sizeof(*out));

	for (size_t i = 0; out && i < count; i++) {
		struct json_object *one = json_object_array_get_idx(array, i);
		if (!json_object_is_type(one, json_type_string)) {
			free(out);
			spec_wrong(member, "an array of strings");
			return NULL;
		}
		out[i] = (char *)(uintptr_t)json_object_get_string(one);
	}
	return out;
}

static int read_process(struct json_object *root, struct spec *spec)
{
	static char *no_env[] = { NULL };
	struct json_object *process = spec_member(root, "process", json_type_object);
	struct json_object *args = spec_member(process, "args", json_type_array);
	struct json_object *env = spec_member(process, "env", json_type_array);
	struct json_object *user = spec_member(process, "user", json_type_object);

	if (!process)
		return spec_wrong("process", "an object");
	if (!args || json_object_array_length(args) == 0)
		return spec_wrong("process.args", "an array with the command and its arguments");
	spec->args = strings(args, "process.args");
	spec->env = env ? strings(env, "process.env") : no_env;
	if (!spec->args || !spec->env)
		return -1;
	if (!spec->args[0] || !spec->args[0][0])
		return spec_wrong("process.args[0]", "a command's name, it is empty");
	spec->cwd = spec_string(process, "cwd");
	if (!spec->cwd || spec->cwd[0] != '/')
		return spec_wrong("process.cwd", "an absolute path");
	struct json_object *terminal = spec_member(process, "terminal", json_type_boolean);
	spec->terminal = terminal && json_object_get_boolean(terminal);
	if (user) {
		struct json_object *id;
		if ((id = spec_member(user, "uid", json_type_int)))
			spec->uid = (uid_t)json_object_get_int64(id);
		if ((id = spec_member(user, "gid", json_type_int)))
			spec->gid = (gid_t)json_object_get_int64(id);
	}
	return 0;
}

static const struct {
	const char *name;
	unsigned long flag;
	bool clear;
} mount_options[] = {
	{ "ro", MS_RDONLY, false },
	{ "rw", MS_RDONLY, true },
	{ "nosuid", MS_NOSUID, false },
	{ "suid", MS_NOSUID, true },
	{ "nodev", MS_NODEV, false },
	{ "dev", MS_NODEV, true },
	{ "noexec", MS_NOEXEC, false },
	{ "exec", MS_NOEXEC, true },
	{ "noatime", MS_NOATIME, false },
	{ "relatime", MS_RELATIME, false },
	{ "strictatime", MS_STRICTATIME, false },
	{ "rbind", MS_BIND | MS_REC, false },
	{ "bind", MS_BIND, false },
	{ "private", MS_PRIVATE, false },
	{ "rprivate", MS_PRIVATE | MS_REC, false },
	{ "slave", MS_SLAVE, false },
	{ "rslave", MS_SLAVE | MS_REC, false },
	{ "shared", MS_SHARED, false },
	{ "rshared", MS_SHARED | MS_REC, false },
};

static int mount_option(struct spec_mount *mount, const char *option)
{
	for (size_t i = 0; i < sizeof(mount_options) / sizeof(*mount_options); i++) {
		if (strcmp(mount_options[i].name, option) != 0)
			continue;
		if (mount_options[i].clear)
			mount->flags &= ~mount_options[i].flag;
		else
			mount->flags |= mount_options[i].flag;
		return 0;
	}
	size_t used = strlen(mount->data);
	if (used + strlen(option) + 2 > sizeof(mount->data))
		return spec_wrong("mounts[].options",
				  "fewer bytes of options of the file system's own (255)");
	snprintf(mount->data + used, sizeof(mount->data) - used, "%s%s", used ? "," : "", option);
	return 0;
}

static int read_mount(struct json_object *from, struct spec_mount *mount)
{
	struct json_object *options = spec_member(from, "options", json_type_array);

	mount->destination = spec_string(from, "destination");
	mount->type = spec_string(from, "type");
	mount->source = spec_string(from, "source");
	if (!mount->destination || mount->destination[0] != '/')
		return spec_wrong("mounts[].destination", "an absolute path");
	for (size_t i = 0; options && i < json_object_array_length(options); i++) {
		const char *option = json_object_get_string(json_object_array_get_idx(options, i));
		if (option && mount_option(mount, option) < 0)
			return -1;
	}
	mount->bind = (mount->flags & MS_BIND) || (mount->type && strcmp(mount->type, "bind") == 0);
	mount->type = mount->type ? mount->type : "";
	mount->source = mount->source ? mount->source : "";
	if (mount->bind && !mount->source[0])
		return spec_wrong("mounts[].source", "the path to bind");
	if (!mount->bind && !mount->type[0])
		return spec_wrong("mounts[].type", "a file system's type, or \"bind\"");
	return 0;
}

static int read_mounts(struct json_object *root, struct spec *spec)
{
	struct json_object *mounts = spec_member(root, "mounts", json_type_array);
	size_t count = mounts ? json_object_array_length(mounts) : 0;

	if (count > SPEC_MOUNTS)
		return spec_wrong("mounts", "at most 64 mounts");
	for (size_t i = 0; i < count; i++)
		if (read_mount(json_object_array_get_idx(mounts, i),
			       &spec->mounts[spec->mount_count++]) < 0)
			return -1;
	return 0;
}

static int read_all(struct json_object *json, struct spec *spec)
{
	struct json_object *root = spec_member(json, "root", json_type_object);
	struct json_object *annotations = spec_member(json, "annotations", json_type_object);
	struct json_object *read_only = spec_member(root, "readonly", json_type_boolean);
	const char *version = spec_string(json, "ociVersion"), *init, *swap;

	if (!version || strncmp(version, "1.", 2) != 0)
		return spec_wrong("ociVersion", "a string that begins with \"1.\"");
	spec->root_path = spec_string(root, "path");
	if (!spec->root_path || !spec->root_path[0])
		return spec_wrong("root.path", "the root file system's directory");
	spec->root_read_only = read_only && json_object_get_boolean(read_only);
	spec->hostname = spec_string(json, "hostname");
	spec->domainname = spec_string(json, "domainname");
	init = spec_string(annotations, "org.minibox.init");
	spec->init = init && strcmp(init, "true") == 0;
	swap = spec_string(annotations, "org.minibox.swap");
	spec->swap_if_accounted = swap && strcmp(swap, "if-accounted") == 0;
	if (read_process(json, spec) < 0 || read_mounts(json, spec) < 0)
		return -1;
	return spec_read_linux(spec_member(json, "linux", json_type_object), spec);
}

int spec_parse(const char *text, struct spec *spec)
{
	enum json_tokener_error error = json_tokener_success;

	*spec = (struct spec){ 0 };
	struct json_object *json = json_tokener_parse_verbose(text, &error);
	if (!json || !json_object_is_type(json, json_type_object)) {
		if (json)
			json_object_put(json);
		return spec_wrong("config.json",
				  json ? "an object" : json_tokener_error_desc(error));
	}
	spec->json = json;
	if (read_all(json, spec) < 0) {
		spec_free(spec);
		errno = EINVAL;
		return -1;
	}
	return 0;
}

int spec_read(int dir, struct spec *spec)
{
	struct stat st;
	int fd = SYS(openat(dir, "config.json", O_RDONLY | O_CLOEXEC), "config.json");

	if (fd < 0)
		return -1;
	int result = fstat(fd, &st);
	char *text = result < 0 || st.st_size > 4 << 20 ? NULL : malloc((size_t)st.st_size + 1);
	close(fd);
	if (!text || read_file_at(dir, "config.json", text, (size_t)st.st_size + 1) < 0)
		result = spec_wrong("config.json", "a file of at most 4 MiB");
	else
		result = spec_parse(text, spec);
	free(text);
	return result;
}

void spec_free(struct spec *spec)
{
	free(spec->args);
	if (spec->env && spec->env[0])
		free(spec->env);
	if (spec->json)
		json_object_put(spec->json);
	*spec = (struct spec){ 0 };
}
