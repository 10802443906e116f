/*
 * attendance.h: what the parts of attend.c share: signals to the container, and bytes both ways.
 */
#pragma once

#include "streams.h"

#include "final/runtime/launch.h"

enum { ATTEND_GRACE_MS = 10000, ATTEND_SAME_MS = 1000 };

struct attendance {
	struct container *container;
	struct streams *streams;
	bool is_init;	  /* it is PID 1 of its namespace, to which the rules of step 8 apply */
	bool hinted;	  /* the user was told how to kill a PID 1 that is deaf to Ctrl-C */
	bool ended;	  /* PID 1 is dead; what is left is its output */
	bool in_line;	  /* the input so far does not end in a whole line */
	int output_error; /* errno of the first write of output that failed; 0: none */
	long term_at;	  /* when the first SIGTERM came; 0: none */
	long kill_at;	  /* when to kill after a hang-up; 0: never */
};

/* To the container's process. */
void attend_send(const struct attendance *a, int signal_number);

/* Would this signal reach the command? The kernel drops one without a handler for PID 1. */
bool attend_hears(const struct attendance *a, int signal_number);
bool attend_is_init(pid_t pid);

/* A signal that has come for us. */
void attend_on_signal(struct attendance *a, int signal_number);

/* Ctrl-C from the keyboard, or SIGINT, SIGQUIT. */
void attend_interrupt(struct attendance *a, int signal_number);

/* The terminal is gone. */
void attend_hang_up(struct attendance *a);

/* One step of each direction, after poll(2). */
void attend_move_in(struct attendance *a, bool readable, bool writable);
void attend_move_out(struct attendance *a, bool readable, bool writable);

/* No more output is read. */
void attend_close_out(struct streams *streams);
