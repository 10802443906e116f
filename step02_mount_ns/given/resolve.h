/*
 * resolve.h: paths inside a container's root (given).
 *
 * An image is somebody else's: its links may point to ../../etc. Every path that
 * we touch inside a root goes through openat2(2) with RESOLVE_IN_ROOT, which
 * follows links as if the root were /, and through descriptors after that, so
 * that nobody can change a link between the check and the use.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Opens path inside root (a directory's descriptor; AT_FDCWD: the real /), with the flags of
 * open(2) (O_CLOEXEC is added; O_PATH for mount points). mode for O_CREAT. A leading / and any
 * .. stay inside.
 * Returns a descriptor, or -1 with errno: ENOENT, ENOTDIR, ELOOP, EXDEV (a magic link of /proc
 * would lead out), ENOSYS (a kernel before 5.6). */
int resolve_in_root(int root, const char *path, int flags, mode_t mode);

/* mkdir -p inside root; links on the way are followed inside root, also those whose target is
 * still to be made.
 * Returns a descriptor (O_PATH | O_DIRECTORY) of the last, or -1 with errno: ENOTDIR (a file is in
 * the way), EROFS, EACCES, ELOOP, ENAMETOOLONG. */
int make_dir_in_root(int root, const char *path, mode_t mode);

/* An empty file inside root, its directories made too, links on the way followed as by
 * make_dir_in_root(); what is there already, of whatever kind, is left as it is.
 * Returns a descriptor (O_PATH), or -1 with errno, EISDIR for a path that ends in /. */
int make_file_in_root(int root, const char *path, mode_t mode);

/* Where path leads inside root, by its links, written without any: "/run/x" for "/var/run/x" where
 * var/run is a link to /run; "" for the root itself. What is not there counts as itself. For
 * judging and comparing: what is opened after that goes through the functions above.
 * Returns 0, or -1 with errno: ELOOP, ENAMETOOLONG, EACCES. out: PATH_MAX bytes. */
int path_in_root(int root, const char *path, char *out);

/* "/proc/self/fd/N", a name for a descriptor that mount(2) takes. buf: 32 bytes. Needs a /proc
 * in which the caller has a number.
 * Returns buf. */
const char *fd_path(int fd, char *buf, size_t size);
