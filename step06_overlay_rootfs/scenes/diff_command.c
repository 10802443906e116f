/*
 * diff_command.c: what a container has changed, as `docker diff` prints it.
 */
#define _GNU_SOURCE
#include "diff_command.h"
#include "step06_overlay_rootfs/given/layer_diff.h"
#include "step06_overlay_rootfs/given/overlay_info.h"
#include "step06_overlay_rootfs/given/upper_place.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char me[] = "step06_overlay_rootfs diff";

/* A file name is somebody else's: what is not printable goes out escaped, one line a change. */
static int print_change(enum overlay_change change, const char *path, void *arg)
{
	(void)arg;
	printf("%c ", overlay_change_letter(change));
	for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
		if (*c < 0x20 || *c == 0x7f || *c == '\\')
			printf("\\%03o", *c);
		else
			putchar(*c);
	}
	putchar('\n');
	return 0;
}

static int open_dir(const char *path)
{
	return SYS(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path);
}

static int diff(const char *upper, char **layers, bool userxattr)
{
	struct layer_diff what = { .userxattr = userxattr, .upper = -1 };
	int count = 0, result = -1;

	while (layers[count])
		count++;
	int *fds = calloc((size_t)count + 1, sizeof(*fds));
	if (!fds)
		return -1;
	for (; what.count < count; what.count++)
		if ((fds[what.count] = open_dir(layers[what.count])) < 0)
			goto bad;
	what.layers = fds;
	what.upper = open_dir(upper);
	if (what.upper >= 0)
		result = layer_diff_walk(&what, print_change, NULL);
bad:
	for (int i = 0; i < what.count; i++)
		close(fds[i]);
	if (what.upper >= 0)
		close(what.upper);
	free(fds);
	return result;
}

/* The layers of an overlay that is mounted, found by its mount point or its upper. */
static int diff_mounted(const char *dir)
{
	struct overlay_info info;
	char path[PATH_MAX];
	int procfd = proc_open(), result = -1;

	if (procfd < 0 || !realpath(dir, path)) {
		sys_failure_set(errno, "realpath", procfd < 0 ? "/proc" : dir, NULL, NULL);
		goto out;
	}
	if (overlay_info_find(procfd, path, &info) < 0) {
		if (errno == ENOENT)
			sys_failure_set(
				ENOENT, "diff", dir,
				"It is neither the mount point nor the upper directory of an "
				"overlay in this mount namespace.",
				"Name the layers after it, the lowest first: diff UPPER LAYER...");
		goto out;
	}
	if (!info.upper)
		sys_failure_set(
			EINVAL, "diff", dir,
			"This overlay has no upper: it is read-only, nothing can have changed.",
			NULL);
	else if (!info.base || SYS(chdir(info.base), info.base) == 0)
		result = diff(info.upper, info.layers, info.userxattr);
	overlay_info_free(&info);
out:
	if (procfd >= 0)
		close(procfd);
	return result;
}

int diff_command(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "diff") != 0)
		return -1;
	if (argc < 3 || argv[2][0] == '-') {
		dprintf(2,
			"%s: which directory?\n  try: %s MERGED, or %s UPPER LAYER... (the lowest "
			"first)\n",
			me, me, me);
		return 2;
	}
	/* Root's overlays keep their marks in trusted.*, those of a user namespace in user.*; only
	 * a process with CAP_SYS_ADMIN on the host sees the former at all. */
	int result = argc == 3 ? diff_mounted(argv[2])
			       : diff(argv[2], argv + 3,
				      !facts_cap(host_facts_of(FACTS_SELF), CAP_SYS_ADMIN) ||
					      upper_userxattr());
	if (result == 0 && fflush(stdout) != 0)
		sys_failure_set(errno, "write", "standard output", NULL, NULL);
	if (result == 0 && !sys_failure()->err)
		return 0;
	sys_failure_print(2, me);
	return 1;
}
