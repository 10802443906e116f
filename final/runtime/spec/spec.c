/*
 * spec.c: config.json into struct spec.
 */
#define _GNU_SOURCE
#include "spec.h"
#include "json_check.h"
#include "spec_names.h"
#include "spec_parts.h"
#include "step01_clone_pid/floor/host/facts.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <malloc.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 64 };

/* "1.0.2", "1.2.0+dev": Semantic Versioning, the first number is 1. */
static bool version_is_1(const char *text)
{
	int points = 0;

	if (strncmp(text, "1.", 2) != 0)
		return false;
	for (; *text && *text != '-' && *text != '+'; text++) {
		points += *text == '.';
		if (!strchr("0123456789.", *text) ||
		    (*text == '.' && !strchr("0123456789", text[1])) || (*text == '.' && !text[1]))
			return false;
	}
	return points == 2 && (!*text || text[1]);
}

/* hostname and domainname: sethostname(2) takes 64 bytes; "" is not said. */
static int read_name(const struct spec_node *document, const char *name, const char **out)
{
	struct spec_node node;
	const char *text = NULL;
	int result = spec_text(document, name, &text);

	if (result <= 0 || !*text)
		return result < 0 ? -1 : 0;
	node = spec_at(document, name);
	if (strlen(text) > NAME_BYTES)
		return spec_wrong(&node, "at most %d bytes", NAME_BYTES);
	*out = text;
	return 0;
}

/* One of our own annotations, which has a few values only: wanted, or other (NULL: none). */
static int read_annotation(const struct spec_node *document, const char *name, const char *wanted,
			   const char *other, bool *out)
{
	struct spec_node notes;
	const char *text = NULL;

	if (spec_object(document, "annotations", &notes) <= 0 ||
	    spec_text(&notes, name, &text) <= 0)
		return 0; /* spec_names_check() has looked at the types */
	*out = strcmp(text, wanted) == 0;
	if (*out || (other && strcmp(text, other) == 0))
		return 0;
	struct spec_node node = spec_at(&notes, name);
	return spec_wrong(&node, "\"%s\"%s%s%s", wanted, other ? " or \"" : "", other ? other : "",
			  other ? "\"" : "");
}

/* All of them: for hooks and for `state`. */
static int read_annotations(const struct spec_node *document, struct spec *spec)
{
	struct spec_node notes;
	int there = spec_object(document, "annotations", &notes);

	if (there > 0)
		spec->annotations = notes.json;
	if (there < 0 ||
	    read_annotation(document, "org.minibox.init", "true", "false", &spec->init) < 0)
		return -1;
	return read_annotation(document, "org.minibox.swap", "if-accounted", NULL,
			       &spec->swap_if_accounted);
}

static int read_root(const struct spec_node *document, struct spec *spec)
{
	struct spec_node root, path;
	int there = spec_object(document, "root", &root);

	if (there <= 0)
		return there < 0 ? -1 : spec_missing(document, "root", "an object with a path");
	there = spec_text(&root, "path", &spec->root_path);
	if (there == 0)
		return spec_missing(&root, "path", "the root file system's directory");
	if (there < 0 || spec_flag(&root, "readonly", &spec->root_read_only) < 0)
		return -1;
	path = spec_at(&root, "path");
	if (!spec->root_path[0] || strlen(spec->root_path) >= PATH_MAX)
		return spec_wrong(&path, "a directory's path, of at most %d bytes", PATH_MAX - 1);
	return 0;
}

static int read_version(const struct spec_node *document, const char **out)
{
	const char *version = NULL;
	int there = spec_text(document, "ociVersion", &version);
	struct spec_node node = spec_at(document, "ociVersion");

	if (there == 0)
		return spec_missing(document, "ociVersion", "a version, \"1.0.2\" for one");
	if (there < 0)
		return -1;
	*out = version;
	return version_is_1(version)
		       ? 0
		       : spec_wrong(&node, "a version of three numbers from 1.0.0 on, below 2");
}

/* A name is a UTS namespace's: without one it would be the host that gets it. */
static int check_names(const struct spec_node *document, const struct spec *spec)
{
	const char *name = spec->hostname ? "hostname" : "domainname";
	struct spec_node node = spec_at(document, name);

	if ((!spec->hostname && !spec->domainname) || spec_has_namespace(spec, NS_UTS))
		return 0;
	return spec_wrong(&node, "a new or joined uts namespace in linux.namespaces with it");
}

static int read_all(const struct spec_node *document, struct spec *spec)
{
	if (read_version(document, &spec->oci_version) < 0 || spec_names_check(document) < 0 ||
	    read_root(document, spec) < 0 || read_name(document, "hostname", &spec->hostname) < 0 ||
	    read_name(document, "domainname", &spec->domainname) < 0 ||
	    read_annotations(document, spec) < 0)
		return -1;
	if (spec_read_process(document, spec) < 0 || spec_read_mounts(document, spec) < 0 ||
	    spec_read_hooks(document, spec) < 0 || spec_read_linux(document, spec) < 0)
		return -1;
	return check_names(document, spec);
}

/* part: what the text is: NULL, the whole document, or the member of one, "process". */
static int bad_text(const char *part, const struct json_fault *fault)
{
	char cause[300], member[220];
	bool whole = strcmp(fault->member, "config.json") == 0;

	snprintf(member, sizeof(member), "%s%s%s", part ? part : "", part && !whole ? "." : "",
		 part && whole ? "" : fault->member);
	snprintf(cause, sizeof(cause), "Line %d of %s: %s", fault->line,
		 part ? "the file" : "config.json", fault->what);
	sys_failure_set(EINVAL, "reading config.json", member, cause,
			"Correct it there; python3 -m json.tool FILE shows how JSON is read.");
	return -1;
}

/* Strict, so that what json_check() lets through and json-c does not is an error, too. */
static struct json_object *parse(const char *part, const char *text, size_t length)
{
	struct json_tokener *tokener;
	struct json_object *json = NULL;
	struct json_fault fault;

	if (length > SPEC_BYTES) {
		sys_failure_set(EFBIG, "reading config.json", part ? part : "config.json",
				"It is longer than 4 MiB.", "Give a file that is shorter.");
		return NULL;
	}
	if (json_check(text, length, &fault) < 0) {
		bad_text(part, &fault);
		return NULL;
	}
	if (!(tokener = json_tokener_new_ex(JSON_DEPTH + 2)))
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	/* With the NUL: a number at the end would wait for more. */
	json = json_tokener_parse_ex(tokener, text, (int)length + 1);
	if (!json)
		bad_text(part, &(struct json_fault){ .member = "config.json",
						     .line = 1,
						     .what = json_tokener_error_desc(
							     json_tokener_get_error(tokener)) });
	json_tokener_free(tokener);
	spec_drop_nulls(json);
	return json;
}

int spec_parse(const char *text, size_t length, struct spec *spec)
{
	*spec = (struct spec){ 0 };
	struct spec_node document = { { 0 }, parse(NULL, text, length) };
	if (!document.json)
		return -1;
	spec->json = document.json;
	if (read_all(&document, spec) == 0)
		return 0;
	int saved = errno;
	spec_free(spec);
	errno = saved;
	return -1;
}

int spec_parse_process(const char *text, size_t length, struct spec_process *process,
		       struct json_object **json)
{
	const struct json_place document = { 0 };
	struct spec_node node = { { .up = &document, .name = "process" }, NULL };

	*process = (struct spec_process){ 0 };
	*json = node.json = parse("process", text, length);
	if (!node.json)
		return -1;
	if (spec_names_check_process(&node) == 0 && spec_read_process_object(&node, process) == 0)
		return 0;
	int saved = errno;
	spec_process_free(process);
	json_object_put(*json);
	*json = NULL;
	errno = saved;
	return -1;
}

int spec_parse_resources(const char *text, size_t length, struct spec_resources *resources,
			 struct json_object **json)
{
	const struct json_place document = { 0 };
	struct spec_node node = { { .up = &document, .name = "linux" }, NULL };
	struct json_object *alone = parse("resources", text, length);

	*resources = (struct spec_resources){ 0 };
	*json = node.json = alone ? json_object_new_object() : NULL;
	if (!node.json) {
		json_object_put(alone);
		return -1;
	}
	json_object_object_add(node.json, "resources", alone);
	if (spec_names_check_linux(&node) == 0 && spec_read_resources(&node, resources) == 0)
		return 0;
	int saved = errno;
	resources_free(resources);
	json_object_put(*json);
	*json = NULL;
	errno = saved;
	return -1;
}

/* Whatever its length is said to be, it may be another while it is read: to the end, or one byte
 * more than is allowed. */
static ssize_t read_whole(int fd, char *text)
{
	size_t length = 0;
	ssize_t n;

	do {
		n = SYS_MAY(read(fd, text + length, SPEC_BYTES + 1 - length), "config.json", EINTR);
		length += n > 0 ? (size_t)n : 0;
	} while ((n > 0 && length <= SPEC_BYTES) || (n < 0 && errno == EINTR));
	text[length] = '\0';
	return n < 0 ? -1 : (ssize_t)length;
}

int spec_read(int dir, struct spec *spec)
{
	struct stat st;
	/* O_NONBLOCK: a FIFO would wait for a writer. */
	int fd = SYS(openat(dir, "config.json", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY),
		     "config.json");

	*spec = (struct spec){ 0 };
	if (fd < 0)
		return -1;
	char *text = malloc(SPEC_BYTES + 2);
	int result = text && SYS(fstat(fd, &st), "config.json") == 0 ? 0 : -1;
	if (result == 0 && !S_ISREG(st.st_mode)) {
		sys_failure_set(S_ISDIR(st.st_mode) ? EISDIR : EINVAL, "reading config.json",
				"config.json", "It is not a regular file.",
				"Give a bundle: a directory with the file config.json in it.");
		result = -1;
	}
	ssize_t length = result == 0 ? read_whole(fd, text) : -1;
	if (length >= 0)
		result = spec_parse(text, (size_t)length, spec);
	int saved = errno;
	close(fd);
	free(text);
	errno = saved;
	return length < 0 ? -1 : result;
}

void spec_drop_seccomp(struct spec *spec)
{
	struct json_object *part;

	if (!spec->seccomp)
		return;
	if (json_object_object_get_ex(spec->json, "linux", &part))
		json_object_object_del(part, "seccomp");
	spec->seccomp = NULL;
	malloc_trim(0);
}

void spec_process_free(struct spec_process *process)
{
	free(process->args);
	free(process->env);
	free(process->additional_gids);
	*process = (struct spec_process){ 0 };
}

static void free_hooks(struct spec_hooks *hooks)
{
	for (int i = 0; i < hooks->count; i++) {
		free(hooks->hook[i].args);
		free(hooks->hook[i].env);
	}
	free(hooks->hook);
}

void spec_free(struct spec *spec)
{
	for (int i = 0; i < spec->mount_count; i++) {
		free(spec->mounts[i].destination);
		free(spec->mounts[i].data);
	}
	free(spec->mounts);
	spec_process_free(&spec->process);
	resources_free(&spec->resources);
	free(spec->uid_map);
	free(spec->gid_map);
	for (int kind = 0; kind < HOOK_KINDS; kind++)
		free_hooks(&spec->hooks[kind]);
	free(spec->devices);
	free(spec->sysctls);
	free(spec->masked_paths);
	free(spec->readonly_paths);
	if (spec->json)
		json_object_put(spec->json);
	*spec = (struct spec){ 0 };
}
