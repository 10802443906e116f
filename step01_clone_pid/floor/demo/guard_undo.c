/*
 * guard_undo.c: removing what a demo has made on the host.
 *
 * Everything here may meet a thing half-made, gone already, or busy for a
 * moment; it tries for a bounded time and never fails.
 */
#define _GNU_SOURCE
#include "guard_undo.h"
#include "guard.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/loop.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void put(const char *directory, const char *file, const char *text)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return; /* the other layout's file */
	ssize_t ignored = write(fd, text, strlen(text));
	(void)ignored;
	close(fd);
}

/* Calls fn for a cgroup's child groups, then for itself. */
static void each_group(const char *path, void (*fn)(const char *path))
{
	DIR *dir = opendir(path);

	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char child[600];
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (snprintf(child, sizeof(child), "%s/%s", path, entry->d_name) <
		    (int)sizeof(child))
			each_group(child, fn);
	}
	closedir(dir);
	fn(path);
}

static bool has_ended(int pidfd)
{
	return poll(&(struct pollfd){ .fd = pidfd, .events = POLLIN }, 1, 0) != 0;
}

/* Calls fn for each number in the group's cgroup.procs; stops when it returns false. The file has
 * no longest length: it is read to its end, a line at a time. (0: a process outside our PID
 * namespace; kill(0) would be our own group.) */
static void each_process(int group, bool (*fn)(pid_t pid, void *arg), void *arg)
{
	int fd = openat(group, "cgroup.procs", O_RDONLY | O_CLOEXEC), pid;
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;

	while (file && fscanf(file, "%d", &pid) == 1)
		if (pid > 0 && !fn(pid, arg))
			break;
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
}

enum { HANDFUL = 16 };

struct handful {
	int pidfd[HANDFUL];
	pid_t pid[HANDFUL];
	int count, first; /* of the file: how many are passed over */
	bool more;
};

static bool take(pid_t pid, void *arg)
{
	struct handful *some = arg;

	if (some->first > 0) {
		some->first--;
		return true;
	}
	if (some->count == HANDFUL)
		return !(some->more = true);
	some->pid[some->count] = pid;
	some->pidfd[some->count++] = (int)syscall(SYS_pidfd_open, pid, 0);
	return true;
}

/* In the group while it is alive, so the descriptor is of a process of the group. */
static bool kill_if_taken(pid_t pid, void *arg)
{
	struct handful *some = arg;

	for (int i = 0; i < some->count; i++)
		if (some->pid[i] == pid && some->pidfd[i] >= 0 && !has_ended(some->pidfd[i]))
			syscall(SYS_pidfd_send_signal, some->pidfd[i], SIGKILL, NULL, 0);
		else if (some->pid[i] == pid && some->pidfd[i] < 0)
			kill(pid, SIGKILL); /* no descriptors left, or a kernel before 5.3 */
	return true;
}

/* A number from the file may be another process's when it is used. So a handful at a time: each is
 * opened, and killed if the file has its number still. */
static void kill_all(int group)
{
	struct handful some = { .more = true };

	for (int done = 0; some.more; done += HANDFUL) {
		some = (struct handful){ .first = done };
		each_process(group, take, &some);
		each_process(group, kill_if_taken, &some);
		for (int i = 0; i < some.count; i++)
			if (some.pidfd[i] >= 0)
				close(some.pidfd[i]);
	}
}

static void thaw_and_kill(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	put(path, "memory.oom_control", "0"); /* v1: with the OOM killer off a hog sleeps in D */
	put(path, "cgroup.freeze", "0");
	if (fd >= 0)
		kill_all(fd);
	put(path, "freezer.state", "THAWED"); /* v1: a SIGKILL counts from here on */
	if (fd >= 0)
		close(fd);
}

static void remove_group(const char *path)
{
	/* rmdir is asynchronous: EBUSY for a moment after the last process. 2 s, then we leave it.
	 */
	for (int round = 0; rmdir(path) < 0 && errno == EBUSY && round < 200; round++) {
		thaw_and_kill(path);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if (type == FTW_DP || type == FTW_D || type == FTW_DNR)
		rmdir(path);
	else
		unlink(path);
	return 0;
}

static int open_up(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type == FTW_D || type == FTW_DNR)
		chmod(path,
		      (st->st_mode & 07777) | 0700); /* overlay makes its work directory 0000 */
	return 0;
}

static void remove_tree(const char *path)
{
	/* nftw gives up when something vanishes under it, as when the kernel is still taking an
	 * overlay down. 2 s, then we leave it. FTW_MOUNT: a file system that is mounted there is
	 * not ours to empty. */
	for (int round = 0; round < 200; round++) {
		nftw(path, open_up, 16, FTW_PHYS | FTW_MOUNT);
		nftw(path, open_up, 16, FTW_PHYS | FTW_MOUNT); /* what 0000 hid from the first */
		nftw(path, remove_entry, 16, FTW_PHYS | FTW_DEPTH | FTW_MOUNT);
		if (access(path, F_OK) < 0 && errno == ENOENT)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
}

/* Detached already, its number may be somebody else's by now: ours has our token in the file's
 * name. */
static bool is_our_loop(const char *path)
{
	const char *name = strrchr(path, '/');
	char from[128], file[600];

	snprintf(from, sizeof(from), "/sys/block/%s/loop/backing_file", name ? name + 1 : path);
	return read_file_at(AT_FDCWD, from, file, sizeof(file)) < 0
		       ? errno != ENOENT
		       : strstr(file, guard_token()) != NULL;
}

static void detach_loop(const char *path)
{
	int fd = is_our_loop(path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		ioctl(fd, LOOP_CLR_FD, 0);
		close(fd);
	}
}

/* RTM_DELLINK by name; step 4 (rtnetlink.h) explains such messages. */
static void delete_link(const char *name)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
		struct rtattr attr;
		char name[16];
	} request = {
		.head = { .nlmsg_len = sizeof(request),
			  .nlmsg_type = RTM_DELLINK,
			  .nlmsg_flags = NLM_F_REQUEST },
		.attr = { .rta_len = sizeof(struct rtattr) + sizeof(request.name),
			  .rta_type = IFLA_IFNAME },
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	snprintf(request.name, sizeof(request.name), "%s", name);
	if (fd >= 0) {
		send(fd, &request, sizeof(request), 0);
		close(fd);
	}
}

void ledger_thaw(const struct ledger *book, bool all)
{
	for (int i = 0; i < LEDGER_ENTRIES; i++)
		if (book->entry[i].kind == LEDGER_CGROUP && (all || !book->entry[i].kept))
			each_group(book->entry[i].what, thaw_and_kill);
}

void ledger_keep(struct ledger *book)
{
	for (int i = 0; i < LEDGER_ENTRIES; i++)
		book->entry[i].kept = book->entry[i].kind != LEDGER_FREE;
}

static void undo(const struct ledger_entry *entry)
{
	switch (entry->kind) {
	case LEDGER_FILE:
		if (unlink(entry->what) < 0)
			rmdir(entry->what);
		break;
	case LEDGER_TREE:
		remove_tree(entry->what);
		break;
	case LEDGER_CGROUP:
		each_group(entry->what, remove_group);
		break;
	case LEDGER_LOOP:
		detach_loop(entry->what);
		break;
	case LEDGER_LINK:
		delete_link(entry->what);
		break;
	default:
		break;
	}
}

void ledger_undo(struct ledger *book)
{
	for (int i = LEDGER_ENTRIES - 1; i >= 0; i--) {
		struct ledger_entry *entry = &book->entry[i];
		if (entry->kept || entry->kind == LEDGER_OTHER)
			continue;
		undo(entry);
		entry->kind = LEDGER_FREE;
	}
}

void ledger_undo_all(struct ledger *book)
{
	for (int i = 0; i < LEDGER_ENTRIES; i++)
		book->entry[i].kept = false;
	ledger_undo(book);
	/* Last what belongs to a higher step: it may wait for the groups to be gone (step 5's
	 * nest). */
	for (int i = LEDGER_ENTRIES - 1; i >= 0; i--) {
		struct ledger_entry *entry = &book->entry[i];
		if (entry->kind == LEDGER_OTHER)
			entry->undo(entry->what);
		entry->kind = LEDGER_FREE;
	}
}
