/*
 * rootfs.c: a container's root directory, layers, volumes and masked paths, from its mountinfo.
 */
#define _GNU_SOURCE
#include "identity.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"
#include "step06_overlay_rootfs/given/overlay_info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Is this list of mount options read-only? The word stands first or between commas. */
static bool read_only(const char *options)
{
	return strcmp(options, "ro") == 0 || starts(options, "ro,");
}

static void note_root(const struct mountinfo *mount, struct identity *id)
{
	struct overlay_info overlay;

	snprintf(id->root_fs, sizeof(id->root_fs), "%.15s", mount->fs_type);
	snprintf(id->root_source, sizeof(id->root_source), "%.60s%s%.60s", mount->source,
		 strcmp(mount->root, "/") == 0 ? "" : " ",
		 strcmp(mount->root, "/") == 0 ? "" : mount->root);
	id->root_read_only = read_only(mount->mount_options) || read_only(mount->super_options);
	named_list_clear(&id->lowers);
	free(id->upper);
	id->upper = NULL;
	if (strcmp(mount->fs_type, "overlay") != 0 ||
	    overlay_info_parse(mount->super_options, &overlay) < 0)
		return;
	if (overlay.upper)
		id->upper = strdup(overlay.upper);
	for (int i = 0; overlay.layers[i]; i++)
		named_list_add(&id->lowers, overlay.layers[i]);
	overlay_info_free(&overlay);
}

/* What a runtime lays over a file to hide it: the null device, an empty read-only tmpfs. Over /proc
 * and /sys, else it is somebody's volume. */
static bool masks(const struct mountinfo *mount)
{
	if (!starts(mount->mount_point, "/proc/") && !starts(mount->mount_point, "/sys/"))
		return false;
	return strcmp(mount->root, "/null") == 0 || strcmp(mount->root, "/dev/null") == 0 ||
	       (strcmp(mount->fs_type, "tmpfs") == 0 &&
		!starts(mount->mount_point, "/sys/fs/cgroup")) ||
	       (strcmp(mount->fs_type, "proc") == 0 && read_only(mount->mount_options));
}

/* A piece of a disk's file system at a place of its own: bound there. */
static bool is_volume(const struct mountinfo *mount)
{
	static const char *const kernel[] = { "proc",	"sysfs",  "cgroup",  "cgroup2",
					      "devpts", "mqueue", "devtmpfs" };

	for (size_t i = 0; i < sizeof(kernel) / sizeof(*kernel); i++)
		if (strcmp(mount->fs_type, kernel[i]) == 0)
			return false;
	return strcmp(mount->root, "/") != 0 && !starts(mount->mount_point, "/dev/") &&
	       !starts(mount->mount_point, "/proc/") && !starts(mount->mount_point, "/sys/");
}

static int note_mount(const struct mountinfo *mount, void *arg)
{
	struct identity *id = arg;
	char text[256];

	if (strcmp(mount->mount_point, "/") == 0) {
		note_root(mount, id);
	} else if (masks(mount)) {
		named_list_add(&id->masked, mount->mount_point);
	} else if (is_volume(mount)) {
		snprintf(text, sizeof(text), "%.120s <- %.100s%s", mount->mount_point, mount->root,
			 read_only(mount->mount_options) ? " (read-only)" : "");
		named_list_add(&id->volumes, text);
	}
	return 0;
}

void rootfs_read(int procfd, pid_t init, struct identity *id)
{
	named_list_clear(&id->lowers);
	named_list_clear(&id->volumes);
	named_list_clear(&id->masked);
	free(id->upper);
	id->upper = NULL;
	id->root_fs[0] = id->root_source[0] = '\0';
	id->root_read_only = false;
	mountinfo_each(procfd, init, note_mount, id);
}
