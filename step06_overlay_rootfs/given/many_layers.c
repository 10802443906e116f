/*
 * many_layers.c: layers one at a time, by the mount API of fsopen(2); and by descriptor where that
 * is missing.
 */
#define _GNU_SOURCE
#include "many_layers.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/mount_api.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 4096 };

static int set(int fs, const char *key, const char *text)
{
	return SYS(fsconfig(fs, FSCONFIG_SET_STRING, key, text, 0), text);
}

/* path as the value of upperdir= or workdir=: the kernel takes a backslash for a sign that the next
 * character is meant, and mount(2) ends an option at a comma. Returns 0, or -1 with ENAMETOOLONG. */
static int escape(const char *path, char *to, size_t size)
{
	size_t used = 0;

	for (; *path; path++) {
		if (used + 3 > size) {
			errno = ENAMETOOLONG;
			return -1;
		}
		if (strchr("\\,:", *path))
			to[used++] = '\\';
		to[used++] = *path;
	}
	to[used] = '\0';
	return 0;
}

/* Everything but the layers: a value is at most 255 bytes here. */
static int configure(int fs, const struct overlay *overlay, const char *upper, const char *work)
{
	if (overlay->upper && (set(fs, "upperdir", upper) < 0 || set(fs, "workdir", work) < 0))
		return -1;
	if (overlay->userxattr &&
	    SYS(fsconfig(fs, FSCONFIG_SET_FLAG, "userxattr", NULL, 0), "userxattr") < 0)
		return -1;
	if (set(fs, "redirect_dir", "nofollow") < 0 || set(fs, "metacopy", "off") < 0 ||
	    set(fs, "index", "off") < 0)
		return -1;
	return SYS(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "overlay");
}

/* Adds the layers, the uppermost first. An answer, not a failure: EINVAL, a kernel before 6.7 or a
 * path too long. */
static int add_layers(int fs, const struct overlay *overlay, size_t count)
{
	for (size_t i = count; i-- > 0;) {
		const char *layer = overlay->layers[i];
		if (strlen(layer) > 255) {
			errno = EINVAL;
			return -1;
		}
		if (SYS_MAY(fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir+", layer, 0), layer,
			    EINVAL) < 0)
			return -1;
	}
	return 0;
}

/* The layers as /proc/self/fd/N: short names whatever their paths; works in mount(2)'s one page, on
 * every kernel. */
static int mount_by_descriptor(const struct overlay *overlay, size_t count, const char *upper,
			       const char *work, const char *merged)
{
	char options[PAGE];
	int *fds = calloc(count + 1, sizeof(*fds));
	size_t used = 0, opened = 0;
	int result = -1;

	if (!fds)
		return -1;
	for (; opened < count && used < PAGE - 1; opened++) {
		const char *layer = overlay->layers[count - 1 - opened];
		int fd = SYS(open(layer, O_PATH | O_DIRECTORY | O_CLOEXEC), layer);
		if (fd < 0)
			goto bad;
		fds[opened] = fd;
		used += (size_t)snprintf(options + used, PAGE - used, "%s/proc/self/fd/%d",
					 opened ? ":" : "lowerdir=", fd);
	}
	if (opened == count && overlay->upper && used < PAGE)
		used += (size_t)snprintf(options + used, PAGE - used, ",upperdir=%s,workdir=%s",
					 upper, work);
	if (opened == count && used < PAGE)
		used += (size_t)snprintf(options + used, PAGE - used,
					 ",redirect_dir=nofollow,metacopy=off,index=off%s",
					 overlay->userxattr ? ",userxattr" : "");
	if (opened < count || used >= PAGE) {
		sys_failure_set(E2BIG, "overlay_mount", merged,
				"So many layers do not fit on the one page of options that this "
				"kernel takes.",
				"A kernel from 6.7 on takes layers one at a time; or commit the "
				"image into fewer layers.");
		goto bad;
	}
	result = SYS(mount("overlay", merged, "overlay", 0, options), merged);
bad:
	for (size_t i = 0; i < opened; i++)
		close(fds[i]);
	free(fds);
	return result;
}

int overlay_mount_many(const struct overlay *overlay, const char *merged)
{
	char upper[PAGE] = "", work[PAGE] = "";
	size_t count = 0;
	int mounted = -1, result = -1;

	while (overlay->layers[count])
		count++;
	if (overlay->upper && (escape(overlay->upper, upper, sizeof(upper)) < 0 ||
			       escape(overlay->work, work, sizeof(work)) < 0)) {
		sys_failure_set(errno, "overlay_mount", overlay->upper,
				"The path is longer than the page of options that mount(2) takes.",
				"Move the upper and the work directory to a shorter path.");
		return -1;
	}
	if (strlen(upper) > 255 || strlen(work) > 255)
		return mount_by_descriptor(overlay, count, upper, work, merged);
	int fs = SYS_MAY(fsopen("overlay", FSOPEN_CLOEXEC), "overlay", ENOSYS);
	if (fs < 0 && errno == ENOSYS)
		return mount_by_descriptor(overlay, count, upper, work, merged);
	if (fs < 0)
		return -1;
	if (add_layers(fs, overlay, count) < 0) {
		close_keeping_errno(fs);
		return errno == EINVAL ? mount_by_descriptor(overlay, count, upper, work, merged)
				       : -1;
	}
	if (configure(fs, overlay, upper, work) < 0)
		goto bad;
	mounted = SYS(fsmount(fs, FSMOUNT_CLOEXEC, 0), "overlay");
	if (mounted >= 0)
		result = SYS(move_mount(mounted, "", AT_FDCWD, merged, MOVE_MOUNT_F_EMPTY_PATH),
			     merged);
bad:
	close_keeping_errno(mounted);
	close_keeping_errno(fs);
	return result;
}
