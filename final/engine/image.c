/*
 * image.c: a directory per image; made under another name and renamed, so that a half-made one is
 * never used.
 */
#define _GNU_SOURCE
#include "image.h"

#include "step01_clone_pid/floor/guard.h"
#include "step01_clone_pid/floor/sys.h"
#include "step06_overlay_rootfs/layer_store.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_name(const char *name)
{
	if (!isalnum((unsigned char)name[0]))
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
	       strlen(name);
}

static int make_busybox(const struct state *state)
{
	char store[PATH_MAX + 16], name[64], from[PATH_MAX + 96], to[PATH_MAX + 32];

	snprintf(store, sizeof(store), "%s/images", state->root);
	snprintf(name, sizeof(name), ".busybox-%d", (int)getpid());
	int fd = layer_make_busybox(store, name, NULL, 0);
	if (fd < 0)
		return -1;
	close(fd);
	snprintf(from, sizeof(from), "%s/%s", store, name);
	snprintf(to, sizeof(to), "%s/busybox", store);
	/* Another minibox may have been faster: its image is as good. */
	if (SYS_MAY(rename(from, to), to, ENOTEMPTY) < 0 && errno != ENOTEMPTY && errno != EEXIST)
		return -1;
	return 0;
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
	snprintf(layer, size, "%s/images/%s/diff", state->root, name);
	if (access(layer, F_OK) == 0)
		return 0;
	if (strcmp(name, "busybox") == 0)
		return make_busybox(state);
	sys_failure_set(ENOENT, "finding the image", name, "There is no image of that name here.",
			"The image busybox is made on first use; --rootfs DIR runs a directory of "
			"your own.");
	return -1;
}
