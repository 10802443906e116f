/*
 * state_record.c: a container's record in memory, and how it is written.
 */
#define _GNU_SOURCE
#include "state_record.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct json_object json;

static const char FILE_NAME[] = "state.json", NEW_NAME[] = ".state.json.new";

static bool is_hex(const char *name, size_t length)
{
	return strlen(name) == length && strspn(name, "0123456789abcdef") == length;
}

bool is_volume_id(const char *name)
{
	return is_hex(name, 64);
}

bool is_container_id(const char *name)
{
	return is_hex(name, ID_SIZE - 1);
}

int boot_id(char out[BOOT_ID_SIZE])
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";

	if (SYS(read_file_at(AT_FDCWD, path, out, BOOT_ID_SIZE), path) < 0)
		return -1;
	out[strcspn(out, "\n")] = '\0';
	return 0;
}

int record_init(struct record *record, const char *id, const char *name)
{
	int procfd = SYS(proc_open(), "/proc"), result = -1;

	memset(record, 0, sizeof(*record));
	snprintf(record->id, sizeof(record->id), "%s", id);
	snprintf(record->name, sizeof(record->name), "%s", name ? name : "");
	if (procfd >= 0 && boot_id(record->boot) == 0)
		result = SYS(proc_ns_id(procfd, 0, "pid", &record->owner_ns), "/proc/self/ns/pid");
	if (procfd >= 0)
		close(procfd);
	return result;
}

static void *add(void *array, int *count, size_t size)
{
	char *more = realloc(array, (size_t)(*count + 1) * size);

	if (!more) {
		sys_failure_set(ENOMEM, "realloc", "the container's record", NULL, NULL);
		return NULL;
	}
	memset(more + (size_t)*count * size, 0, size);
	++*count;
	return more;
}

struct record_group *record_add_group(struct record *record)
{
	void *more = add(record->groups.list, &record->groups.count, sizeof(*record->groups.list));

	if (!more)
		return NULL;
	record->groups.list = more;
	return &record->groups.list[record->groups.count - 1];
}

struct record_volume *record_add_volume(struct record *record)
{
	void *more = add(record->volumes, &record->volume_count, sizeof(*record->volumes));

	if (!more)
		return NULL;
	record->volumes = more;
	return &record->volumes[record->volume_count - 1];
}

void record_free(struct record *record)
{
	free(record->groups.list);
	free(record->volumes);
	memset(record, 0, sizeof(*record));
}

/* ---- writing ---- */

static void put_id(json *object, struct ns_id id)
{
	json_object_object_add(object, "dev", json_object_new_int64((int64_t)id.dev));
	json_object_object_add(object, "ino", json_object_new_int64((int64_t)id.ino));
}

static json *id_object(struct ns_id id)
{
	json *object = json_object_new_object();

	put_id(object, id);
	return object;
}

static json *groups_array(const struct record *record)
{
	static const char *const roles[] = { "group", "upper", "nest" };
	json *array = json_object_new_array();

	for (int i = 0; i < record->groups.count; i++) {
		const struct record_group *group = &record->groups.list[i];
		json *object = json_object_new_object();
		json_object_object_add(object, "path", json_object_new_string(group->path));
		json_object_object_add(object, "role", json_object_new_string(roles[group->role]));
		if (group->made)
			put_id(object, group->id);
		json_object_array_add(array, object);
	}
	return array;
}

static json *volumes_array(const struct record *record)
{
	json *array = json_object_new_array();

	for (int i = 0; i < record->volume_count; i++) {
		json *object = json_object_new_object();
		json_object_object_add(object, "name",
				       json_object_new_string(record->volumes[i].name));
		if (record->volumes[i].made)
			put_id(object, record->volumes[i].id);
		json_object_array_add(array, object);
	}
	return array;
}

static json *to_json(const struct record *record)
{
	json *object = json_object_new_object();

	json_object_object_add(object, "version", json_object_new_int(1));
	json_object_object_add(object, "id", json_object_new_string(record->id));
	if (record->name[0])
		json_object_object_add(object, "name", json_object_new_string(record->name));
	json_object_object_add(object, "boot", json_object_new_string(record->boot));
	json_object_object_add(object, "owner_ns", id_object(record->owner_ns));
	if (record->pid) {
		json_object_object_add(object, "pid", json_object_new_int(record->pid));
		json_object_object_add(object, "start",
				       json_object_new_int64((int64_t)record->start));
		json_object_object_add(object, "pid_ns", id_object(record->pid_ns));
	}
	json_object_object_add(object, "cgroups", groups_array(record));
	json_object_object_add(object, "volumes", volumes_array(record));
	return object;
}

static int write_text(int fd, const char *text)
{
	size_t length = strlen(text);

	while (length) {
		ssize_t n = SYS(write(fd, text, length), NEW_NAME);
		if (n < 0)
			return -1;
		if (n == 0)
			return errno = EIO, -1;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

static int write_new(int dir, const char *text)
{
	int fd = SYS(
		openat(dir, NEW_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600),
		NEW_NAME);

	if (fd < 0)
		return -1;
	int result = SYS(fchmod(fd, 0600), NEW_NAME); /* whatever the umask */
	if (result == 0)
		result = write_text(fd, text);
	int saved = errno;
	if (close(fd) < 0 && result == 0) { /* NFS and FUSE tell about a full disk here */
		sys_failure_set(errno, "close", NEW_NAME, NULL, NULL);
		result = -1;
		saved = errno;
	}
	if (result == 0)
		result = SYS(renameat(dir, NEW_NAME, dir, FILE_NAME), FILE_NAME);
	else
		errno = saved;
	return result;
}

int record_write(int dir, const struct record *record)
{
	json *object = to_json(record);
	const char *text = json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	int result = -1;

	if (text)
		result = write_new(dir, text);
	else
		sys_failure_set(ENOMEM, "malloc", FILE_NAME, NULL, NULL);
	int saved = errno;
	json_object_put(object);
	errno = saved;
	return result;
}
