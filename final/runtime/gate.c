/*
 * gate.c: a FIFO between create and start.
 */
#define _GNU_SOURCE
#include "gate.h"

#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char fifo_name[] = "start", failure_name[] = "failure";

int gate_make(int dir, struct gate *gate)
{
	*gate = (struct gate){ -1, -1 };
	if (SYS(mkfifoat(dir, fifo_name, 0600), fifo_name) < 0)
		return -1;
	/* For both: opened for reading alone it would see an end of file when the last writer
	 * has gone. */
	gate->wait = SYS(openat(dir, fifo_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW), fifo_name);
	if (gate->wait < 0)
		return -1;
	gate->failure = SYS(openat(dir, failure_name,
				   O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600),
			    failure_name);
	if (gate->failure >= 0)
		return 0;
	close_keeping_errno(gate->wait);
	gate->wait = -1;
	return -1;
}

void gate_close(struct gate *gate)
{
	if (gate->wait >= 0)
		close(gate->wait);
	if (gate->failure >= 0)
		close(gate->failure);
	*gate = (struct gate){ -1, -1 };
}

int gate_wait(const struct gate *gate)
{
	char byte;
	ssize_t n;

	sys_trace_say("-- waits for start");
	do
		n = SYS_MAY(read(gate->wait, &byte, 1), fifo_name, EINTR);
	while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : -1;
}

void gate_fail(const struct gate *gate)
{
	int saved = errno;

	if (!sys_failure()->err)
		sys_failure_set(saved ? saved : EIO, "start", "the container's process", NULL,
				NULL);
	sys_failure_explain();
	/* One write of less than a page: the reader finds nothing or all of it. */
	if (pwrite(gate->failure, sys_failure(), sizeof(struct failure), 0) < 0)
		sys_failure_print(2, "minibox");
	errno = saved;
}

static int open_for_writing(int dir)
{
	struct stat st;
	int fd = openat(dir, fifo_name, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode)))
		return fd;
	close(fd);
	errno = ENXIO;
	return -1;
}

int gate_is_waited_at(int dir)
{
	int fd = open_for_writing(dir);

	if (fd < 0 && (errno == ENXIO || errno == ENOENT))
		return 0;
	if (fd < 0)
		return sys_failure_set(errno, "openat", fifo_name, NULL, NULL), -1;
	close(fd);
	return 1;
}

/* A record that is not whole was not written by gate_fail(). */
static int stored_failure(int dir)
{
	struct failure failure;
	int fd = SYS_MAY(openat(dir, failure_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), failure_name,
			 ENOENT);
	ssize_t n = fd < 0 ? 0 : pread(fd, &failure, sizeof(failure), 0);

	if (fd >= 0)
		close(fd);
	if (n != sizeof(failure) || !failure.err ||
	    !memchr(failure.cause, 0, sizeof(failure.cause)))
		return 0;
	sys_failure_adopt(&failure);
	errno = failure.err;
	return -1;
}

int gate_open(int dir)
{
	int fd = open_for_writing(dir);
	struct pollfd end = { .fd = fd };
	int n;

	if (fd < 0) {
		int saved = errno;
		sys_failure_set(saved, "start", fifo_name,
				saved == ENXIO ? "No process of the container waits for start: it "
						 "runs already, or has ended."
					       : NULL,
				NULL);
		errno = saved;
		return -1;
	}
	if (SYS(write(fd, "", 1), fifo_name) != 1) {
		close_keeping_errno(fd);
		return -1;
	}
	do
		n = poll(&end, 1, -1);
	while (n < 0 && errno == EINTR);
	close(fd);
	return stored_failure(dir);
}
