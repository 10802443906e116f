/*
 * attend_bytes.c: input to a container in the foreground, and its output.
 */
#define _GNU_SOURCE
#include "attendance.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Ctrl-C for a PID 1 that does not hear it: the terminal's driver would send a signal that the
 * kernel drops. Only where PID 1 itself is in that terminal's foreground. */
static void look_for_interrupt(struct attendance *a)
{
	const struct stream *in = &a->streams->in;
	struct termios theirs;

	if (a->streams->master < 0 || tcgetattr(a->streams->master, &theirs) < 0 ||
	    !(theirs.c_lflag & ISIG) || !memchr(in->block, theirs.c_cc[VINTR], in->have) ||
	    tcgetpgrp(a->streams->master) != a->container->process.pid)
		return;
	if (!attend_hears(a, SIGINT))
		attend_interrupt(a, SIGINT);
}

/* Where does a line of the container's terminal stand after what has been read? */
static void look_for_line_end(struct attendance *a)
{
	const struct stream *in = &a->streams->in;
	struct termios theirs;

	if (!in->have || a->streams->master < 0 || tcgetattr(a->streams->master, &theirs) < 0)
		return;
	char last = in->block[in->have - 1];
	a->in_line = last != '\n' && !(last == '\r' && (theirs.c_iflag & ICRNL)) &&
		     last != (char)theirs.c_cc[VEOF];
}

/* A terminal is told by the byte that means it. In the middle of a line the first one only hands
 * over what there is of it: the reader gets that, and reads on. */
static void type_end_of_file(struct attendance *a)
{
	struct stream *in = &a->streams->in;
	struct termios theirs;

	in->have = in->done = 0;
	if (tcgetattr(a->streams->master, &theirs) < 0)
		return;
	in->block[in->have++] = (char)theirs.c_cc[VEOF];
	if (a->in_line && (theirs.c_lflag & ICANON))
		in->block[in->have++] = (char)theirs.c_cc[VEOF];
}

/* The end of input. A pipe is closed. */
static void end_input(struct attendance *a)
{
	struct streams *s = a->streams;

	if (s->terminal) {
		type_end_of_file(a);
	} else {
		close(s->in.to);
		s->in.to = -1;
	}
	/* At a terminal an end of file is a key, unless the terminal itself is gone. */
	struct pollfd keyboard = { .fd = 0 };
	bool gone = isatty(0) && poll(&keyboard, 1, 0) > 0 && (keyboard.revents & POLLHUP);
	s->in.from = -1;
	if (gone)
		attend_hang_up(a);
}

void attend_move_in(struct attendance *a, bool readable, bool writable)
{
	struct stream *in = &a->streams->in;
	bool empty = in->have == in->done;

	if (!stream_move(in, readable, false)) {
		end_input(a); /* what is still to be written waits for POLLOUT */
		return;
	}
	if (empty && in->have > in->done) {
		look_for_interrupt(a);
		look_for_line_end(a);
	}
	if (!stream_move(in, false, writable || empty)) { /* it has closed its input */
		in->from = -1;
		in->have = in->done = 0;
	}
}

void attend_close_out(struct streams *s)
{
	if (s->out.from >= 0 && s->out.from != s->master)
		close(s->out.from);
	s->out.from = -1;
}

/* What cannot be written is thrown away, or the container would wait for ever; its command hears of
 * it as a program does whose terminal is gone. */
static void lose_output(struct attendance *a, int error)
{
	struct stream *out = &a->streams->out;

	out->have = out->done = 0;
	if (!a->output_error)
		a->output_error = error;
	if (!a->ended)
		attend_hang_up(a);
}

void attend_move_out(struct attendance *a, bool readable, bool writable)
{
	struct stream *out = &a->streams->out;

	if (stream_move(out, readable, writable))
		return;
	if (out->have > out->done)
		lose_output(a, errno);
	else
		attend_close_out(a->streams);
}
