/*
 * image.c: a directory per image; made under another name and renamed when it is whole.
 */
#define _GNU_SOURCE
#include "image.h"

#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/busybox_root.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_name(const char *name)
{
	if (!isalnum((unsigned char)name[0]) || strncmp(name, "removing-", 9) == 0)
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
	       strlen(name);
}

/* ---- making one ---- */

static int sync_tree(int dir);

static int sync_entry(int dir, const char *name, unsigned char type)
{
	int fd = SYS(openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), name), result;

	if (fd < 0)
		return -1;
	result = type == DT_DIR ? sync_tree(fd) : SYS(fsync(fd), name);
	close_keeping_errno(fd);
	return result;
}

/* An image outlives a boot: after the rename its files must be on the disk too. */
static int sync_tree(int dir)
{
	int copy = SYS(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "image"), result = 0;
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list) {
		if (copy >= 0) {
			sys_failure_set(errno, "fdopendir", "image", NULL, NULL);
			close(copy);
		}
		return -1;
	}
	for (struct dirent *entry; result == 0 && (errno = 0, entry = readdir(list));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    (entry->d_type == DT_DIR || entry->d_type == DT_REG))
			result = sync_entry(dir, entry->d_name, entry->d_type);
	if (result == 0 && errno) {
		sys_failure_set(errno, "readdir", "image", NULL, NULL);
		result = -1;
	}
	if (result == 0)
		result = SYS(fsync(copy), "image");
	int saved = errno;
	closedir(list);
	errno = saved;
	return result;
}

/* The layer in a new image's directory. Its modes are those of a root file system, whatever the
 * umask: the users inside need them. */
static int fill_busybox(int image)
{
	int result = -1;

	if (SYS(fchmod(image, 0755), "image") < 0 || SYS(mkdirat(image, "diff", 0755), "diff") < 0)
		return -1;
	if (SYS(fchmodat(image, "diff", 0755, 0), "diff") < 0)
		return -1;
	int diff = SYS(openat(image, "diff", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
		       "diff");
	if (diff < 0)
		return -1;
	if (busybox_root_fill(diff) == 0)
		result = sync_tree(image);
	close_keeping_errno(diff);
	return result;
}

static int make_busybox(const struct state *state)
{
	char id[ID_SIZE];
	int lock, result = -1;
	int image = state_make_new(state->images, id, &lock);

	if (image < 0)
		return -1;
	if (fill_busybox(image) == 0)
		result = state_rename_new(state->images, id, "busybox");
	if (result < 0)
		state_drop_new(state->images, id);
	else
		unlinkat(image, "lock", 0);
	if (result == 0)
		result = SYS(fsync(state->images), "images");
	else if (errno == EEXIST && !sys_failure()->err)
		result = 0; /* another minibox was faster: its image is as good */
	close_keeping_errno(lock);
	close_keeping_errno(image);
	return result;
}

/* ---- finding one ---- */

static int unfit(const struct state *state, const char *name, const char *why)
{
	char path[PATH_MAX + 300];

	snprintf(path, sizeof(path), "%s/images/%s", state->root, name);
	sys_failure_set(EPERM, "finding the image", path, why,
			"Remove it: the image busybox is then made anew by the next run.");
	return -1;
}

/* -1 with ENOENT: there is none. An image is a directory of ours with a layer that others cannot
 * change. */
static int check(const struct state *state, const char *name)
{
	static const char no_directory[] = "It is no directory.";
	char why[256];
	int image = openat(state->images, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (image < 0)
		return errno == ENOENT ? -1 : unfit(state, name, no_directory);
	int result = state_check_owner(image, why);
	int diff = openat(image, "diff", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (diff < 0)
		snprintf(why, sizeof(why), "It has no directory \"diff\".");
	else if (result == 0)
		result = state_check_owner(diff, why);
	if (diff >= 0)
		close(diff);
	close(image);
	return diff < 0 || result < 0 ? unfit(state, name, why) : 0;
}

int image_find(const struct state *state, const char *name, char *layer, size_t size)
{
	if (!is_name(name)) {
		sys_failure_set(
			EINVAL, "finding the image", name,
			"An image's name holds letters, digits, '.', '_' and '-'.",
			"minibox run busybox; or --rootfs DIR for a directory of your own.");
		return -1;
	}
	if (snprintf(layer, size, "%s/images/%s/diff", state->root, name) >= (int)size) {
		sys_failure_set(ENAMETOOLONG, "finding the image", name, NULL, NULL);
		return -1;
	}
	if (check(state, name) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	if (strcmp(name, "busybox") == 0)
		return make_busybox(state) < 0 ? -1 : check(state, name);
	sys_failure_set(ENOENT, "finding the image", name, "There is no image of that name here.",
			"The image busybox is made on first use; --rootfs DIR runs a directory of "
			"your own.");
	return -1;
}
