/*
 * streams.c: pipes, a pseudo-terminal, and the bytes between.
 */
#define _GNU_SOURCE
#include "streams.h"

#include "final/runtime/inside/console.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The pipe's end that stays here must not block us: the caller of poll(2) has more to do. */
static int make_pipe(int *theirs, int *ours, bool we_read)
{
	int ends[2] = { -1, -1 };

	if (SYS(pipe2(ends, O_CLOEXEC), "a container's pipe") < 0)
		return -1;
	*ours = ends[we_read ? 0 : 1];
	*theirs = ends[we_read ? 1 : 0];
	return SYS(fcntl(*ours, F_SETFL, O_NONBLOCK), "a container's pipe");
}

static int without_terminal(struct streams *s, bool interactive)
{
	if (isatty(0) && interactive) {
		if (make_pipe(&s->stdio[0], &s->in.to, false) < 0)
			return -1;
		s->in.from = 0;
	} else if (isatty(0)) {
		s->stdio[0] = SYS(open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null");
		if (s->stdio[0] < 0)
			return -1;
	}
	/* One pipe for both, where both end on a terminal: their order stays. */
	for (int fd = 1; fd <= 2; fd++) {
		if (!isatty(fd))
			continue;
		if (s->out.from < 0 && make_pipe(&s->stdio[fd], &s->out.from, true) < 0)
			return -1;
		else if (s->stdio[fd] < 0)
			s->stdio[fd] = s->stdio[1];
		s->out.to = s->out.to < 0 ? fd : s->out.to;
	}
	return 0;
}

void streams_none(struct streams *s)
{
	*s = (struct streams){ .console = { -1, -1 },
			       .stdio = { -1, -1, -1 },
			       .master = -1,
			       .in = { .from = -1, .to = -1 },
			       .out = { .from = -1, .to = -1 } };
}

int streams_open(struct streams *s, int terminal, int interactive)
{
	bool person = isatty(0) && isatty(1) && isatty(2);

	streams_none(s);
	s->terminal = terminal < 0 ? person : terminal;
	if (interactive < 0)
		interactive = terminal < 0 && person;
	int result = s->terminal
			     ? SYS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->console),
				   "the terminal's socket")
			     : without_terminal(s, interactive);
	if (s->terminal && interactive)
		s->in.from = 0;
	if (result < 0) {
		int saved = errno;
		streams_close(s);
		errno = saved;
	}
	return result;
}

/* Which of the caller's descriptors is a terminal whose size counts; -1: none. */
static int sized_terminal(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (isatty(fd))
			return fd;
	return -1;
}

void streams_resize(const struct streams *s)
{
	struct winsize size;
	int from = sized_terminal();

	if (s->master >= 0 && from >= 0 && ioctl(from, TIOCGWINSZ, &size) == 0)
		ioctl(s->master, TIOCSWINSZ, &size);
}

int streams_started(struct streams *s)
{
	for (int fd = 2; fd >= 0; fd--) {
		if (fd == 2 && s->stdio[2] == s->stdio[1])
			s->stdio[2] = -1;
		close_one(&s->stdio[fd]);
	}
	close_one(&s->console[1]);
	if (!s->terminal)
		return 0;
	s->master = console_receive(s->console[0]);
	close_one(&s->console[0]);
	if (s->master < 0 || SYS(fcntl(s->master, F_SETFL, O_RDWR | O_NONBLOCK), "terminal") < 0)
		return -1;
	s->out.from = s->master;
	s->out.to = 1;
	if (s->in.from >= 0)
		s->in.to = s->master;
	streams_resize(s);
	return 0;
}

static bool in_foreground(void)
{
	return tcgetpgrp(0) == getpgrp();
}

bool streams_in_foreground(void)
{
	return !isatty(0) || in_foreground();
}

void streams_raw(struct streams *s)
{
	struct termios raw;

	if (!s->terminal || s->in.from < 0 || !isatty(0) || !in_foreground())
		return;
	if (!s->raw && tcgetattr(0, &s->before) < 0)
		return;
	raw = s->before;
	cfmakeraw(&raw);
	s->raw = tcsetattr(0, TCSADRAIN, &raw) == 0;
}

void streams_cooked(struct streams *s)
{
	if (s->raw && in_foreground())
		tcsetattr(0, TCSADRAIN, &s->before);
	s->raw = false;
}

bool streams_may_read(const struct streams *s)
{
	return s->in.from >= 0 && s->in.have == s->in.done && streams_in_foreground();
}

static bool again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

bool stream_move(struct stream *s, bool readable, bool writable)
{
	if (readable && s->have == s->done) {
		ssize_t n = read(s->from, s->block, sizeof(s->block));
		if (n == 0 || (n < 0 && !again()))
			return false; /* EIO: the last process has closed its terminal */
		s->done = 0;
		s->have = n > 0 ? (unsigned)n : 0;
	}
	if (writable && s->have > s->done) {
		ssize_t n = write(s->to, s->block + s->done, s->have - s->done);
		if (n < 0 && !again())
			return false;
		s->done += n > 0 ? (unsigned)n : 0;
	}
	return true;
}

void streams_close(struct streams *s)
{
	streams_cooked(s);
	for (int fd = 2; fd >= 0; fd--) {
		if (fd == 2 && s->stdio[2] == s->stdio[1])
			s->stdio[2] = -1;
		close_one(&s->stdio[fd]);
	}
	close_one(&s->console[0]);
	close_one(&s->console[1]);
	if (s->in.to != s->master)
		close_one(&s->in.to);
	if (s->out.from != s->master)
		close_one(&s->out.from);
	close_one(&s->master);
	s->in = s->out = (struct stream){ .from = -1, .to = -1 };
}
