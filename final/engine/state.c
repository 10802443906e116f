/*
 * state.c: the state directory, a container's directory in it, and its record.
 */
#define _GNU_SOURCE
#include "state.h"
#include "final/runtime/state/remove_tree.h"
#include "state_end.h"

#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/escape.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- .new-ID ---- */

/* 12 hex digits; under a test's token they begin with it, so that all we make on the host carries
 * it. */
static int make_id(char id[ID_SIZE])
{
	unsigned char random[6] = { 0 };
	const char *token = getenv("MINIBOX_TOKEN");

	if (SYS(getrandom(random, sizeof(random), 0), "a container's id") != sizeof(random))
		return -1;
	for (int i = 0; i < 6; i++)
		snprintf(id + 2 * i, 3, "%02x", random[i]);
	if (token && strlen(token) <= 8 && strspn(token, "0123456789abcdef") == strlen(token))
		for (size_t i = 0; token[i]; i++)
			id[i] = token[i];
	return 0;
}

static void new_name(const char *id, char out[32])
{
	snprintf(out, 32, ".new-%s", id);
}

bool state_still_named(int place, const char *name, int dir)
{
	struct stat own, named;

	return fstat(dir, &own) == 0 && fstatat(place, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

/* Its maker holds the lock. Before the maker's flock(2) a gc may take the directory for garbage and
 * hold the lock, or have removed all of it: flock(2) then locks a file that has no name any more.
 * EWOULDBLOCK, ENOENT: another one is made. */
static int lock_new(int dir, const char *name, int fd, int *lock)
{
	*lock = SYS_MAY(openat(fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), "lock",
			ENOENT);
	if (*lock < 0)
		return -1;
	if (SYS(fchmod(*lock, 0600), "lock") < 0)
		return -1;
	if (SYS_MAY(flock(*lock, LOCK_EX | LOCK_NB), "lock", EWOULDBLOCK) < 0)
		return -1;
	if (state_still_named(dir, name, fd))
		return 0;
	errno = ENOENT;
	return -1;
}

static int try_new(int dir, const char *id, int *lock)
{
	char name[32];

	new_name(id, name);
	*lock = -1;
	if (SYS_MAY(mkdirat(dir, name, 0700), name, EEXIST) < 0)
		return -1;
	if (fchmodat(dir, name, 0700, 0) < 0 && errno != ENOENT) /* whatever the umask */
		return sys_failure_set(errno, "fchmodat", name, NULL, NULL), -1;
	int fd = SYS_MAY(openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), name,
			 ENOENT);
	if (fd >= 0 && lock_new(dir, name, fd, lock) == 0)
		return fd;
	int saved = errno;
	if (*lock >= 0)
		close(*lock);
	if (fd >= 0)
		close(fd);
	if (saved != EWOULDBLOCK && saved != ENOENT)
		state_drop_new(dir, id);
	errno = saved;
	return -1;
}

int state_make_new(int dir, char id[ID_SIZE], int *lock)
{
	for (int tries = 0; tries < 100; tries++) {
		if (make_id(id) < 0)
			return -1;
		int fd = try_new(dir, id, lock);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST && errno != ENOENT && errno != EWOULDBLOCK)
			return -1;
	}
	sys_failure_set(errno, "mkdirat", ".new-ID", "A new directory disappears at once.",
			"Does another program remove files in the state directory?");
	return -1;
}

int state_rename_new(int dir, const char *id, const char *name)
{
	char from[32];
	struct stat st;

	new_name(id, from);
	if (SYS_MAY(renameat2(dir, from, dir, name, RENAME_NOREPLACE), name, EEXIST) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* A file system that does not know the flag (NFS): rename replaces only what is empty. */
	sys_failure_clear();
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return errno = EEXIST, -1;
	return SYS(renameat(dir, from, dir, name), name);
}

void state_drop_new(int dir, const char *id)
{
	static const char *const last[] = { "lock", NULL };
	char name[32];
	struct left left;
	int saved = errno;

	new_name(id, name);
	remove_tree_at(dir, name, last, &left);
	errno = saved;
}

/* ---- a container ---- */

/* Held while a name is looked for and given, so that no two have it. Nothing that waits is done
 * meanwhile. */
static int lock_list(const struct state *state)
{
	int fd = SYS(openat(state->containers, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		     state->root);

	if (fd < 0)
		return -1;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR) {
			sys_failure_set(errno, "flock", state->root, NULL, NULL);
			close(fd);
			return -1;
		}
	return fd;
}

/* Does a container of that name live? Its lock is held then. */
static bool lives_as(const struct state *state, const char *id, const char *name)
{
	char why[256];
	struct record record;
	bool same = false;
	int dir = openat(state->containers, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int lock = dir < 0 ? -1 : openat(dir, "lock", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) < 0 &&
	    record_read(dir, id, &record, why) == 0) {
		same = strcmp(record.name, name) == 0;
		record_free(&record);
	}
	if (lock >= 0)
		close(lock);
	if (dir >= 0)
		close(dir);
	return same;
}

static int name_is_free(const struct state *state, int list, const char *name)
{
	int copy = SYS(openat(list, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), state->root);
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	bool taken = false;

	if (!entries) {
		if (copy >= 0)
			close(copy);
		return -1;
	}
	for (struct dirent *entry; !taken && (errno = 0, entry = readdir(entries));)
		taken = is_container_id(entry->d_name) && lives_as(state, entry->d_name, name);
	int unread = taken ? 0 : errno;
	closedir(entries);
	if (unread) {
		sys_failure_set(unread, "readdir", state->root, NULL, NULL);
		return -1;
	}
	if (!taken)
		return 0;
	sys_failure_set(EEXIST, "--name", name, "A container of that name runs.",
			"Take another name, or wait until it has ended.");
	return -1;
}

/* .new-ID becomes ID. */
static int publish(const struct state *state, const struct box_state *box)
{
	int list = box->record.name[0] ? lock_list(state) : -1, result = -1;

	if (box->record.name[0] && (list < 0 || name_is_free(state, list, box->record.name) < 0))
		goto out;
	result = state_rename_new(state->containers, box->id, box->id);
	if (result < 0 && errno == EEXIST)
		sys_failure_set(EEXIST, "renameat2", box->id, "A container has this id.",
				"Try again.");
out:
	close_keeping_errno(list);
	return result;
}

int state_new_container(const struct state *state, const char *name, struct box_state *box)
{
	memset(box, 0, sizeof(*box));
	box->state = state;
	if (name && strlen(name) >= sizeof(box->record.name)) {
		sys_failure_set(ENAMETOOLONG, "--name", name, "A name has 255 bytes at most.",
				"Take a shorter one.");
		return -1;
	}
	box->dir = state_make_new(state->containers, box->id, &box->lock);
	if (box->dir < 0)
		return -1;
	if (snprintf(box->path, sizeof(box->path), "%s/containers/%s", state->root, box->id) >=
	    (int)sizeof(box->path)) {
		sys_failure_set(ENAMETOOLONG, "mkdirat", state->root,
				"The path of a container there would be too long.",
				"Take a shorter --root.");
		goto bad;
	}
	if (record_init(&box->record, box->id, name) == 0 &&
	    record_write(box->dir, &box->record) == 0 && publish(state, box) == 0)
		return 0;
bad:
	state_drop_new(state->containers, box->id);
	int saved = errno;
	record_free(&box->record);
	close(box->lock);
	close(box->dir);
	errno = saved;
	return -1;
}

/* ---- what is recorded ---- */

static struct record_group *find_group(struct record *record, const char *path)
{
	for (int i = record->groups.count - 1; i >= 0; i--)
		if (strcmp(record->groups.list[i].path, path) == 0)
			return &record->groups.list[i];
	return NULL;
}

static int note_before(struct box_state *box, const struct cgroup_news *news)
{
	struct record_group *group = record_add_group(&box->record);

	if (!group)
		return -1;
	snprintf(group->path, sizeof(group->path), "%s", news->path);
	group->role = news->role;
	if (record_write(box->dir, &box->record) == 0)
		return 0;
	box->record.groups.count--;
	return -1;
}

int state_note_group(const struct cgroup_news *news, void *arg)
{
	struct box_state *box = arg;
	struct stat st;

	if (news->what == CGROUP_WILL_BE)
		return note_before(box, news);
	struct record_group *group = find_group(&box->record, news->path);
	if (!group)
		return 0;
	if (news->what == CGROUP_NOT_MADE) {
		/* In the record's order nothing comes after it. */
		box->record.groups.count = (int)(group - box->record.groups.list);
		return record_write(box->dir, &box->record);
	}
	if (news->role == CGROUP_UPPER)
		return 0; /* others may come to share it: its path alone is recorded */
	if (SYS(fstat(news->dir, &st), news->path) < 0)
		return -1;
	group->made = true;
	group->id = (struct ns_id){ .dev = st.st_dev, .ino = st.st_ino };
	return record_write(box->dir, &box->record);
}

int state_note_process(pid_t pid, void *arg)
{
	struct box_state *box = arg;
	struct proc_stat stat = { 0 };
	char subject[32];
	int procfd = SYS(proc_open(), "/proc"), result = -1;

	snprintf(subject, sizeof(subject), "/proc/%d/stat", pid);
	if (procfd < 0)
		return -1;
	if (SYS(proc_stat_read(procfd, pid, &stat), subject) == 0 &&
	    SYS(proc_ns_id(procfd, pid, "pid", &box->record.pid_ns), subject) == 0) {
		box->record.pid = pid;
		box->record.start = stat.starttime;
		result = record_write(box->dir, &box->record);
	}
	close_keeping_errno(procfd);
	return result;
}

static int make_volume(int volumes, const char *name, struct ns_id *id)
{
	struct stat st;

	if (SYS(mkdirat(volumes, name, 0755), name) < 0)
		return -1;
	int fd = SYS(openat(volumes, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), name);
	if (fd < 0)
		return -1;
	int result = SYS(fchmod(fd, 0755), name); /* whatever the umask */
	if (result == 0)
		result = SYS(fstat(fd, &st), name);
	close_keeping_errno(fd);
	if (result == 0)
		*id = (struct ns_id){ .dev = st.st_dev, .ino = st.st_ino };
	return result;
}

int state_new_volume(struct box_state *box, const char *name)
{
	struct ns_id id;

	if (!is_volume_id(name)) {
		sys_failure_set(EINVAL, "mkdirat", name, "An anonymous volume has 64 hex digits.",
				NULL);
		return -1;
	}
	struct record_volume *volume = record_add_volume(&box->record);
	if (!volume)
		return -1;
	snprintf(volume->name, sizeof(volume->name), "%s", name);
	if (record_write(box->dir, &box->record) < 0 ||
	    make_volume(box->state->volumes, name, &id) < 0)
		return -1;
	volume->made = true;
	volume->id = id;
	return record_write(box->dir, &box->record);
}

void state_remove_container(struct box_state *box)
{
	struct failure before = *sys_failure();
	struct ending ending = { .timeout_ms = 5000 };
	bool had_groups = box->record.groups.count > 0;
	enum ended ended = container_end(box->state, box->dir, box->id, &box->record, &ending);

	if (ended == END_LEFT) /* perhaps a file, and the container chose its name */
		dprintf(2, "minibox: container %s: something stays: %s\n  try: minibox gc\n",
			box->id, SHOWN(ending.why));
	record_free(&box->record);
	close(box->dir);
	close(box->lock);
	/* A nest that waited for this group can go now. */
	if (had_groups)
		state_gc(box->state, GC_QUICK);
	sys_failure_clear();
	if (before.err)
		sys_failure_adopt(&before);
}
