/*
 * cgroup_announce.c: mkdir with a word before and a word after.
 */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "cgroup_file.h"
#include "cgroup_parent.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is there already was never ours, not even for the moment between word and deed. */
static int refuse_existing(int parent, const char *name)
{
	char path[CG_PATH + 64];
	struct stat st;

	if (!name[0] || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; /* the usual case; any other error mkdirat gives again */
	sys_failure_set(EEXIST, "mkdirat(parent, name, 0755)",
			cgroup_file_path(parent, name, path, sizeof(path)), NULL, NULL);
	return -1;
}

int cgroup_create_announced(int parent, const char *name, const char *path, enum cgroup_role role,
			    cgroup_announce *announce, void *arg)
{
	struct cgroup_news news = { .what = CGROUP_WILL_BE, .role = role, .path = path, .dir = -1 };

	if (!announce)
		return cgroup_create(parent, name);
	if (refuse_existing(parent, name) < 0 || announce(&news, arg) != 0)
		return -1;
	int dir = cgroup_create(parent, name);
	bool others = dir < 0 && errno == EEXIST;
	if (dir >= 0) {
		news.what = CGROUP_MADE;
		news.dir = dir;
		if (announce(&news, arg) == 0)
			return dir;
	}
	int saved = errno;
	if (dir >= 0)
		close(dir);
	if (!others) /* mkdirat may have succeeded and openat failed */
		unlinkat(parent, name, AT_REMOVEDIR);
	news.what = CGROUP_NOT_MADE;
	news.dir = -1;
	announce(&news, arg);
	errno = saved;
	return -1;
}
