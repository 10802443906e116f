/*
 * cgroup_cpu.c: a group is a directory, its limits are files, and its members are numbers in a
 * file.
 */
#define _GNU_SOURCE
#include "cgroup_cpu.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Names come from users, and the parent may hold other people's groups: nothing may lead out of it.
 */
static int check_name(const char *name)
{
	if (name[0] && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strpbrk(name, "/\n"))
		return 0;
	sys_failure_set(EINVAL, "mkdirat(parent, name, 0755)", name,
			"A group's name is one word: not empty, no '/', not \".\" or \"..\".",
			"Name it like a file.");
	return -1;
}

int cgroup_create(int parent, const char *name)
{
	char path[600];

	if (check_name(name) < 0)
		return -1;
	if (SYS(mkdirat(parent, name, 0755), cgroup_file_path(parent, name, path, sizeof(path))) <
	    0)
		return -1;
	/* No file was made by us, and yet they are there: cgroupfs fills every new directory. */
	return SYS(openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		   cgroup_file_path(parent, name, path, sizeof(path)));
}

int cgroup_quota(int group, int version, long quota_us, long period_us)
{
	if (version == 2) {
		if (quota_us < 0)
			return cgroup_writef(group, "cpu.max", "max %ld", period_us);
		return cgroup_writef(group, "cpu.max", "%ld %ld", quota_us, period_us);
	}

	/* Two files, one pair of values. The kernel compares each write with the other file's old
	 * value, and 20000 of an old period of 10000 would be 200 %: refused, if the parent has
	 * less. Without a quota any period will do. */
	if (cgroup_write(group, "cpu.cfs_quota_us", "-1") < 0)
		return -1;
	if (cgroup_writef(group, "cpu.cfs_period_us", "%ld", period_us) < 0)
		return -1;
	return quota_us < 0 ? 0 : cgroup_writef(group, "cpu.cfs_quota_us", "%ld", quota_us);
}

int cgroup_join(int group, pid_t pid)
{
	/* cgroup.procs takes the whole process, v1's "tasks" one thread only. 0 is whoever writes.
	 */
	return cgroup_writef(group, "cgroup.procs", "%d", pid);
}

int cgroup_remove(int parent, const char *name)
{
	enum { TRIES = 200, PAUSE_NS = 10000000 }; /* 2 s together */
	char path[600];

	if (check_name(name) < 0)
		return -1;
	for (int i = 0; i < TRIES; i++) {
		/* No rm -r: the files are the kernel's and go with the directory. */
		if (SYS_MAY(unlinkat(parent, name, AT_REMOVEDIR),
			    cgroup_file_path(parent, name, path, sizeof(path)), EBUSY) == 0)
			return 0;
		if (errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return -1;
		/* The last process is dead, but its end has not reached the group yet. */
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
	}
	sys_failure_set(EBUSY, "unlinkat(parent, name, AT_REMOVEDIR)",
			cgroup_file_path(parent, name, path, sizeof(path)),
			"After two seconds there are still processes or other groups in it.",
			"cat cgroup.procs in it, and in the groups below, shows who.");
	return -1;
}
