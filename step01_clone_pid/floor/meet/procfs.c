/*
 * procfs.c: parsers of a buffer and readers of a descriptor, for /proc.
 */
#define _GNU_SOURCE
#include "procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int open_to_read(int dirfd, const char *path)
{
	return openat(dirfd, path, O_RDONLY | O_CLOEXEC);
}

/* Fills the rest of the buffer, which always has room for one byte more, as far as the file goes.
 * Files of /proc are made as they are read and may come in pieces. */
static int read_on(int fd, char *text, size_t *have, size_t room)
{
	while (*have < room) {
		ssize_t n = read(fd, text + *have, room - *have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			return 0;
		*have += (size_t)n;
	}
	return 1;
}

static void close_keeping_errno(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

char *read_whole_at(int dirfd, const char *path, size_t *length)
{
	size_t have = 0, room = 4096;
	char *text = NULL;
	int fd = open_to_read(dirfd, path), more = 1;

	if (fd < 0)
		return NULL;
	for (; more > 0; room *= 2) {
		char *longer = room > READ_WHOLE_MOST ? NULL : realloc(text, room);
		if (!longer) {
			errno = room > READ_WHOLE_MOST ? EFBIG : ENOMEM;
			goto bad;
		}
		text = longer;
		more = read_on(fd, text, &have, room - 1);
	}
	if (more < 0)
		goto bad;
	close(fd);
	text[have] = '\0';
	if (length)
		*length = have;
	return text;
bad:
	close_keeping_errno(fd);
	free(text);
	return NULL;
}

ssize_t read_file_at(int dirfd, const char *path, char *buf, size_t size)
{
	size_t have = 0;
	int fd = open_to_read(dirfd, path);

	if (fd < 0)
		return -1;
	int result = read_on(fd, buf, &have, size - 1);
	close_keeping_errno(fd);
	buf[have] = '\0';
	return result < 0 ? -1 : (ssize_t)have;
}

int write_file_at(int dirfd, const char *path, const char *text)
{
	size_t length = strlen(text);
	int fd = SYS(openat(dirfd, path, O_WRONLY | O_CLOEXEC), path);

	if (fd < 0)
		return -1;
	ssize_t n = SYS(write(fd, text, length), path);
	int saved = errno;
	close(fd);
	if (n >= 0 && (size_t)n != length) {
		sys_failure_set(EIO, "write", path, "The kernel took only a part of the text.",
				NULL);
		return -1;
	}
	errno = saved;
	return n < 0 ? -1 : 0;
}

bool status_value(const char *text, const char *key, char *out, size_t size)
{
	size_t length = strlen(key);

	for (const char *line = text; line && *line;) {
		const char *end = strchr(line, '\n');
		if (strncmp(line, key, length) == 0 && line[length] == ':') {
			const char *from = line + length + 1;
			size_t n = end ? (size_t)(end - from) : strlen(from);
			while (n && isspace((unsigned char)*from))
				from++, n--;
			while (n && isspace((unsigned char)from[n - 1]))
				n--;
			snprintf(out, size, "%.*s", (int)n, from);
			return true;
		}
		line = end ? end + 1 : NULL;
	}
	return false;
}

bool proc_status_value(int procfd, pid_t pid, const char *key, char *out, size_t size)
{
	char path[32] = "self/status";

	if (pid)
		snprintf(path, sizeof(path), "%d/status", pid);
	char *text = read_whole_at(procfd, path, NULL);
	bool found = text && status_value(text, key, out, size);
	free(text);
	return found;
}

int proc_stat_parse(const char *text, struct proc_stat *out)
{
	/* The name stands in parentheses and may itself hold ") ": the last ')' ends it. */
	const char *open = strchr(text, '('), *close_ = strrchr(text, ')');
	int ppid, pgrp, session, n;

	*out = (struct proc_stat){ 0 };
	if (!open || !close_ || close_ < open || sscanf(text, "%d", &out->pid) != 1)
		goto bad;
	snprintf(out->comm, sizeof(out->comm), "%.*s", (int)(close_ - open - 1), open + 1);
	n = sscanf(close_ + 1,
		   " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %ld %*d "
		   "%llu %*u %llu",
		   &out->state, &ppid, &pgrp, &session, &out->utime, &out->stime, &out->threads,
		   &out->starttime, &out->rss_pages);
	if (n != 9)
		goto bad;
	out->ppid = ppid;
	out->pgrp = pgrp;
	out->session = session;
	const char *last = strrchr(close_, ' '); /* exit_code is the last of 52 fields */
	out->exit_code = last ? atoi(last) : 0;
	return 0;
bad:
	errno = EINVAL;
	return -1;
}

int proc_stat_read(int procfd, pid_t pid, struct proc_stat *out)
{
	char path[32], text[1024];

	snprintf(path, sizeof(path), "%d/stat", pid);
	if (read_file_at(procfd, path, text, sizeof(text)) < 0)
		return -1;
	return proc_stat_parse(text, out);
}

int proc_ns_id(int procfd, pid_t pid, const char *name, struct ns_id *out)
{
	char path[64];
	struct stat st;

	if (pid)
		snprintf(path, sizeof(path), "%d/ns/%s", pid, name);
	else
		snprintf(path, sizeof(path), "self/ns/%s", name);
	if (fstatat(procfd, path, &st, 0) < 0)
		return -1;
	*out = (struct ns_id){ .dev = st.st_dev, .ino = st.st_ino };
	return 0;
}

bool ns_id_equal(struct ns_id a, struct ns_id b)
{
	return a.dev == b.dev && a.ino == b.ino;
}

bool proc_shows(int procfd, pid_t pid, int pidfd)
{
	char path[48], number[32] = "";

	snprintf(path, sizeof(path), "self/fdinfo/%d", pidfd);
	char *text = read_whole_at(procfd, path, NULL);
	bool known = text && status_value(text, "Pid", number, sizeof(number));
	bool shown = known ? atoi(number) == pid : text != NULL;
	free(text);
	if (!shown)
		errno = ESRCH;
	return shown;
}

bool proc_is_child(int procfd, pid_t pid, pid_t parent)
{
	struct proc_stat stat;
	bool is = pid > 0 && proc_stat_read(procfd, pid, &stat) == 0 && stat.ppid == parent;

	if (!is)
		errno = ESRCH;
	return is;
}

int proc_open(void)
{
	return open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int proc_each(int procfd, int (*fn)(pid_t pid, void *arg), void *arg)
{
	int result = 0;
	int fd = openat(procfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	for (struct dirent *entry; result == 0 && (errno = 0, entry = readdir(dir));)
		if (isdigit((unsigned char)entry->d_name[0]))
			result = fn((pid_t)atoi(entry->d_name), arg);
	if (result == 0 && errno)
		result = -1;
	closedir(dir);
	return result;
}
