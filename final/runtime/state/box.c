/*
 * box.c: a container's directory: made, found, locked, removed.
 */
#define _GNU_SOURCE
#include "box.h"
#include "remove_tree.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/escape.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 10000, LOOK_MS = 20 };

/* In the order in which they go: the record when nothing else is left that could need it. */
/* In this order; what a container may have put into the directory of its socket goes before. */
static const char *const files[] = { "config.json",    "start",	     "failure",
				     "state.json.new", "state.json", "lock" };

int box_check_id(const char *id)
{
	static const char may[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";

	if (*id && strspn(id, may) == strlen(id) && strlen(id) <= BOX_ID_MOST &&
	    strcmp(id, ".") != 0 && strcmp(id, "..") != 0)
		return 0;
	sys_failure_set(
		EINVAL, "container id", SHOWN(id),
		"invalid container ID format: letters, digits and _ + - . are allowed, up to "
		"250 of them.",
		NULL);
	return -1;
}

static int refuse(int err, const char *call, const char *id, const char *format)
{
	char cause[400];

	snprintf(cause, sizeof(cause), format, id);
	sys_failure_set(err, call, id, cause, NULL);
	return -1;
}

static int no_such(const char *id)
{
	return refuse(ENOENT, "container", id, "container \"%s\" does not exist");
}

/* ---- locks ---- */

/* The lock counts only while the directory still has its name: another operation may have removed
 * it before our flock(2). */
static bool is_still_named(const struct box *box, const char *named)
{
	struct stat own, there;

	return fstat(box->dir, &own) == 0 &&
	       fstatat(box->root->dir, named, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       own.st_dev == there.st_dev && own.st_ino == there.st_ino;
}

static int lock_within(struct box *box, const char *named, int ms)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };

	box->lock =
		SYS_MAY(openat(box->dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600),
			"lock", ENOENT);
	if (box->lock < 0)
		return errno == ENOENT ? no_such(box->id) : -1;
	for (int waited = 0; SYS_MAY(flock(box->lock, LOCK_EX | LOCK_NB), "lock", EWOULDBLOCK) < 0;
	     waited += LOOK_MS) {
		if (errno != EWOULDBLOCK)
			return -1;
		if (waited >= ms)
			return refuse(ETIMEDOUT, "flock", box->id,
				      "another operation on container \"%s\" is going on");
		nanosleep(&pause, NULL);
	}
	return is_still_named(box, named) ? 0 : no_such(box->id);
}

/* ---- a new one ---- */

/* Stops at the first that does not go: what comes after it in the order is needed for another try.
 */
static int remove_files(int root, int dir, const char *named)
{
	struct left left;

	if (remove_tree_at(dir, "notify", NULL, &left) < 0) {
		sys_failure_set(errno, left.call, left.name, NULL, NULL);
		return -1;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (SYS_MAY(unlinkat(dir, files[i], 0), files[i], ENOENT) < 0 && errno != ENOENT)
			return -1;
	return SYS(unlinkat(root, named, AT_REMOVEDIR), named) < 0 ? -1 : 0;
}

/* ".new-ID" of an operation that was killed: its lock is free. */
static void remove_stale(const struct runtime_root *root, const char *id, const char *named)
{
	struct box old = { .root = root, .lock = -1 };

	snprintf(old.id, sizeof(old.id), "%s", id);
	old.dir = openat(root->dir, named, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (old.dir >= 0 && lock_within(&old, named, 0) == 0)
		remove_files(root->dir, old.dir, named);
	sys_failure_clear();
	box_close(&old);
}

static int make_new(struct box *box, const char *named)
{
	const struct runtime_root *root = box->root;

	remove_stale(root, box->id, named);
	if (SYS_MAY(mkdirat(root->dir, named, 0700), named, EEXIST) < 0)
		return errno == EEXIST ? refuse(EEXIST, "mkdirat", box->id,
						"container with id \"%s\" already exists: another "
						"create of it is going on")
				       : -1;
	box->dir = SYS(openat(root->dir, named, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
		       named);
	return box->dir < 0 ? -1 : lock_within(box, named, 0);
}

int box_new(const struct runtime_root *root, const char *id, const char *bundle, struct box *box)
{
	char named[BOX_ID_MOST + 8];

	*box = (struct box){ .root = root, .dir = -1, .lock = -1 };
	if (box_check_id(id) < 0)
		return -1;
	snprintf(box->id, sizeof(box->id), "%s", id);
	snprintf(named, sizeof(named), ".new-%s", id);
	if (faccessat(root->dir, id, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return refuse(EEXIST, "create", id, "container with id \"%s\" already exists");
	if (make_new(box, named) < 0 || box_record_init(&box->record, bundle) < 0 ||
	    box_record_write(box->dir, id, &box->record) < 0)
		goto bad;
	if (SYS_MAY(renameat2(root->dir, named, root->dir, id, RENAME_NOREPLACE), id, EEXIST) == 0)
		return 0;
	if (errno == EEXIST)
		refuse(EEXIST, "create", id, "container with id \"%s\" already exists");
bad:
	if (box->lock >= 0)
		remove_files(root->dir, box->dir, named);
	box_close(box);
	return -1;
}

/* ---- one that is there ---- */

/* What is recorded in it is obeyed: hooks, process and group numbers. */
static int check_owner(const struct box *box, const char *file)
{
	struct stat st;

	if (SYS_MAY(fstatat(box->dir, file, &st, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW), box->id,
		    ENOENT) < 0)
		return errno == ENOENT ? 0 : -1;
	if (st.st_uid == geteuid() && !(st.st_mode & 022))
		return 0;
	return refuse(EPERM, "opening the container", box->id,
		      "the record of container \"%s\" belongs to another user, or others may write "
		      "to it: it is not obeyed");
}

int box_open(const struct runtime_root *root, const char *id, enum box_how how, struct box *box)
{
	*box = (struct box){ .root = root, .dir = -1, .lock = -1 };
	if (box_check_id(id) < 0)
		return -1;
	snprintf(box->id, sizeof(box->id), "%s", id);
	box->dir = SYS_MAY(openat(root->dir, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			   id, ENOENT);
	if (box->dir < 0)
		return errno == ENOENT ? no_such(id) : -1;
	if (check_owner(box, "") < 0 || check_owner(box, "config.json") < 0)
		goto bad;
	if (how == BOX_LOOK || lock_within(box, id, WAIT_MS) == 0) {
		if (box_record_read(box->dir, id, &box->record) == 0)
			return 0;
		/* It has a record before it has its name: this is the rest of a delete. */
		if (errno == ENOENT) {
			sys_failure_clear();
			no_such(id);
			if (how == BOX_HOLD) {
				sys_failure_clear();
				if (remove_files(root->dir, box->dir, id) < 0)
					goto bad;
				no_such(id);
			}
			errno = ENOENT;
		}
	}
bad:
	box_close(box);
	return -1;
}

void box_let_go(struct box *box)
{
	if (box->lock >= 0)
		close(box->lock);
	box->lock = -1;
}

int box_hold_again(struct box *box)
{
	if (lock_within(box, box->id, WAIT_MS) < 0)
		return -1;
	box_record_free(&box->record);
	return box_record_read(box->dir, box->id, &box->record);
}

int box_remove(struct box *box)
{
	int result = remove_files(box->root->dir, box->dir, box->id);

	box_close(box);
	return result;
}

void box_close(struct box *box)
{
	int saved = errno;

	if (box->dir >= 0)
		close(box->dir);
	if (box->lock >= 0)
		close(box->lock);
	box->dir = box->lock = -1;
	box_record_free(&box->record);
	errno = saved;
}
