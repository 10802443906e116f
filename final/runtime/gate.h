/*
 * gate.h: where a created container waits for `start`.
 *
 * create and start are different processes, and the container's process may wait for years between
 * them. It waits in a read(2) of the FIFO "start" in the container's state directory, which it has
 * inherited open for reading and writing, close-on-exec. Whether it still waits is asked of the
 * kernel, and stored nowhere: a FIFO without a reader cannot be opened for writing without blocking
 * (ENXIO).
 *
 * Beside it the file "failure" is open for writing: what goes wrong after the wait is written
 * there, since the process that made the container is gone.
 */
#pragma once

#include "step01_clone_pid/floor/call/sys.h"

#include <stdbool.h>

/* All -1: not open. */
struct gate {
	int wait;    /* the FIFO, O_RDWR */
	int failure; /* the file, O_WRONLY */
};

/* Makes both files in dir and opens them, close-on-exec. They must be new. Returns 0, or -1 with
 * errno and the failure record. */
int gate_make(int dir, struct gate *gate);
void gate_close(struct gate *gate);

/* In the container's process: waits for the byte of gate_open(). Returns 0, or -1 with errno. */
int gate_wait(const struct gate *gate);

/* In the container's process, after the wait: explains the failure record and stores it for the one
 * who waits in gate_open(). Keeps errno. */
void gate_fail(const struct gate *gate);

/* Does a process wait at the gate in dir? Returns 1 or 0, or -1 with errno, recorded. */
int gate_is_waited_at(int dir);

/* Lets the process go on and waits until it has called execve(2) or has ended: both close the FIFO.
 * Returns 0 when it has not stored a failure; -1 with errno: ENXIO (no process waits), or that of
 * the failure, which is adopted. Source: fifo(7), poll(2): POLLERR. */
int gate_open(int dir);
