/*
 * copy_up.c: "tmpcopyup", a tmpfs begins with what the image has at its place.
 */
#define _GNU_SOURCE
#include "copy_up.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

enum { DEEPEST = 100, PIECE = 1 << 20 };

static int copy_content(int from, int to, bool top, int depth);

/* The owner first: chown(2) takes set-user-ID bits away. */
static int copy_owner_and_mode(int to, const struct stat *st, const char *name)
{
	if (SYS(fchown(to, st->st_uid, st->st_gid), name) < 0)
		return -1;
	return SYS(fchmod(to, st->st_mode & 07777), name);
}

static int copy_directory(int from, int to, const char *name, int depth)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, result = -1, target = -1;
	int source = SYS(openat(from, name, flags), name);

	if (source >= 0 && SYS(mkdirat(to, name, 0700), name) == 0)
		target = SYS(openat(to, name, flags), name);
	if (target >= 0)
		result = copy_content(source, target, true, depth + 1);
	close_keeping_errno(source);
	close_keeping_errno(target);
	return result;
}

static int copy_file(int from, int to, const char *name, const struct stat *st)
{
	/* O_NONBLOCK: had a FIFO taken the file's place, open(2) would wait for ever. */
	int source = SYS(openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), name);
	int target = -1, result = -1;
	ssize_t n = -1;

	if (source >= 0)
		target = SYS(openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), name);
	while (target >= 0 && (n = SYS(sendfile(target, source, NULL, PIECE), name)) > 0)
		;
	if (n == 0)
		result = copy_owner_and_mode(target, st, name);
	close_keeping_errno(source);
	close_keeping_errno(target);
	return result;
}

static int copy_link(int from, int to, const char *name, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = SYS(readlinkat(from, name, target, sizeof(target) - 1), name);

	if (n < 0)
		return -1;
	target[n] = '\0';
	if (SYS(symlinkat(target, to, name), name) < 0)
		return -1;
	return SYS(fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW), name);
}

static int copy_node(int from, int to, const char *name, const struct stat *st)
{
	(void)from;
	if (SYS(mknodat(to, name, st->st_mode, st->st_rdev), name) < 0 ||
	    SYS(fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW), name) < 0)
		return -1;
	return SYS(fchmodat(to, name, st->st_mode & 07777, 0), name); /* just made: no link */
}

static int copy_entry(int from, int to, const char *name, dev_t device, int depth)
{
	struct stat st;

	if (SYS(fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW), name) < 0)
		return -1;
	if (S_ISDIR(st.st_mode) && st.st_dev == device)
		return copy_directory(from, to, name, depth);
	if (S_ISDIR(st.st_mode))
		return SYS(mkdirat(to, name, 0755), name); /* a mount point: its place only */
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, name, &st);
	return S_ISLNK(st.st_mode) ? copy_link(from, to, name, &st)
				   : copy_node(from, to, name, &st);
}

static int copy_content(int from, int to, bool top, int depth)
{
	struct stat st;
	struct dirent *entry;

	if (depth > DEEPEST) {
		sys_failure_set(ELOOP, "copy_up", "tmpcopyup", "Directories deeper than 100.",
				NULL);
		return -1;
	}
	if (SYS(fstat(from, &st), "tmpcopyup") < 0)
		return -1;
	int copy = SYS(openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "tmpcopyup");
	DIR *dir = copy < 0 ? NULL : SYS(fdopendir(copy), "tmpcopyup");
	int result = dir ? 0 : -1;
	if (!dir)
		close_keeping_errno(copy);
	while (result == 0 && (errno = 0, entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = copy_entry(from, to, entry->d_name, st.st_dev, depth);
	if (result == 0 && errno) {
		sys_failure_set(errno, "readdir", "tmpcopyup", NULL, NULL);
		result = -1;
	}
	int saved = errno;
	if (dir)
		closedir(dir);
	errno = saved;
	return result < 0 || !top ? result : copy_owner_and_mode(to, &st, "tmpcopyup");
}

int copy_up(int from, int to, bool top)
{
	return copy_content(from, to, top, 0);
}
