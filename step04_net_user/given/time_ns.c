/*
 * time_ns.c: other clocks for the children to come.
 */
#define _GNU_SOURCE
#include "time_ns.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <sched.h>
#include <stdio.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static void offsets_path(char *path, size_t size, pid_t pid)
{
	if (pid)
		snprintf(path, size, "%d/timens_offsets", pid);
	else
		snprintf(path, size, "self/timens_offsets");
}

int time_ns_write(int procfd, pid_t pid, const struct time_offsets *offsets)
{
	char path[48], text[160];

	offsets_path(path, sizeof(path), pid);
	snprintf(text, sizeof(text), "monotonic %lld %ld\nboottime %lld %ld\n",
		 (long long)offsets->monotonic.tv_sec, offsets->monotonic.tv_nsec,
		 (long long)offsets->boottime.tv_sec, offsets->boottime.tv_nsec);
	return write_file_at(procfd, path, text);
}

int time_ns_unshare(const struct time_offsets *offsets)
{
	int procfd = -1, result = -1;

	if (SYS(unshare(CLONE_NEWTIME), CLONE_NEWTIME) < 0)
		return -1;
	/* The offsets belong to the namespace of our children to come, and are fixed when the first
	 * one is in it. */
	if ((procfd = proc_open()) >= 0) {
		result = time_ns_write(procfd, 0, offsets);
		int saved = errno;
		close(procfd);
		errno = saved;
	}
	return result;
}

int time_ns_read(int procfd, pid_t pid, struct time_offsets *offsets)
{
	char path[48], text[256];
	long long monotonic, boottime;

	offsets_path(path, sizeof(path), pid);
	if (read_file_at(procfd, path, text, sizeof(text)) < 0)
		return -1;
	if (sscanf(text, " monotonic %lld %ld boottime %lld %ld", &monotonic,
		   &offsets->monotonic.tv_nsec, &boottime, &offsets->boottime.tv_nsec) != 4) {
		errno = EINVAL;
		return -1;
	}
	offsets->monotonic.tv_sec = monotonic;
	offsets->boottime.tv_sec = boottime;
	return 0;
}
