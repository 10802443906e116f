/*
 * state_gc.c: what owners that are gone have left. A free lock says that the owner is gone.
 */
#define _GNU_SOURCE
#include "state_end.h"

#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/escape.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct collection {
	const struct state *state;
	enum gc_how how;
	int place; /* images or containers */
	const char *place_name;
	int waiting; /* for another container's end */
	bool again;  /* the second round, for those that waited */
	struct gc_result result;
};

/* A name on disk may hold anything, and goes to a terminal. */
static const char *shown(const char *name, char out[NAME_MAX + 1])
{
	size_t i = 0;

	for (; i < NAME_MAX && name[i]; i++)
		out[i] = (char)(isprint((unsigned char)name[i]) ? name[i] : '?');
	out[i] = '\0';
	return out;
}

static void removed(struct collection *c, const char *name, const char *what)
{
	char text[NAME_MAX + 1];

	c->result.removed++;
	if (c->how == GC_FULL)
		printf("%s: %s; removed\n", shown(name, text), what);
}

static void left(struct collection *c, const char *name, const char *why, const char *remedy)
{
	char text[NAME_MAX + 1];

	if (c->again)
		return; /* said in the first round */
	c->result.left++;
	if (c->how == GC_FULL)
		dprintf(2, "minibox: gc: %s/%s stays: %s\n  try: %s\n", c->place_name,
			shown(name, text), SHOWN(why), remedy);
}

static const char by_hand[] = "look at it, and remove it by hand if it is to go";
static const char again[] = "end or mend that, then minibox gc again";

/* Opens the lock and takes it. -1 with EWOULDBLOCK: its owner lives; ENOENT: it has none. */
static int take_lock(int dir)
{
	int lock = openat(dir, "lock", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0) {
		close_keeping_errno(lock);
		return -1;
	}
	return lock;
}

/* .new-* whose maker is gone, removing-*: no process has ever used it, or none does any more. */
static void collect_garbage(struct collection *c, const char *name, int dir)
{
	char why[512];
	int lock = take_lock(dir);

	if (lock < 0 && errno == EWOULDBLOCK)
		return;
	if (lock < 0 && errno == ENOENT) {
		/* No lock yet, or no lock any more: both have nothing else in them either, but for
		 * the mark of a removal that failed. With a lock by now, its maker is at work. */
		unlinkat(dir, "left", 0);
		if (unlinkat(c->place, name, AT_REMOVEDIR) == 0)
			removed(c, name, "empty");
		else if (errno != ENOENT && faccessat(dir, "lock", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			left(c, name, "it has no lock and is not empty", by_hand);
		return;
	}
	if (lock < 0) {
		snprintf(why, sizeof(why), "lock: %s", strerror(errno));
		left(c, name, why, by_hand);
		return;
	}
	if (state_still_named(c->place, name, dir)) {
		if (directory_end(c->place, name, why) == 0)
			removed(c, name, "not whole");
		else
			left(c, name, why, again);
	}
	close(lock);
}

static void end_container(struct collection *c, const char *name, int dir)
{
	char why[512];
	struct record record;
	struct ending ending = { .timeout_ms = c->how == GC_FULL ? 5000 : 200 };

	if (!state_still_named(c->place, name, dir))
		return;
	if (record_read(dir, name, &record, why) < 0) {
		left(c, name, why, by_hand);
		return;
	}
	switch (container_end(c->state, dir, name, &record, &ending)) {
	case END_GONE:
		removed(c, name, "its owner is gone");
		break;
	case END_WAITS:
		c->waiting++;
		if (c->how == GC_FULL && c->again)
			printf("%s: its owner is gone; waits: %s\n", name, SHOWN(ending.why));
		break;
	default:
		left(c, name, ending.why, again);
	}
	record_free(&record);
}

static void collect_container(struct collection *c, const char *name, int dir)
{
	char why[512];
	int lock = take_lock(dir);

	if (lock >= 0) {
		end_container(c, name, dir);
		close(lock);
	} else if (errno != EWOULDBLOCK && state_still_named(c->place, name, dir)) {
		snprintf(why, sizeof(why), "lock: %s", strerror(errno));
		left(c, name, why, by_hand);
	}
}

/* Its maker was killed between the rename and its last call. The lock guards what is not whole yet,
 * and an image has its name when it is whole. */
static void collect_image_lock(const struct collection *c, const char *name)
{
	char why[512];
	int image = openat(c->place, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (image < 0)
		return;
	if (state_check_owner(image, why) == 0)
		unlinkat(image, "lock", 0);
	close(image);
}

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

static void collect(struct collection *c, const char *name)
{
	char why[512];
	bool garbage = begins(name, ".new-") || begins(name, "removing-");
	bool container = c->place == c->state->containers;

	if (!garbage && c->place == c->state->images && name[0] != '.')
		collect_image_lock(c, name);
	if (!garbage && (!container || name[0] == '.'))
		return;
	int dir = openat(c->place, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0) {
		snprintf(why, sizeof(why), "%s",
			 errno == ELOOP || errno == ENOTDIR ? "it is no directory"
							    : strerror(errno));
		if (errno != ENOENT)
			left(c, name, why, by_hand);
		return;
	}
	if (c->how == GC_QUICK && faccessat(dir, "left", F_OK, 0) == 0) {
		close(dir);
		return;
	}
	if (state_check_owner(dir, why) < 0)
		left(c, name, why, by_hand);
	else if (garbage)
		collect_garbage(c, name, dir);
	else if (is_container_id(name))
		collect_container(c, name, dir);
	else
		left(c, name, "no container has such a name", by_hand);
	close(dir);
}

static void collect_place(struct collection *c)
{
	int copy = openat(c->place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list) {
		left(c, ".", strerror(errno), again);
		if (copy >= 0)
			close(copy);
		return;
	}
	for (struct dirent *entry; (errno = 0, entry = readdir(list));)
		collect(c, entry->d_name);
	if (errno)
		left(c, ".", strerror(errno), again);
	closedir(list);
}

struct gc_result state_gc(const struct state *state, enum gc_how how)
{
	struct failure before = *sys_failure();
	int saved = errno;
	struct collection c = { .state = state, .how = how };

	c.place = state->containers;
	c.place_name = "containers";
	collect_place(&c);
	c.again = true;
	if (c.waiting) /* what it waited for may have gone in the first round */
		collect_place(&c);
	c.again = false;
	c.place = state->images;
	c.place_name = "images";
	collect_place(&c);
	/* An error of another container's end is not one of ours. */
	sys_failure_clear();
	if (before.err)
		sys_failure_adopt(&before);
	errno = saved;
	return c.result;
}
