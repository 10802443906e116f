/*
 * cgroup_cpu.c: a group is a directory. Its limits, its members and its counters are files in it.
 */
#define _GNU_SOURCE
#include "cgroup_cpu.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A name may come from a user. No name may lead out of the parent, to another user's group. */
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
	/* The new directory has files already: the kernel has made them. */
	int group = SYS(openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
			cgroup_file_path(parent, name, path, sizeof(path)));
	if (group < 0) {
		int saved = errno;
		unlinkat(parent, name, AT_REMOVEDIR);
		errno = saved;
	}
	return group;
}

int cgroup_quota(int group, int version, long quota_us, long period_us)
{
	if (version == 2) {
		if (quota_us < 0)
			return cgroup_writef(group, "cpu.max", "max %ld", period_us);
		return cgroup_writef(group, "cpu.max", "%ld %ld", quota_us, period_us);
	}

	/* Two files, one pair of values. The kernel checks each write against the old value of the
	 * other file. A quota of 20000 with an old period of 10000 is 200 %, and the kernel refuses
	 * it where the parent group has less. Without a quota every period is accepted. */
	if (cgroup_write(group, "cpu.cfs_quota_us", "-1") < 0)
		return -1;
	if (cgroup_writef(group, "cpu.cfs_period_us", "%ld", period_us) < 0)
		return -1;
	return quota_us < 0 ? 0 : cgroup_writef(group, "cpu.cfs_quota_us", "%ld", quota_us);
}

int cgroup_join(int group, pid_t pid)
{
	/* cgroup.procs takes the whole process, v1's "tasks" one thread only. 0 is the writer. */
	return cgroup_writef(group, "cgroup.procs", "%d", pid);
}

int cgroup_throttled(int group, int version, struct cgroup_throttling *out)
{
	char text[4096];

	if (read_file_at(group, "cpu.stat", text, sizeof(text)) < 0)
		return -1;
	out->periods = cgroup_key(text, "nr_periods");
	out->throttled = cgroup_key(text, "nr_throttled");
	if (version == 2) {
		out->throttled_us = cgroup_key(text, "throttled_usec");
	} else {
		int64_t ns = cgroup_key(text, "throttled_time");
		out->throttled_us = ns < 0 ? -1 : ns / 1000;
	}
	if (out->periods >= 0 && out->throttled >= 0 && out->throttled_us >= 0)
		return 0;
	/* v2 without the controller: cpu.stat counts only the time that was used. */
	errno = ENOENT;
	return -1;
}

int cgroup_remove(int parent, const char *name)
{
	enum { TRIES = 200, PAUSE_NS = 10000000 }; /* 2 s together */
	char path[600];

	if (check_name(name) < 0)
		return -1;
	for (int i = 0; i < TRIES; i++) {
		/* The files need no unlink(2): they go with the directory. Two errnos are answers:
		 * EBUSY (try again) and ENOENT (done). */
		if (SYS_MAY(unlinkat(parent, name, AT_REMOVEDIR),
			    cgroup_file_path(parent, name, path, sizeof(path)),
			    errno == ENOENT ? ENOENT : EBUSY) == 0 ||
		    errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return -1;
		/* The last process has ended, but the kernel still counts it in the group. */
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
	}
	sys_failure_set(EBUSY, "unlinkat(parent, name, AT_REMOVEDIR)",
			cgroup_file_path(parent, name, path, sizeof(path)),
			"After two seconds there are still processes or other groups in it.",
			"cat cgroup.procs in it, and in the groups below, shows them.");
	return -1;
}
