/*
 * volume_text.h: the text of -v: paths, names, options (given).
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

/* "/a//b/./../c/" becomes "/a/c", "/.." and "/" become "". By the text alone: no link is looked at
 * here, that is resolve.h's work. out needs as much room as path. */
void path_clean(const char *path, char *out);

/* Is this a volume's name? [a-zA-Z0-9][a-zA-Z0-9_.-]+, 255 at most. */
bool volume_name_ok(const char *name);

enum volume_kind {
	VOLUME_ANONYMOUS, /* -v /test          a new directory of ours, named by a number */
	VOLUME_NAMED,	  /* -v data:/test     a directory of ours, by its name */
	VOLUME_PATH,	  /* -v /home:/test    the host's own directory or file */
};

struct volume {
	enum volume_kind kind;
	char source[PATH_MAX];	    /* "" if anonymous */
	char destination[PATH_MAX]; /* absolute, cleaned: no "//", "." or ".." in it */
	bool read_only;
};

/* Parses [SRC:]DST[:OPTIONS] as docker does. SRC with a leading slash is a path, else a name
 * ([a-zA-Z0-9][a-zA-Z0-9_.-]+). OPTIONS: ro rw, commas between; [r]private, z, Z, cached,
 * delegated, consistent and nocopy are accepted and change nothing here; [r]slave and [r]shared are
 * refused, because a container's mounts are private (step 2). A colon cannot stand in a path; a
 * comma can.
 *
 * Returns 0, or -1 with errno EINVAL (empty parts, a DST that is not absolute or is "/", a relative
 * SRC, ro and rw both, an unknown option, more than three parts), ENAMETOOLONG (4096 bytes or
 * more); the failure record says which.
 *
 * Source: docker-run(1), -v. */
int volume_parse(const char *text, struct volume *out);
