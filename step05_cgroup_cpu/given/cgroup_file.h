/*
 * cgroup_file.h: the files of a group, by the descriptor of its directory (given).
 *
 * Trace and errors name the whole path: on a host with fifty groups "cpu.max: Permission denied"
 * says too little.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes text to the file in the group's directory with one write(2). Returns 0, or -1 with errno;
 * recorded with the file's path, traced with the text. */
int cgroup_write(int dir, const char *file, const char *text);

/* cgroup_write() of a formatted text. */
int cgroup_writef(int dir, const char *file, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Finds the line "KEY VALUE" in text, the contents of a file with one such line for each key
 * (cpu.stat, memory.stat, memory.events). Returns its value, or -1: there is no such line, or its
 * value is no number. */
int64_t cgroup_key(const char *text, const char *key);

/* The path of a file in a directory's descriptor, for messages; the name alone where /proc cannot
 * be asked. file may be NULL. Keeps errno. Returns buf. */
const char *cgroup_file_path(int dir, const char *file, char *buf, size_t size);

/* Does the file exist in this directory? How a controller shows that it is on. */
bool cgroup_has(int dir, const char *file);
