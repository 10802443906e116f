/*
 * state_open.c: which directory holds the state, and whether it can be trusted.
 */
#define _GNU_SOURCE
#include "state.h"

#include "final/runtime/spec/json_check.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_dirs(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *slash = part + 1; (slash = strchr(slash, '/'));) {
		*slash = '\0';
		if (SYS_MAY(mkdir(part, 0755), part, EEXIST) < 0 && errno != EEXIST)
			return -1;
		*slash++ = '/';
	}
	if (SYS_MAY(mkdir(part, 0700), part, EEXIST) < 0)
		return errno == EEXIST ? 0 : -1;
	return SYS(chmod(part, 0700), part); /* whatever the umask */
}

/* Uid 0 of a user namespace is another user outside: only where 0 stands for 0 and all ids are
 * there is it the host's root. */
static bool is_host_root(void)
{
	unsigned inside, outside, count;
	char map[64];

	if (geteuid() != 0)
		return false;
	if (read_file_at(AT_FDCWD, "/proc/self/uid_map", map, sizeof(map)) < 0)
		return true; /* a kernel without user namespaces, or no /proc */
	return sscanf(map, "%u %u %u", &inside, &outside, &count) == 3 && inside == 0 &&
	       outside == 0 && count == 4294967295U;
}

static int no_root(int err, const char *subject, const char *cause)
{
	sys_failure_set(err, "finding the state directory", subject, cause,
			"Set HOME or MINIBOX_ROOT, or give --root /absolute/path.");
	return -1;
}

/* "/a/b//" and "/a/b/." would be followed where b is a link. */
static void trim(char *path)
{
	for (size_t n = strlen(path); n > 1; n = strlen(path)) {
		if (path[n - 1] != '/' && (n < 3 || strcmp(path + n - 2, "/.") != 0))
			break;
		path[n - 1] = '\0';
	}
}

static int choose_root(const char *given, char *out, size_t size)
{
	const char *home = getenv("HOME"), *data = getenv("XDG_DATA_HOME"),
		   *own = getenv("MINIBOX_ROOT");
	int n;

	if (given || (own && own[0]))
		n = snprintf(out, size, "%s", given ? given : own);
	else if (is_host_root())
		n = snprintf(out, size, "/var/lib/minibox");
	else if (data && data[0] == '/')
		n = snprintf(out, size, "%s/minibox", data);
	else if (home && home[0] == '/')
		n = snprintf(out, size, "%s/.local/share/minibox", home);
	else
		return no_root(EINVAL, "$HOME",
			       "minibox keeps its state below a home directory, and knows none.");
	if (n >= (int)size)
		return no_root(ENAMETOOLONG, given ? given : "its path", NULL);
	if (out[0] != '/')
		return no_root(EINVAL, out, "minibox keeps its state below an absolute path.");
	/* A bundle's config.json names paths below it. */
	if (!json_can_hold(out))
		return no_root(EILSEQ, out,
			       "The path holds bytes that are not UTF-8, and config.json, which is "
			       "JSON, cannot name it.");
	trim(out);
	return 0;
}

int state_check_owner(int dir, char *why)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		snprintf(why, 256, "fstat: %s", strerror(errno));
	else if (st.st_uid != geteuid())
		snprintf(why, 256, "it belongs to uid %u, not to uid %u", st.st_uid, geteuid());
	else if (st.st_mode & (S_IWGRP | S_IWOTH))
		snprintf(why, 256, "others can write to it (mode %04o)", st.st_mode & 07777);
	else
		return 0;
	errno = EPERM;
	return -1;
}

/* Opens a directory, no link, and asks whose it is. */
static int open_own(int dir, const char *name, const char *path)
{
	char why[256], cause[400];
	int fd = SYS(openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), path);

	if (fd < 0) {
		struct stat st;
		int saved = errno;
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode)) {
			sys_failure_clear();
			sys_failure_set(
				ELOOP, "open", path,
				"The state directory is a symbolic link, which may come to "
				"lead elsewhere.",
				"Give the directory itself: --root \"$(readlink -f LINK)\"");
			return -1;
		}
		errno = saved;
		return -1;
	}
	if (state_check_owner(fd, why) == 0)
		return fd;
	close(fd);
	snprintf(cause, sizeof(cause),
		 "minibox removes and kills what its state directory names, so nobody else may "
		 "write there: %s.",
		 why);
	sys_failure_set(EPERM, "open", path, cause,
			"chmod go-w it if it is yours, or give a directory of your own: --root "
			"DIR, MINIBOX_ROOT.");
	return -1;
}

static int open_part(int root, const char *name)
{
	if (SYS_MAY(mkdirat(root, name, 0700), name, EEXIST) == 0) {
		if (SYS(fchmodat(root, name, 0700, 0), name) < 0) /* whatever the umask */
			return -1;
	} else if (errno != EEXIST) {
		return -1;
	}
	return open_own(root, name, name);
}

int state_open(const char *given, struct state *state)
{
	signal(SIGXFSZ, SIG_IGN);
	state->dir = state->images = state->containers = state->volumes = -1;
	if (choose_root(given, state->root, sizeof(state->root)) < 0 || make_dirs(state->root) < 0)
		return -1;
	state->dir = open_own(AT_FDCWD, state->root, state->root);
	if (state->dir < 0)
		return -1;
	state->images = open_part(state->dir, "images");
	if (state->images >= 0)
		state->containers = open_part(state->dir, "containers");
	if (state->containers >= 0)
		state->volumes = open_part(state->dir, "volumes");
	return state->volumes < 0 ? -1 : 0;
}
