/*
 * attend.h: waiting for a container in the foreground.
 */
#pragma once

#include "streams.h"

#include "final/runtime/launch.h"

/* Signals that mean the container wait from now on, blocked, until attend() reads them; all others
 * get their default action, whatever the caller had set. A hang-up or a Ctrl-C that the caller
 * ignores (nohup, "&" in a script) is not among them. Returns a descriptor for attend(), or -1 with
 * errno. Source: signalfd(2). */
int attend_signals(void);

/* From the start of the container to its end: moves input and output, and hands signals on.
 * SIGTERM, SIGINT, SIGQUIT, SIGUSR1 and SIGUSR2 go to PID 1. The kernel drops them for a PID 1
 * without a handler; then SIGTERM becomes SIGKILL, and a second Ctrl-C kills after a hint. When the
 * terminal hangs up, the container is told, and killed after ten seconds. Returns 0 with the exit
 * status as a shell has it, or -1 with errno. */
int attend(struct container *container, struct streams *streams, int signals, int *status);
