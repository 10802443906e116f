/*
 * joined.c: an intermediate process, which enters namespaces and clones.
 */
#define _GNU_SOURCE
#include "joined.h"

#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/mount_ns.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the intermediate tells. */
struct word {
	pid_t pid;
	struct failure failure; /* where pid is not more than 0 */
};

static int open_one(const char *path, int kind)
{
	/* O_NONBLOCK: a FIFO would wait. */
	int fd = SYS(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), path);

	if (fd < 0 || ioctl(fd, NS_GET_NSTYPE) == ns_info[kind].flag)
		return fd;
	close(fd);
	sys_failure_set(EINVAL, "linux.namespaces", path,
			"The file is no namespace of the type that stands beside it.",
			"/proc/PID/ns/KIND, or a file that such a link is bound to.");
	return -1;
}

static int open_all(const struct spec *spec, int fds[NS_KINDS])
{
	int count = 0;

	for (int kind = 0; kind < NS_KINDS; kind++) {
		int fd = spec->join[kind] ? open_one(spec->join[kind], kind) : -1;
		if (fd >= 0)
			fds[count++] = fd;
		if (fd >= 0 || !spec->join[kind])
			continue;
		while (count > 0)
			close_keeping_errno(fds[--count]);
		return -1;
	}
	return count;
}

/* The intermediate. */
static int enter_and_clone(struct container *c, const int fds[], int count, int report)
{
	struct word word = { 0 };

	sys_trace_as("between");
	c->process.flags |= CLONE_PARENT;
	if (join_namespaces(fds, count) == 0 && spawn(&c->process) == 0)
		word.pid = c->process.pid;
	if (word.pid <= 0) {
		sys_failure_explain();
		word.failure = *sys_failure();
	}
	return write(report, &word, sizeof(word)) == sizeof(word) ? 0 : 1;
}

/* Its number alone is enough: it is our child, and stays one until we have waited for it. */
static int adopt(struct container *c, const struct word *word, ssize_t n)
{
	if (n == sizeof(*word) && word->pid > 0) {
		c->process.pid = word->pid;
		c->process.pidfd = (int)SYS(syscall(SYS_pidfd_open, word->pid, 0), word->pid);
		return c->process.pidfd < 0 ? -1 : 0;
	}
	if (n == sizeof(*word) && word->failure.err) {
		sys_failure_adopt(&word->failure);
		errno = word->failure.err;
	} else {
		sys_failure_set(ECHILD, "fork", "the process that joins namespaces",
				"It ended without a word.", NULL);
	}
	return -1;
}

int spawn_joined(struct container *c)
{
	int fds[NS_KINDS], ends[2], count = open_all(c->spec, fds), result = -1;
	struct word word = { 0 };
	ssize_t n;

	c->process.pid = c->process.pidfd = -1;
	if (count < 0)
		return -1;
	if (SYS(pipe2(ends, O_CLOEXEC), "pipe") < 0)
		goto close_fds;
	pid_t between = SYS(fork(), "the process that joins namespaces");
	if (between == 0)
		_exit(enter_and_clone(c, fds, count, ends[1]));
	close_keeping_errno(ends[1]);
	if (between > 0) {
		do
			n = read(ends[0], &word, sizeof(word));
		while (n < 0 && errno == EINTR);
		while (waitpid(between, NULL, 0) < 0 && errno == EINTR)
			;
		result = adopt(c, &word, n);
	}
	close_keeping_errno(ends[0]);
close_fds:
	while (count > 0)
		close_keeping_errno(fds[--count]);
	return result;
}
