/*
 * cgroup_cpu.c: a second correct solution of lab 5, for testing the grader. Written from the header
 * alone, with plain system calls: without SYS() no failure is recorded and nothing is traced, which
 * the grader does not ask for.
 */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/cgroup_cpu.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void close_quietly(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

static bool one_word(const char *name)
{
	bool good = *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;

	if (!good || name[strcspn(name, "/\n")]) {
		errno = EINVAL;
		return false;
	}
	return true;
}

/* vdprintf() collects the text in a buffer and writes it at once. */
__attribute__((format(printf, 3, 4))) static int tell(int group, const char *file,
						      const char *format, ...)
{
	int fd = openat(group, file, O_WRONLY | O_CLOEXEC);
	va_list values;
	int written;

	if (fd < 0)
		return -1;
	va_start(values, format);
	written = vdprintf(fd, format, values);
	va_end(values);
	close_quietly(fd);
	return written < 0 ? -1 : 0;
}

int cgroup_create(int parent, const char *name)
{
	int group;

	if (!one_word(name) ||
	    mkdirat(parent, name, S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH))
		return -1;
	group = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (group == -1) {
		int saved = errno;

		unlinkat(parent, name, AT_REMOVEDIR);
		errno = saved;
	}
	return group;
}

static int quota_1(int group, long quota_us, long period_us)
{
	if (tell(group, "cpu.cfs_quota_us", "-1") < 0)
		return -1;
	if (tell(group, "cpu.cfs_period_us", "%ld", period_us) < 0)
		return -1;
	return quota_us < 0 ? 0 : tell(group, "cpu.cfs_quota_us", "%ld", quota_us);
}

static int quota_2(int group, long quota_us, long period_us)
{
	char quota[24] = "max";

	if (quota_us >= 0)
		snprintf(quota, sizeof(quota), "%ld", quota_us);
	return tell(group, "cpu.max", "%s %ld", quota, period_us);
}

int cgroup_quota(int group, int version, long quota_us, long period_us)
{
	return (version == 1 ? quota_1 : quota_2)(group, quota_us, period_us);
}

int cgroup_join(int group, pid_t pid)
{
	return tell(group, "cgroup.procs", "%ld", (long)pid);
}

/* The counters are read by lines, and each is looked for in the table. */
int cgroup_throttled(int group, int version, struct cgroup_throttling *out)
{
	struct cgroup_throttling found = { -1, -1, -1 };
	const struct {
		const char *key;
		int64_t *value, divisor;
	} wanted[] = {
		{ "nr_periods", &found.periods, 1 },
		{ "nr_throttled", &found.throttled, 1 },
		{ version == 1 ? "throttled_time" : "throttled_usec", &found.throttled_us,
		  version == 1 ? 1000 : 1 },
	};
	int fd = openat(group, "cpu.stat", O_RDONLY | O_CLOEXEC), err;
	char *line = NULL;
	size_t room = 0;
	FILE *file;

	if (fd < 0)
		return -1;
	file = fdopen(fd, "r");
	if (!file) {
		close_quietly(fd);
		return -1;
	}
	while (getline(&line, &room, file) > 0) {
		char key[64];
		int64_t value;

		if (sscanf(line, "%63s %" SCNd64, key, &value) != 2)
			continue;
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strcmp(key, wanted[i].key) == 0)
				*wanted[i].value = value / wanted[i].divisor;
	}
	err = ferror(file) ? errno : 0;
	free(line);
	fclose(file);
	if (!err && (found.periods < 0 || found.throttled < 0 || found.throttled_us < 0))
		err = ENOENT;
	if (err) {
		errno = err;
		return -1;
	}
	*out = found;
	return 0;
}

int cgroup_remove(int parent, const char *name)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	struct timespec start, now;

	if (!one_word(name))
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		int64_t ms;

		if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return -1;
		clock_gettime(CLOCK_MONOTONIC, &now);
		ms = (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
		if (ms >= 2000)
			break;
		nanosleep(&pause, NULL);
	}
	errno = EBUSY;
	return -1;
}
