/*
 * look.c - in a container: looks at each process that is not its own child, as soon as it is there,
 * and says what it can get of it.
 *
 *   look SECONDS
 *
 * A line a success: "trace PID", "memory PID", "environ PID TEXT", "fd PID TARGET", "exe PID
 * TARGET". "looking" first, "over" last.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int open_of(int pid, const char *file, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return open(path, flags | O_CLOEXEC);
}

static void read_environ(int pid)
{
	char text[4096] = "";
	int fd = open_of(pid, "environ", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	for (ssize_t i = 0; i < n; i++)
		if (!text[i])
			text[i] = ' ';
	if (n > 0)
		printf("environ %d %s\n", pid, text);
	if (fd >= 0)
		close(fd);
}

static void read_links(int pid)
{
	char target[4096];
	int fd = open_of(pid, "fd", O_RDONLY | O_DIRECTORY);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (list && (entry = readdir(list))) {
		ssize_t n = readlinkat(dirfd(list), entry->d_name, target, sizeof(target) - 1);
		if (n > 0 && atoi(entry->d_name) > 2)
			printf("fd %d %.*s\n", pid, (int)n, target);
	}
	if (list)
		closedir(list);
}

static void try(int pid)
{
	char target[4096], path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	if (n > 0)
		printf("exe %d %.*s\n", pid, (int)n, target);
	if ((fd = open_of(pid, "mem", O_RDWR)) >= 0) {
		printf("memory %d\n", pid);
		close(fd);
	}
	read_environ(pid);
	read_links(pid);
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0) {
		printf("trace %d\n", pid);
		ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
		if (waitpid(pid, NULL, __WALL) == pid)
			ptrace(PTRACE_DETACH, pid, NULL, NULL);
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	double end = now() + (argc > 1 ? atof(argv[1]) : 5);

	prctl(PR_SET_DUMPABLE, 1);
	puts("looking");
	fflush(stdout);
	while (now() < end) {
		DIR *proc = opendir("/proc");
		struct dirent *entry;
		while (proc && (entry = readdir(proc))) {
			int pid = atoi(entry->d_name);
			if (pid > 0 && pid != getpid())
				try(pid);
		}
		if (proc)
			closedir(proc);
	}
	puts("over");
	return 0;
}
