/*
 * overlay_root.c: one layer, one upper.
 */
#define _GNU_SOURCE
#include "overlay_root.h"
#include "upper_place.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <unistd.h>

int overlay_root_make(const char *place, struct overlay_root *out)
{
	if (upper_tmpfs(place) < 0 && (errno != EOPNOTSUPP || upper_check(place) < 0))
		return -1;
	int fd = layer_make_busybox(place, "busybox", out->layer, sizeof(out->layer));
	if (fd < 0)
		return -1;
	close(fd);
	if (layer_make_container(place, "container", &out->own) < 0)
		return -1;
	out->layers[0] = out->layer;
	out->layers[1] = NULL;
	out->overlay = (struct overlay){ .layers = out->layers,
					 .upper = out->own.upper,
					 .work = out->own.work,
					 .userxattr = upper_userxattr() };
	return 0;
}

int overlay_root_mount(const char *place)
{
	static struct overlay_root box;

	if (overlay_root_make(place, &box) < 0 || overlay_mount(&box.overlay, box.own.merged) < 0)
		return -1;
	return SYS(open(box.own.merged, O_PATH | O_DIRECTORY | O_CLOEXEC), box.own.merged);
}
