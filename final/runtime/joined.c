/*
 * joined.c: the namespaces that config.json names by path.
 */
#define _GNU_SOURCE
#include "joined.h"
#include "between.h"
#include "final/runtime/inside/conceal.h"

#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/mount_ns.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

struct joining {
	int fds[NS_KINDS], count;
};

static int join(void *arg)
{
	const struct joining *j = arg;

	/* The processes that are in the namespaces already see the new one from its first
	 * moment. */
	if (conceal_memory() < 0)
		return -1;
	return join_namespaces(j->fds, j->count);
}

int spawn_joined(struct container *c)
{
	struct joining j = { .count = 0 };

	c->process.pid = c->process.pidfd = -1;
	j.count = open_all(c->spec, j.fds);
	if (j.count < 0)
		return -1;
	int result = spawn_between(&c->process, join, &j);
	while (j.count > 0)
		close_keeping_errno(j.fds[--j.count]);
	return result;
}
