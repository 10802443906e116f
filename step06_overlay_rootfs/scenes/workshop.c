/*
 * workshop.c: places, layers and tables for step 6's scenes.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "step06_overlay_rootfs/given/upper_place.h"
#include "step01_clone_pid/floor/demo/guard.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

const char *workshop(void)
{
	static char place[PATH_MAX];

	if (guard_scratch(place, sizeof(place)) < 0)
		fail_scene();
	if (upper_tmpfs(place) < 0) {
		if (errno != EOPNOTSUPP)
			fail_scene();
		if (upper_check(place) < 0 && errno == EOPNOTSUPP)
			skip_scene(sys_failure()->remedy, "%s: %s", place, sys_failure()->cause);
	}
	if (sys_failure()->err || SYS(chdir(place), place) < 0)
		fail_scene();
	return place;
}

void make_abc(void)
{
	static const char *const names[] = { "A", "B", "C", "tmp", "merged" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		place_dir(names[i]);
}

void mount_layers(const char *const *layers, const char *upper, const char *work,
		  const char *merged)
{
	struct overlay overlay = {
		.layers = layers, .upper = upper, .work = work, .userxattr = upper_userxattr()
	};

	if (overlay_mount(&overlay, merged) < 0)
		fail_scene();
}

struct container_layer mount_container(const char *const *layers, const char *name,
				       const char *init)
{
	struct container_layer own;
	const char *stack[16];
	size_t count = 0;

	if (layer_make_container(".", name, &own) < 0)
		fail_scene();
	for (; count < 14 && layers[count]; count++)
		stack[count] = layers[count];
	if (init)
		stack[count++] = init;
	stack[count] = NULL;
	mount_layers(stack, own.upper, own.work, own.merged);
	return own;
}

const char *layer_path(const char *name)
{
	static char paths[8][256];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/diff", name);
	return path;
}

const char *new_layer(const char *name, bool busybox)
{
	int fd = busybox ? layer_make_busybox(".", name, NULL, 0) : layer_make(".", name, NULL, 0);

	if (fd < 0)
		fail_scene();
	close(fd);
	return layer_path(name);
}

const char *shown(const char *path)
{
	static char texts[8][64];
	static unsigned turn;
	char *text = texts[turn++ % 8], line[48];
	struct stat st;

	if (lstat(path, &st) < 0)
		snprintf(text, sizeof(texts[0]), "-");
	else if (S_ISCHR(st.st_mode))
		snprintf(text, sizeof(texts[0]), "c %u:%u", major(st.st_rdev), minor(st.st_rdev));
	else if (S_ISDIR(st.st_mode))
		snprintf(text, sizeof(texts[0]), "dir/");
	else if (read_line(path, line, sizeof(line)) == 0)
		snprintf(text, sizeof(texts[0]), "\"%s\"", line);
	else
		snprintf(text, sizeof(texts[0]), "%s", strerror(errno));
	return text;
}

struct stat stat_of(const char *path)
{
	struct stat st = { 0 };

	if (SYS(lstat(path, &st), path) < 0)
		fail_scene();
	return st;
}

struct list {
	char *text;
	size_t size, used;
	int count;
};

static int list_change(enum overlay_change change, const char *path, void *arg)
{
	struct list *list = arg;
	int n = snprintf(list->text + list->used, list->size - list->used, "%c %s\n",
			 overlay_change_letter(change), path);

	if (n > 0 && (size_t)n < list->size - list->used)
		list->used += (size_t)n;
	list->count++;
	return 0;
}

int diff_text(const char *const *layers, const char *upper, char *text, size_t size)
{
	struct list list = { .text = text, .size = size };
	int fds[16];
	struct layer_diff diff = { .layers = fds, .userxattr = upper_userxattr() };

	*text = '\0';
	for (; layers[diff.count]; diff.count++)
		fds[diff.count] = SYS(open(layers[diff.count], O_RDONLY | O_DIRECTORY | O_CLOEXEC),
				      layers[diff.count]);
	diff.upper = SYS(open(upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC), upper);
	if (sys_failure()->err || layer_diff_walk(&diff, list_change, &list) < 0)
		fail_scene();
	for (int i = 0; i < diff.count; i++)
		close(fds[i]);
	close(diff.upper);
	return list.count;
}
