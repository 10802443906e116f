/*
 * record.c: state.json, written by json-c and read as if it were a stranger's.
 */
#define _GNU_SOURCE
#include "record.h"
#include "final/runtime/spec/spec_reader.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct json_object json;

enum { VERSION = 1 };

static const char name[] = "state.json", next[] = "state.json.new";

static const char *const roles[] = {
	[CGROUP_GROUP] = "group", [CGROUP_UPPER] = "upper", [CGROUP_NEST] = "nest"
};

static int read_boot(int procfd, char out[40])
{
	if (read_file_at(procfd, "sys/kernel/random/boot_id", out, 40) < 0)
		return sys_failure_set(errno, "open", "/proc/sys/kernel/random/boot_id", NULL,
				       NULL),
		       -1;
	out[strcspn(out, "\n")] = '\0';
	return 0;
}

int box_record_init(struct box_record *record, const char *bundle)
{
	struct timespec now;
	struct tm utc;
	char seconds[24];
	int procfd = SYS(proc_open(), "/proc");

	*record = (struct box_record){ .creating = true };
	if (procfd < 0)
		return -1;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(record->created, sizeof(record->created), "%s.%09ldZ", seconds, now.tv_nsec);
	snprintf(record->bundle, sizeof(record->bundle), "%s", bundle);
	int result = read_boot(procfd, record->boot);
	if (result == 0)
		result = SYS(proc_ns_id(procfd, 0, "pid", &record->owner_ns), "/proc/self/ns/pid");
	close_keeping_errno(procfd);
	return result;
}

struct record_group *box_record_add_group(struct box_record *record)
{
	size_t count = (size_t)record->groups.count + 1;
	struct record_group *more = SYS(realloc(record->groups.list, count * sizeof(*more)), name);

	if (!more)
		return NULL;
	record->groups.list = more;
	more[record->groups.count] = (struct record_group){ 0 };
	return &more[record->groups.count++];
}

void box_record_free(struct box_record *record)
{
	free(record->groups.list);
	*record = (struct box_record){ 0 };
}

/* ---- out ---- */

static void put(json *object, const char *member, json *value)
{
	json_object_object_add(object, member, value);
}

static json *id_out(struct ns_id id)
{
	json *object = json_object_new_object();

	put(object, "dev", json_object_new_int64((int64_t)id.dev));
	put(object, "ino", json_object_new_int64((int64_t)id.ino));
	return object;
}

static json *groups_out(const struct box_record *record)
{
	json *list = json_object_new_array();

	for (int i = 0; i < record->groups.count; i++) {
		json *one = json_object_new_object();
		put(one, "path", json_object_new_string(record->groups.list[i].path));
		put(one, "role", json_object_new_string(roles[record->groups.list[i].role]));
		if (record->groups.list[i].made)
			put(one, "where", id_out(record->groups.list[i].id));
		json_object_array_add(list, one);
	}
	return list;
}

static json *record_out(const char *id, const struct box_record *record)
{
	json *object = json_object_new_object();

	put(object, "version", json_object_new_int(VERSION));
	put(object, "id", json_object_new_string(id));
	put(object, "bundle", json_object_new_string(record->bundle));
	put(object, "created", json_object_new_string(record->created));
	put(object, "creating", json_object_new_boolean(record->creating));
	put(object, "boot", json_object_new_string(record->boot));
	put(object, "owner_ns", id_out(record->owner_ns));
	put(object, "systemd", json_object_new_boolean(record->groups.systemd));
	put(object, "cgroups", groups_out(record));
	if (record->pid) {
		put(object, "pid", json_object_new_int(record->pid));
		put(object, "start", json_object_new_int64((int64_t)record->start));
		put(object, "pid_ns", id_out(record->pid_ns));
	}
	return object;
}

static int write_text(int dir, const char *text)
{
	size_t length = strlen(text);
	int fd = SYS(openat(dir, next, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600),
		     next);
	ssize_t n = fd < 0 ? -1 : SYS(write(fd, text, length), next);

	close_keeping_errno(fd);
	if (n >= 0 && (size_t)n < length)
		sys_failure_set(ENOSPC, "write", next, NULL, NULL);
	return n == (ssize_t)length ? SYS(renameat(dir, next, dir, name), name) : -1;
}

int box_record_write(int dir, const char *id, const struct box_record *record)
{
	json *object = record_out(id, record);
	int result = write_text(
		dir, json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE));

	if (result < 0)
		unlinkat(dir, next, 0);
	json_object_put(object);
	return result;
}

/* ---- in ---- */

static int text_in(const struct spec_node *object, const char *member, char *out, size_t size)
{
	const char *text = NULL;
	struct spec_node at = spec_at(object, member);
	int there = spec_text(object, member, &text);

	if (there <= 0)
		return there < 0 ? -1 : spec_missing(object, member, "a text");
	if (strlen(text) >= size)
		return spec_wrong(&at, "less than %zu bytes", size);
	snprintf(out, size, "%s", text);
	return 0;
}

static int number_in(const struct spec_node *object, const char *member, int64_t most, int64_t *out)
{
	int there = spec_number(object, member, 0, most, out);

	return there == 0 ? spec_missing(object, member, "a whole number") : there > 0 ? 0 : -1;
}

/* 1: there, 0: not there. */
static int id_in(const struct spec_node *object, const char *member, struct ns_id *out)
{
	struct spec_node at;
	int64_t dev = 0, ino = 0;
	int there = spec_object(object, member, &at);

	if (there <= 0)
		return there;
	if (number_in(&at, "dev", INT64_MAX, &dev) < 0 ||
	    number_in(&at, "ino", INT64_MAX, &ino) < 0)
		return -1;
	*out = (struct ns_id){ .dev = (dev_t)dev, .ino = (ino_t)ino };
	return 1;
}

static int group_in(const struct spec_node *one, struct box_record *record)
{
	struct record_group *group = box_record_add_group(record);
	struct spec_node at = spec_at(one, "role");
	char role[16];
	size_t i = 0, count = sizeof(roles) / sizeof(*roles);

	if (!group || spec_value_is(one, json_type_object) < 0 ||
	    text_in(one, "path", group->path, sizeof(group->path)) < 0 ||
	    text_in(one, "role", role, sizeof(role)) < 0)
		return -1;
	while (i < count && strcmp(roles[i], role) != 0)
		i++;
	if (i == count || group->path[0] != '/')
		return spec_wrong(&at, "group, upper or nest, with an absolute path");
	group->role = (enum cgroup_role)i;
	int there = id_in(one, "where", &group->id);
	group->made = there > 0;
	return there < 0 ? -1 : 0;
}

static int groups_in(const struct spec_node *object, struct box_record *record)
{
	struct spec_node list, one;
	int there = spec_array(object, "cgroups", &list);

	if (there <= 0)
		return there < 0 ? -1 : spec_missing(object, "cgroups", "an array");
	for (size_t i = 0; i < spec_length(&list); i++) {
		spec_element(&list, i, &one);
		if (group_in(&one, record) < 0)
			return -1;
	}
	return 0;
}

static int process_in(const struct spec_node *object, struct box_record *record)
{
	int64_t pid = 0, start = 0;
	int there = spec_number(object, "pid", 1, INT32_MAX, &pid);

	if (there <= 0)
		return there;
	if (number_in(object, "start", INT64_MAX, &start) < 0)
		return -1;
	there = id_in(object, "pid_ns", &record->pid_ns);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(object, "pid_ns", "an object");
	record->pid = (pid_t)pid;
	record->start = (unsigned long long)start;
	return 0;
}

static int record_in(const struct spec_node *object, const char *id, struct box_record *record)
{
	char own[256];
	int64_t version = 0;
	struct spec_node at_version = spec_at(object, "version"), at_id = spec_at(object, "id");

	if (number_in(object, "version", INT64_MAX, &version) < 0)
		return -1;
	if (version != VERSION)
		return spec_wrong(&at_version, "%d", VERSION);
	if (text_in(object, "id", own, sizeof(own)) < 0)
		return -1;
	if (strcmp(own, id) != 0)
		return spec_wrong(&at_id, "\"%s\"", id);
	if (text_in(object, "bundle", record->bundle, sizeof(record->bundle)) < 0 ||
	    text_in(object, "created", record->created, sizeof(record->created)) < 0 ||
	    text_in(object, "boot", record->boot, sizeof(record->boot)) < 0 ||
	    spec_flag(object, "creating", &record->creating) < 0 ||
	    spec_flag(object, "systemd", &record->groups.systemd) < 0 ||
	    id_in(object, "owner_ns", &record->owner_ns) <= 0)
		return -1;
	return groups_in(object, record) < 0 ? -1 : process_in(object, record);
}

/* The text of a regular file that is ours; the caller frees it. */
static char *read_own(int dir, size_t *length)
{
	struct stat st;
	int fd = SYS(openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), name);
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (SYS(fstat(fd, &st), name) == 0 &&
	    (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022)))
		sys_failure_set(
			EPERM, "reading state.json", name,
			"It is no regular file of the caller's own that others cannot write.",
			NULL);
	else if (!sys_failure()->err)
		text = SYS(read_whole_at(dir, name, length), name);
	close_keeping_errno(fd);
	return text;
}

int box_record_read(int dir, const char *id, struct box_record *record)
{
	struct json_fault fault;
	size_t length = 0;
	char *text = read_own(dir, &length);
	int result = -1;

	*record = (struct box_record){ 0 };
	if (!text)
		return -1;
	if (json_check(text, length, &fault) < 0) {
		sys_failure_set(
			EINVAL, "reading state.json", id,
			"The record is torn, or was not written by this program: it is not "
			"obeyed.",
			"Remove the container's directory below the runtime's --root by hand.");
	} else {
		struct spec_node document = { { 0 }, json_tokener_parse(text) };
		result = document.json ? record_in(&document, id, record) : -1;
		json_object_put(document.json);
		if (result < 0 && !sys_failure()->err)
			sys_failure_set(EINVAL, "reading state.json", id, "A member is missing.",
					NULL);
	}
	free(text);
	if (result < 0) {
		int saved = errno;
		box_record_free(record);
		errno = saved;
	}
	return result;
}
