/*
 * 07_volumes.c: the calls of lab 7.
 *
 * What is there before a call is said by items, in the order of the arguments:
 *
 *	dir PATH              a directory, with those on the way
 *	file PATH TEXT
 *	fifo PATH
 *	link PATH TARGET
 *	tmpfs PATH FLAGS      a mount on PATH
 *	rename PATH PATH
 */
#define _GNU_SOURCE
#include "tests/labs/lib/driver.h"
#include "step07_volumes/volumes.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void above(const char *path)
{
	char dir[4096];

	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (*dir)
		make_dirs(dir);
}

/* The items up to the word `end` or the last one. Returns what follows. */
static char **prepare(char **a, const char *end)
{
	for (; *a && strcmp(*a, end) != 0; a += 2) {
		if (strcmp(a[0], "dir") == 0) {
			make_dirs(a[1]);
			continue;
		}
		above(a[1]);
		if (strcmp(a[0], "fifo") == 0) {
			if (mkfifo(a[1], 0600) < 0)
				cannot(a[1]);
			continue;
		}
		if (strcmp(a[0], "file") == 0)
			make_file(a[1], a[2]);
		else if (strcmp(a[0], "tmpfs") == 0)
			make_dirs(a[1]);
		if ((strcmp(a[0], "link") == 0 && symlink(a[2], a[1]) < 0) ||
		    (strcmp(a[0], "rename") == 0 && rename(a[1], a[2]) < 0) ||
		    (strcmp(a[0], "tmpfs") == 0 &&
		     mount("lab", a[1], "tmpfs", strtoul(a[2], NULL, 0), NULL) < 0))
			cannot(a[1]);
		a++;
	}
	return *a ? a + 1 : a;
}

static int open_path(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		cannot(path);
	return fd;
}

/* Is the descriptor's file below the directory? */
static bool is_below(int fd, const char *dir)
{
	char link[32], path[4096] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return readlink(link, path, sizeof(path) - 1) > 0 && strncmp(path, dir, strlen(dir)) == 0 &&
	       strchr("/", path[strlen(dir)]);
}

/* volume_target ROOT DESTINATION directory|file ITEM... */
static int play_target(char **a)
{
	fresh(CLONE_NEWNS);
	make_dirs(a[0]);
	prepare(a + 3, "");
	int root = open_path(a[0]);
	return TRY_FD(volume_target(root, a[1], strcmp(a[2], "directory") == 0));
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* volume_target.swap ROOT OUTSIDE: ROOT/x is a directory and a link to OUTSIDE in turn, while mount
 * points far below x are asked for: until x has changed during 200 calls, or for a second. A path
 * that is long gives time to change it between a check and the use. */
static int play_target_swap(char **a)
{
	static const char far_below[] = "/x/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d";
	char x[4096], y[4096];
	int outside = 0, changed = 0, root;
	pid_t swapper;

	fresh(CLONE_NEWNS);
	make_dirs(a[1]);
	snprintf(x, sizeof(x), "%s/x", a[0]);
	snprintf(y, sizeof(y), "%s/y", a[0]);
	make_dirs(x);
	if (symlink(a[1], y) < 0)
		cannot(y);
	root = open_path(a[0]);
	swapper = fork();
	if (swapper < 0)
		cannot("fork");
	if (swapper == 0)
		for (;;)
			renameat2(AT_FDCWD, x, AT_FDCWD, y, RENAME_EXCHANGE);
	for (double end = now() + 1; now() < end && changed < 200 && !outside;) {
		bool before = is_link(x);
		int fd = volume_target(root, far_below, true);

		changed += is_link(x) != before;
		if (fd < 0)
			continue;
		outside += !is_below(fd, a[0]);
		close(fd);
	}
	kill(swapper, SIGKILL);
	waitpid(swapper, NULL, 0);
	int result = TRY_FD(volume_target(root, "/after", true));
	say("outside", "%d", outside);
	return result;
}

/* What a process gets that writes there. */
static void say_write(const char *path)
{
	int status = 0;
	pid_t child = fork();

	if (child < 0)
		cannot("fork");
	if (child == 0) {
		int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		_exit(fd < 0 ? errno : write(fd, "x", 1) != 1 ? errno : 0);
	}
	waitpid(child, &status, 0);
	say(path, "%s", status ? strerrorname_np(WEXITSTATUS(status)) : "written");
}

/* volume_bind ROOT DESTINATION SOURCE FLAGS ITEM... [after ITEM...] [write PATH...]: the items after
 * `after` are made when source is open. After the call a process tries to write to each PATH. */
static int play_bind(char **a)
{
	char *root_path = a[0], *destination = a[1], *source_path = a[2];
	unsigned long flags = strtoul(a[3], NULL, 0);
	char **items = a + 4, **paths;

	fresh(CLONE_NEWNS);
	make_dirs(root_path);
	for (paths = items; *paths && strcmp(*paths, "write") != 0;)
		paths++;
	if (*paths)
		*paths++ = NULL;
	items = prepare(items, "after");
	int root = open_path(root_path), source = open_path(source_path);
	prepare(items, "");
	int result = TRY(volume_bind(root, destination, source, flags));
	for (; *paths; paths++)
		say_write(*paths);
	return result;
}

/* volume_bind.foreign ROOT DESTINATION SOURCE ITEM...: source belongs to another mount namespace. */
static int play_bind_foreign(char **a)
{
	fresh(CLONE_NEWNS);
	make_dirs(a[0]);
	prepare(a + 3, "");
	int source = open_path(a[2]);
	fresh(CLONE_NEWNS);
	int root = open_path(a[0]);
	return TRY(volume_bind(root, a[1], source, MS_REC));
}

/* volume_bind.link ROOT DESTINATION SOURCE ITEM...: a link on the way. Where volume_target() leads
 * out of ROOT there, that is not volume_bind()'s mistake: nothing is tried. */
static int play_bind_link(char **a)
{
	fresh(CLONE_NEWNS);
	make_dirs(a[0]);
	prepare(a + 3, "");
	int root = open_path(a[0]), source = open_path(a[2]);
	int target = volume_target(root, a[1], true);

	if (target >= 0 && !is_below(target, a[0])) {
		say("target", "outside");
		return 0;
	}
	if (target >= 0)
		close(target);
	return TRY(volume_bind(root, a[1], source, MS_REC));
}

const struct lab_call lab_calls[] = {
	{ "volume_target", play_target,
	  "volume_target(root, destination, directory); root is $1, destination $2, directory "
	  "[3=directory:true][3=file:false][; before: $+]" },
	{ "volume_target.swap", play_target_swap,
	  "volume_target(root, destination, true); meanwhile another process replaces a directory "
	  "by a link to $2" },
	{ "volume_bind", play_bind,
	  "volume_bind(root, destination, source, flags); root is $1, destination $2, source is "
	  "$3, flags $m4[; with: $+]" },
	{ "volume_bind.foreign", play_bind_foreign,
	  "volume_bind(root, destination, source, MS_REC); root is $1, destination $2, source is "
	  "$3, of another mount namespace" },
	{ "volume_bind.link", play_bind_link,
	  "volume_bind(root, destination, source, 0); root is $1, destination $2, source is $3[; "
	  "before: $+]" },
	{ 0 },
};
