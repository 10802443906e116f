/*
 * scenes.h: step 2's experiments, by file.
 */
#pragma once

#include "step01_clone_pid/floor/meet/mountinfo.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step01_clone_pid/scenes/scenes.h"

/* proc.c: what ps shows */
void scene_own_proc(void);

/* mounts.c: who sees which mounts */
void scene_propagation(void);
void scene_private_mount(void);
void scene_mountinfo(void);

/* escape.c: out of a chroot */
void scene_chroot_escape(void);

/* root.c: another root, and the way into it from outside */
void scene_pivot_root(void);
void scene_join(void);

/* playground.c: a part of the host's tree that scenes may play with. */

/* A directory with a fresh tmpfs on it, mounted in the scene's own namespaces: it stands for the
 * host's files. Everything in it goes with the scene. A failure ends the scene. */
const char *playground(void);

/* "PLAYGROUND/name" in one of a few buffers that are used in turn. */
const char *in_playground(const char *name);

/* A new file there with one line of text, or a new directory. */
void place_file(const char *path, const char *text);
void place_dir(const char *path);

/* The first line of a file into line, "" and -1 with errno if it cannot be read. */
int read_line(const char *path, char *line, size_t size);

/* Memory that a scene shares with its children. */
void *shared_memory(size_t size);

/* What stands in PID/mountinfo about the mount on that path; the last, if several are stacked. */
struct found {
	bool found;
	int count; /* of all mounts there */
	int id, parent, shared, master;
	unsigned major, minor;
	char source[64], fs_type[32], options[128], raw[256];
};

/* pid 0: self. path: as that process sees it; NULL only counts. */
struct found find_mount(pid_t pid, const char *path);
