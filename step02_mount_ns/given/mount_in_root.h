/*
 * mount_in_root.h: a new file system, mounted inside a root whatever links are there (given).
 */
#pragma once

/* Makes the directory path inside root, where it is missing, and mounts a file system of this type
 * there. root: a directory's descriptor, or AT_FDCWD for /. path is resolved inside root
 * (resolve.h). source: what the mount table shows; data: the file system's options, or NULL.
 * Returns 0, or -1 with errno of make_dir_in_root() or mount(2). */
int mount_in_root(int root, const char *path, const char *source, const char *type,
		  unsigned long flags, const char *data);
