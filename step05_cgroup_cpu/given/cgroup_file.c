/*
 * cgroup_file.c: one write to one file of a group, one value of a file's text.
 */
#define _GNU_SOURCE
#include "cgroup_file.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 512 };

const char *cgroup_file_path(int dir, const char *file, char *buf, size_t size)
{
	char link[32], directory[PATH_SIZE];
	int saved = errno;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
	ssize_t n = readlink(link, directory, sizeof(directory) - 1);
	directory[n > 0 ? n : 0] = '\0';
	snprintf(buf, size, "%s%s%s", directory, file && n > 0 ? "/" : "", file ? file : "");
	errno = saved;
	return buf;
}

int cgroup_write(int dir, const char *file, const char *text)
{
	char path[PATH_SIZE + 64];
	int fd = SYS(openat(dir, file, O_WRONLY | O_CLOEXEC),
		     cgroup_file_path(dir, file, path, sizeof(path)));

	if (fd < 0)
		return -1;
	/* One write: the kernel takes each as a value of its own. */
	ssize_t n = SYS(write(fd, text, strlen(text)),
			cgroup_file_path(dir, file, path, sizeof(path)));
	if (sys_tracing)
		sys_trace_say("\"%.60s\" -> %s", text, file);
	close_keeping_errno(fd);
	return n < 0 ? -1 : 0;
}

int cgroup_writef(int dir, const char *file, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return cgroup_write(dir, file, text);
}

int64_t cgroup_key(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = text; line && *line;) {
		if (strncmp(line, key, n) == 0 && line[n] == ' ' &&
		    isdigit((unsigned char)line[n + 1]))
			return strtoll(line + n + 1, NULL, 10);
		line = strchr(line, '\n');
		if (line) /* NULL + 0 is undefined, if harmless */
			line++;
	}
	return -1;
}

bool cgroup_has(int dir, const char *file)
{
	int saved = errno;
	bool there = faccessat(dir, file, F_OK, 0) == 0;

	errno = saved;
	return there;
}
