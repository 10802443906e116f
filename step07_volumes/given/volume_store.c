/*
 * volume_store.c: opening what a volume's source stands for.
 */
#define _GNU_SOURCE
#include "volume_store.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step07_volumes/volumes.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_path(const char *path)
{
	struct stat st;
	/* O_PATH: a FIFO does not block, a device does nothing. */
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		sys_failure_set(ENOENT, "volume_open", path,
				"The host has no such file or directory.",
				"Make it first, or give a name instead of a path for a volume of "
				"minibox's own.");
		return -1;
	}
	if (fd < 0) {
		sys_failure_set(errno, "volume_open", path, NULL, NULL);
		return -1;
	}
	if (fstat(fd, &st) == 0 &&
	    (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode)))
		return fd;
	close(fd);
	sys_failure_set(EINVAL, "volume_open", path,
			"It is neither a directory nor a file (a FIFO or a device?).",
			"A volume is a directory, a file or a socket.");
	return -1;
}

int volume_new_id(char id[VOLUME_ID_SIZE])
{
	unsigned char bytes[VOLUME_ID_SIZE / 2] = { 0 };

	if (SYS(getrandom(bytes, sizeof(bytes), 0), "volume id") != sizeof(bytes))
		return -1;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* STORE/volumes/NAME/_data, each directory made if it is missing. */
static int open_stored(const char *store, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/volumes/%s/_data", store, name) >= (int)sizeof(path)) {
		sys_failure_set(ENAMETOOLONG, "volume_open", store, NULL, NULL);
		return -1;
	}
	for (char *end = path + strlen(store) + 1; end;) {
		end = strchr(end, '/');
		if (end)
			*end = '\0';
		if (SYS_MAY(mkdir(path, 0755), path, EEXIST) == 0) {
			if (SYS(chmod(path, 0755), path) < 0) /* whatever the umask */
				return -1;
		} else if (errno != EEXIST) {
			return -1;
		}
		if (end)
			*end++ = '/';
	}
	return SYS(open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), path);
}

int volume_open(const char *store, const struct volume *volume, char *name)
{
	char id[VOLUME_ID_SIZE];

	if (volume->kind == VOLUME_PATH)
		return open_path(volume->source);
	if (volume->kind == VOLUME_NAMED)
		return open_stored(store, volume->source);
	if (volume_new_id(id) < 0)
		return -1;
	if (name)
		memcpy(name, id, sizeof(id));
	return open_stored(store, id);
}

int volume_add(int root, const char *store, const char *text)
{
	struct volume volume;
	int result, source;

	if (volume_parse(text, &volume) < 0)
		return -1;
	source = volume_open(store, &volume, NULL);
	if (source < 0)
		return -1;
	result = volume_bind(root, volume.destination, source,
			     MS_REC | (volume.read_only ? MS_RDONLY : 0));
	close_keeping_errno(source);
	return result;
}
