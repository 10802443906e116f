/*
 * pause_process.h: the process that holds a pod's namespaces (given).
 *
 * A namespace lives as long as a process is in it. The containers of a pod come and
 * go; this one does nothing, for as long as the pod lives, so that they can all
 * join the same network, IPC and UTS namespace, and PID namespace if that is asked for.
 */
#pragma once

#include "step01_clone_pid/clone_pid.h"

/* What the pause process does: nothing, until SIGTERM or SIGINT, on which it returns 0. Meanwhile
 * it waits for every child that it gets: with a PID namespace it is the pod's PID 1, and all
 * orphans of all containers are its. Fits struct spawn's fn; arg is not used. */
int pause_run(void *arg);

/* Starts a pause process with these namespaces (CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS,
 * CLONE_NEWPID, CLONE_NEWUSER) new. Comes back when it is in place: signals answered for, lo up
 * where it has a network of its own, and with CLONE_NEWUSER its one-id map written. Fills
 * pause->pid and pause->pidfd; end it by SIGTERM and spawn_wait(). Returns 0, or -1 with errno as
 * spawn(). */
int pause_start(struct spawn *pause, int namespaces);
