/*
 * volumes.h: step 7's piece. A directory of the host, seen inside.
 *
 * A bind mount shows the same directory in a second place: same inode, no copy,
 * both sides write to one file. What is written there passes the overlay by, so it survives the
 * container and is not committed. The host's path exists only before pivot_root: volumes are
 * mounted before.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

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

/* Makes the mount point: destination inside root, a directory or, for directory == false, an empty
 * file; what is there already is left as it is. Links of the image are followed *inside root*
 * (resolve.h), so none leads to the host.
 *
 * Returns a descriptor of it (O_PATH), or -1 with errno: ENOTDIR, EISDIR (the image has the other
 * kind there), EXDEV, ELOOP, EROFS.
 *
 * Source: openat2(2), RESOLVE_IN_ROOT. */
int volume_target(int root, const char *destination, bool directory);

/* Binds source (a descriptor, O_PATH will do, opened in *this* mount namespace) to destination
 * inside root, with the mounts below it (MS_REC); then, if flags ask for anything (MS_RDONLY,
 * MS_NOSUID, MS_NODEV, MS_NOEXEC ...), remounts the bind with them: mount(2) ignores them in the
 * call that binds. The remount repeats the flags that the source had: in a user namespace they are
 * locked, and leaving one out is EPERM. MS_RDONLY goes for the mounts below as well where the
 * kernel can (5.12, mount_setattr). Call it before pivot_root: after that the source's path is
 * gone.
 *
 * Returns 0, or -1 with errno as volume_target(), EPERM, EINVAL (source of another mount namespace;
 * a tree with locked mounts), ESTALE (somebody changed the path meanwhile). Nothing stays mounted
 * after any other failure.
 *
 * Source: mount(2), MS_BIND, MS_REMOUNT; mount_namespaces(7), "Restrictions". */
int volume_bind(int root, const char *destination, int source, unsigned long flags);
