/*
 * room.c: containers for step 7's scenes.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "step02_mount_ns/mount_ns.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *place;

const char *workshop_path(const char *name)
{
	static char paths[8][512];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	snprintf(path, sizeof(paths[0]), "%s%s%s", place, name ? "/" : "", name ? name : "");
	return path;
}

const char *volume_text(const char *source, const char *rest)
{
	static char texts[4][700];
	static unsigned turn;
	char *text = texts[turn++ % 4];

	snprintf(text, sizeof(texts[0]), "%s:%s", workshop_path(source), rest);
	return text;
}

const char *new_room(const char *name)
{
	static char merged[8][128];
	static unsigned turn;
	char *path = merged[turn++ % 8];

	if (!place) {
		place = workshop();
		new_layer("image", true);
	}
	mount_container((const char *const[]){ "image/diff", NULL }, name, NULL);
	snprintf(path, sizeof(merged[0]), "%s/merged", name);
	return path;
}

/* In the child: the order is the lesson. Volumes while the host's paths are in sight, then the new
 * root. */
static int enter_room(struct witness *self)
{
	struct room *room = self->arg;
	int root, result = -1;

	if (mount_private() < 0)
		return -1;
	root = SYS(open(room->root, O_PATH | O_DIRECTORY | O_CLOEXEC), room->root);
	if (root < 0)
		return -1;
	for (const char *const *volume = room->volumes; *volume; volume++)
		if (volume_add(root, workshop_path(NULL), *volume) < 0)
			goto bad;
	if (mount_own_proc(root, "/proc", PROC_FLAGS, NULL) < 0 || pivot_into(root) < 0)
		goto bad;
	result = room->inside ? room->inside(room->told) : 0;
bad:
	close(root);
	return result;
}

void room_open(struct room *room)
{
	room->told = shared_memory(sizeof(*room->told));
	witness_start(&room->self, CLONE_NEWPID | CLONE_NEWNS, enter_room, room);
}

void room_close(struct room *room)
{
	witness_end(&room->self);
}

int try_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int err = fd < 0 ? errno : 0;

	if (fd >= 0) {
		if (write(fd, text, strlen(text)) < 0)
			err = errno;
		close(fd);
	}
	return err;
}
