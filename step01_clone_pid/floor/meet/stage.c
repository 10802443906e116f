/*
 * stage.c: named meetings of parent and child over a SOCK_SEQPACKET pair.
 */
#define _GNU_SOURCE
#include "stage.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct message {
	enum stage stage;
	struct failure failure; /* with STAGE_FAILED */
};

const char *stage_name(enum stage stage)
{
	static const char *const names[] = {
		[STAGE_BORN] = "born",	     [STAGE_MAPPED] = "mapped", [STAGE_LINKED] = "linked",
		[STAGE_MOUNTED] = "mounted", [STAGE_HOOKED] = "hooked", [STAGE_READY] = "ready",
		[STAGE_START] = "start",     [STAGE_FAILED] = "failed",
	};
	return (size_t)stage < sizeof(names) / sizeof(*names) ? names[stage] : "?";
}

int stage_open(struct stages *stages)
{
	stages->open[0] = stages->open[1] = stages->plain = false;
	if (SYS(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, stages->end), "stages") < 0)
		return -1;
	stages->open[0] = stages->open[1] = true;
	return 0;
}

static void close_end(struct stages *stages, int which)
{
	if (stages->open[which])
		close(stages->end[which]);
	stages->open[which] = false;
}

void stage_parent(struct stages *stages)
{
	close_end(stages, 1);
}

int stage_child(struct stages *stages)
{
	close_end(stages, 0);
	return stages->open[1] ? stages->end[1] : -1;
}

void stage_close(struct stages *stages)
{
	close_end(stages, 0);
	close_end(stages, 1);
}

static int own_end(const struct stages *stages)
{
	if (stages->open[0])
		return stages->end[0];
	return stages->open[1] ? stages->end[1] : -1;
}

static int send_message(struct stages *stages, const struct message *message, size_t size)
{
	ssize_t n;

	do
		n = stages->plain ? write(own_end(stages), message, size)
				  : send(own_end(stages), message, size, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -1 : 0;
}

/* The other side's last word, if it has left one, is a better reason than "Broken pipe". */
static int not_told(struct stages *stages, enum stage stage)
{
	struct message message = { .stage = STAGE_BORN };
	int err = errno;

	if (!stages->plain && recv(own_end(stages), &message, sizeof(message), MSG_DONTWAIT) > 0 &&
	    message.stage == STAGE_FAILED) {
		sys_failure_adopt(&message.failure);
		err = message.failure.err;
	}
	sys_failure_set(err, "send", stage_name(stage),
			err == EPIPE ? "The other process ended before it was told of this stage."
				     : NULL,
			err == EPIPE ? "Run it with --explain to see its last call." : NULL);
	errno = err;
	return -1;
}

int stage_reach(struct stages *stages, enum stage stage)
{
	struct message message = { .stage = stage };

	sys_trace_say("-- stage %s reached", stage_name(stage));
	return send_message(stages, &message, sizeof(message.stage)) < 0 ? not_told(stages, stage)
									 : 0;
}

int stage_fail(struct stages *stages)
{
	struct message message = { .stage = STAGE_FAILED };
	int saved = errno;

	if (!sys_failure()->err)
		sys_failure_set(saved ? saved : EIO, "child", "the container's process", NULL,
				NULL);
	sys_failure_explain();
	message.failure = *sys_failure();
	send_message(stages, &message, sizeof(message));
	errno = saved;
	return -1;
}

/* The same without a look at the other side's death: its end of the socket tells of that, too. */
static int next_plain(struct stages *stages, struct message *message)
{
	ssize_t n;

	do
		n = read(own_end(stages), message, sizeof(*message));
	while (n < 0 && errno == EINTR);
	return n < 0 && errno != ECONNRESET ? -1 : n > 0;
}

/* Waits for a message or for the other side's end. 1: message is filled; 0: end of file; -1: errno.
 */
static int next_message(struct stages *stages, struct message *message, int pidfd, int timeout_ms)
{
	struct pollfd fds[2] = { { .fd = own_end(stages), .events = POLLIN },
				 { .fd = pidfd, .events = POLLIN } };
	int ready;
	ssize_t n;

	if (stages->plain)
		return next_plain(stages, message);
	do
		ready = poll(fds, 2, timeout_ms);
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return -1;
	if (ready == 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	/* A dying child may have left its last word: the socket is read before the death counts. If
	 * it died with a stage unread, the kernel says ECONNRESET first, once, and then gives the
	 * word. */
	bool reset = false;
	do {
		n = recv(fds[0].fd, message, sizeof(*message), MSG_DONTWAIT);
	} while (n < 0 && (errno == EINTR || (errno == ECONNRESET && !reset && (reset = true))));
	if (n < 0 && (errno == EAGAIN || errno == ECONNRESET))
		return 0;
	return n < 0 ? -1 : n > 0;
}

int stage_await(struct stages *stages, enum stage stage, int pidfd, int timeout_ms)
{
	struct message message = { .stage = STAGE_BORN };
	int got = next_message(stages, &message, pidfd, timeout_ms);

	if (got < 0) {
		int saved = errno;
		sys_failure_set(saved, "stage_await", stage_name(stage),
				saved == ETIMEDOUT ? "The other side did not get there in time."
						   : NULL,
				NULL);
		errno = saved;
		return -1;
	}
	if (got == 0) {
		sys_failure_set(
			ECHILD, "stage_await", stage_name(stage),
			"The other process ended before it got to this stage, without a word.",
			"Run it with --explain to see its last call.");
		return -1;
	}
	if (message.stage == STAGE_FAILED) {
		sys_failure_adopt(&message.failure);
		errno = message.failure.err;
		return -1;
	}
	if (message.stage != stage) {
		sys_failure_set(EPROTO, "stage_await", stage_name(stage),
				"The other process is at another stage: parent and child disagree "
				"on the order.",
				NULL);
		return -1;
	}
	sys_trace_say("-- stage %s seen", stage_name(stage));
	return 0;
}

int stage_await_exec(struct stages *stages, int pidfd)
{
	struct message message = { .stage = STAGE_BORN };
	int got = next_message(stages, &message, pidfd, -1);

	if (got < 0)
		sys_failure_set(errno, "stage_await_exec", "the container's command", NULL, NULL);
	if (got > 0 && message.stage == STAGE_FAILED) {
		sys_failure_adopt(&message.failure);
		errno = message.failure.err;
		return -1;
	}
	return got < 0 ? -1 : 0;
}
