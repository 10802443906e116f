/*
 * mountinfo.h: reading /proc/PID/mountinfo; proc_pid_mountinfo(5).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The eleven fields of a line, by the man page's names (the eighth, a hyphen, only
 * separates). Strings point into the line, unescaped (\040 is a blank again). */
struct mountinfo {
	int id, parent;
	unsigned major, minor;
	char *root;	       /* what of its file system is mounted: "/" or a bind's source */
	char *mount_point;     /* relative to the process's root */
	char *mount_options;   /* per mount: "ro,nosuid" */
	char *optional_fields; /* "shared:1 master:2", or "" */
	char *fs_type;
	char *source;
	char *super_options; /* per file system */
};

/* Parses one line in place (it is changed).
 * Returns 0, or -1 with EINVAL. */
int mountinfo_parse(char *line, struct mountinfo *out);

/* Reads PID/mountinfo (pid 0: self) below procfd whole, and calls fn for every line; stops when
 * fn returns non-zero and returns that. -1 with errno: ENOENT, EINVAL (a zombie has none),
 * ENOMEM. */
int mountinfo_each(int procfd, pid_t pid, int (*fn)(const struct mountinfo *mount, void *arg),
		   void *arg);

/* The peer group of a "shared:N" field, 0 if the mount is not shared; the same for "master:N". */
int mountinfo_shared(const struct mountinfo *mount);
int mountinfo_master(const struct mountinfo *mount);
