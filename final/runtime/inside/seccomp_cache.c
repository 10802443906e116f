/*
 * seccomp_cache.c: a file a profile: a head, the profile's text, the instructions.
 *
 * No call here is by SYS: a cache that fails is no failure of the container.
 */
#define _GNU_SOURCE
#include "seccomp_cache.h"

#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { NAME = 48, FILES_MOST = 64 };

static const char directory[] = ".filters~"; /* no container's id has a "~" */

struct head {
	char magic[8];
	uint32_t maker; /* made_by() */
	uint32_t flags;
	uint32_t text_size; /* bytes */
	uint32_t code_size; /* bytes */
	uint64_t sum;	    /* of flags, text and code */
};

static const char magic[8] = "mbxbpf1"; /* another layout: another digit */

/* FNV-1a. It finds damage and makes names; it is no protection. */
static uint64_t hash(uint64_t sum, const void *data, size_t size)
{
	const unsigned char *byte = data;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ byte[i]) * 0x100000001b3;
	return sum;
}

static const uint64_t hash_start = 0xcbf29ce484222325;

/* Another translator, or another kernel, may need another filter for the same profile. */
static uint32_t made_by(void)
{
	uint32_t translator = seccomp_translator();
	uint64_t sum = hash(hash_start, &translator, sizeof(translator));
	struct utsname kernel;

	if (uname(&kernel) == 0) {
		sum = hash(sum, kernel.release, strlen(kernel.release));
		sum = hash(sum, kernel.version, strlen(kernel.version));
	}
	return (uint32_t)(sum ^ sum >> 32);
}

static void name_file(const char *text, char *name)
{
	snprintf(name, NAME, "seccomp-%016llx",
		 (unsigned long long)hash(hash_start, text, strlen(text)));
}

static struct head head_of(const char *text, size_t text_size, const struct sock_filter *code,
			   size_t code_size, unsigned flags)
{
	struct head head = { .maker = made_by(),
			     .flags = flags,
			     .text_size = (uint32_t)text_size,
			     .code_size = (uint32_t)code_size };

	memcpy(head.magic, magic, sizeof(magic));
	head.sum = hash(hash_start, &flags, sizeof(flags));
	head.sum = hash(head.sum, text, text_size);
	head.sum = hash(head.sum, code, code_size);
	return head;
}

/* The whole file in memory, or NULL. least: bytes that it has without any instruction. A FIFO would
 * make open(2) wait, and a link would lead to a file that is ours for another reason. */
static char *whole_file(int cache, const char *name, size_t least, size_t *size)
{
	struct stat st;
	char *data = NULL;
	int fd = openat(cache, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    !(st.st_mode & (S_IWGRP | S_IWOTH)) && (size_t)st.st_size > least &&
	    (size_t)st.st_size <= least + BPF_MAXINSNS * sizeof(struct sock_filter) &&
	    (data = malloc((size_t)st.st_size)) &&
	    pread(fd, data, (size_t)st.st_size, 0) != st.st_size) {
		free(data);
		data = NULL;
	}
	close(fd);
	*size = data ? (size_t)st.st_size : 0;
	return data;
}

/* Is the file one that store() has written whole, and for this text? out: its filter then. */
static bool load(int cache, const char *name, const char *text, struct seccomp_filter *out)
{
	size_t size, text_size = strlen(text), before = sizeof(struct head) + text_size;
	char *data = whole_file(cache, name, before, &size);
	struct head head;

	if (!data)
		return false;
	memcpy(&head, data, sizeof(head));
	const char *its_text = data + sizeof(head);
	size_t code_size = size - before;
	struct sock_filter *code = malloc(code_size);
	if (code) {
		memcpy(code, data + before, code_size);
		struct head right = head_of(its_text, text_size, code, code_size, head.flags);
		unsigned short length = (unsigned short)(code_size / sizeof(*code));
		if (code_size % sizeof(*code) == 0 && memcmp(&head, &right, sizeof(head)) == 0 &&
		    memcmp(its_text, text, text_size) == 0)
			*out = (struct seccomp_filter){ code, length, head.flags };
		else
			free(code);
	}
	free(data);
	return out->code;
}

static bool put(int fd, const void *data, size_t size)
{
	return write(fd, data, size) == (ssize_t)size;
}

/* Clients that make a profile a container would fill the directory. It is only a cache: where it is
 * full it begins anew. */
static void make_room(int cache)
{
	int fd = openat(cache, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), count = 0;
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (list && readdir(list))
		count++;
	if (list && count >= FILES_MOST + 2) { /* "." and ".." */
		rewinddir(list);
		while ((entry = readdir(list)))
			unlinkat(cache, entry->d_name, 0);
	}
	if (list)
		closedir(list);
	else if (fd >= 0)
		close(fd);
}

/* Under another name first: a reader sees the whole file or none. */
static void store(int cache, const char *name, const char *text,
		  const struct seccomp_filter *filter)
{
	size_t code_size = filter->length * sizeof(*filter->code);
	struct head head = head_of(text, strlen(text), filter->code, code_size, filter->flags);
	char fresh[NAME + 32];

	make_room(cache);
	snprintf(fresh, sizeof(fresh), ".new-%s-%d", name, getpid());
	/* Of a process with our number that was killed here. */
	unlinkat(cache, fresh, 0);
	int fd = openat(cache, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	bool good = put(fd, &head, sizeof(head)) && put(fd, text, head.text_size) &&
		    put(fd, filter->code, code_size);
	close(fd);
	if (!good || renameat(cache, fresh, cache, name) < 0)
		unlinkat(cache, fresh, 0);
}

int seccomp_translate_cached(struct json_object *profile, int cache, struct seccomp_filter *out)
{
	char name[NAME];

	*out = (struct seccomp_filter){ 0 };
	if (!profile || cache < 0 || !seccomp_translator())
		return seccomp_translate(profile, out);
	const char *found = json_object_to_json_string_ext(profile, JSON_C_TO_STRING_PLAIN);
	char *text = found ? strdup(found) : NULL;
	if (!text)
		return seccomp_translate(profile, out);
	name_file(text, name);
	int result = 0;
	if (!load(cache, name, text, out)) {
		result = seccomp_translate(profile, out);
		if (result == 0)
			store(cache, name, text, out); /* also over a file that is not obeyed */
	}
	free_keeping_errno(text);
	return result;
}

/* ---- where it is ---- */

static int open_cache(int root)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(root, directory, flags);
	struct stat st;

	if (fd < 0 && errno == ENOENT && mkdirat(root, directory, 0700) == 0)
		fd = openat(root, directory, flags);
	if (fd < 0 ||
	    (fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH))))
		return fd;
	close(fd);
	return -1;
}

int seccomp_prepare(struct json_object *profile, int root, struct seccomp_filter *out)
{
	*out = (struct seccomp_filter){ 0 };
	if (!profile)
		return 0;
	int cache = open_cache(root);
	int result = seccomp_translate_cached(profile, cache, out);
	close_keeping_errno(cache);
	return result;
}
