/*
 * kernel_roots.h: the container's proc and sysfs, by descriptor.
 *
 * Another container that shares the root file system can rename /proc, or put a link in its place,
 * while this one is made: the mount goes with the directory, and what is looked for by the path
 * /proc/kcore then is not there, or is a file of the image (CVE-2019-19921, CVE-2023-27561). So
 * what is done inside these two file systems is done from their roots.
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* -1: config.json mounts none there. */
struct kernel_roots {
	int proc, sys;
};

/* After pivot_into(), which has copied all mounts: opens /proc and /sys without following a
 * link, and proves that they are the roots of file systems of these types and that the proc
 * shows the processes of our PID namespace. Returns 0, or -1 with errno, and then none is open:
 * EXDEV (something else is there by now), ELOOP, ENOENT. Source: openat2(2), fstatfs(2). */
int kernel_roots_open(const struct spec *spec, struct kernel_roots *roots);

/* Closes what is open. Keeps errno. */
void kernel_roots_close(struct kernel_roots *roots);

/* The place of a path of the container: inside one of the two where it is below /proc or /sys, else
 * below /. *rest: what is left of path. Returns the descriptor to resolve it from, or AT_FDCWD for
 * /; not for the caller to close. */
int kernel_roots_place(const struct kernel_roots *roots, const char *path, const char **rest);
