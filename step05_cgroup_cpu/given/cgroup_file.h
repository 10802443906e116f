/*
 * cgroup_file.h: writing a cgroup's files so that trace and errors name the whole path (given).
 *
 * The pieces work on descriptors of directories; "cpu.max: Permission denied" would not help
 * anybody who has fifty groups.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Writes text to the file in the group's directory with one write(2). Returns 0, or -1 with errno;
 * recorded with the file's path, traced with the text. */
int cgroup_write(int dir, const char *file, const char *text);

/* cgroup_write() of a formatted text. */
int cgroup_writef(int dir, const char *file, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The path of a file in a directory's descriptor, for messages; the name alone where /proc cannot
 * be asked. file may be NULL. Keeps errno. Returns buf. */
const char *cgroup_file_path(int dir, const char *file, char *buf, size_t size);

/* Does the file exist in this directory? How a controller shows that it is on. */
bool cgroup_has(int dir, const char *file);
