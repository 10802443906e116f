/*
 * streams.h: input and output between the caller and a container.
 *
 * A container never gets the caller's terminal (console.h says why). With a terminal of its own the
 * bytes go through that one's master; without, through pipes, where the caller's descriptor is a
 * terminal. What is no terminal (a file, a pipe, a socket) was given by the caller's redirection
 * and is the container's as it is.
 *
 *	keyboard -> in  -> pipe or master -> descriptor 0
 *	screen   <- out <- pipe or master <- descriptors 1 and 2
 */
#pragma once

#include <stdbool.h>
#include <termios.h>

enum { STREAM_BLOCK = 4096 }; /* PIPE_BUF: after poll(2) a write of it does not block */

struct stream {
	int from, to; /* -1: closed */
	char block[STREAM_BLOCK];
	unsigned have, done; /* bytes in block, and how many of them are written */
};

struct streams {
	bool terminal;	/* the container has one of its own */
	int console[2]; /* the socket for its master: [0] ours, [1] the container's; -1: none */
	int stdio[3];	/* what the container gets as 0, 1, 2; -1: the caller's */
	int master;	/* -1 until streams_started() */
	struct stream in, out;
	bool raw; /* the caller's terminal passes every key on */
	struct termios before;
};

/* Nothing is open: what streams_close() takes before streams_open(). */
void streams_none(struct streams *streams);

/* terminal: 1 for -t, 0 for --tty=false, -1: not said, then as if -it where 0, 1 and 2 are
 * terminals. interactive: the same for -i: input is handed on; without it a container reads an end
 * of file where the caller's input is a terminal. Makes the pipes or the socket.
 * Returns 0, or -1 with errno and everything closed. */
int streams_open(struct streams *streams, int terminal, int interactive);

/* After the container's process has been made: closes its ends, receives the master and gives it
 * the size of the caller's terminal, or rows and columns where they are not 0.
 * Returns 0, or -1 with errno. */
int streams_started(struct streams *streams);

/* The caller's terminal in the foreground: keys are handed on one by one. Does nothing in the
 * background, where it would stop this process, and where there is no terminal. */
void streams_raw(struct streams *streams);

/* The terminal as it was. */
void streams_cooked(struct streams *streams);

/* The terminal's size, to the container's. */
void streams_resize(const struct streams *streams);

/* Is standard input no terminal, or are we in the foreground of that terminal? */
bool streams_in_foreground(void);

/* May the keyboard be read now? */
bool streams_may_read(const struct streams *streams);

/* Moves what can be moved without blocking: one read, one write. Returns false when this stream is
 * at its end and closed. */
bool stream_move(struct stream *stream, bool readable, bool writable);

void streams_close(struct streams *streams);
