/*
 * notify.h: NOTIFY_SOCKET: a container's command tells a service manager that it is ready.
 *
 * The manager's socket is the host's, and no container gets it: it takes other words than "ready",
 * too (the number of the main process, a new state). The container gets a socket of the runtime's,
 * at /run/notify/notify.sock, and of what comes in there "READY=1" is handed on, once. Source:
 * sd_notify(3).
 */
#pragma once

#include "final/runtime/state/box.h"

/* All -1: nothing is to be told. */
struct notify {
	int from; /* the container's messages */
	int to;	  /* connected to the manager's socket */
};

/* In create, if the caller has NOTIFY_SOCKET: makes the directory of the socket in the container's
 * state directory, and adds to the spec a read-only bind mount of it and the variable. source: gets
 * the path of the directory, as long as the spec lives. Returns 0, or -1 with errno. */
int notify_add(const struct box *box, struct spec *spec, char source[PATH_MAX]);

/* In start, before the command runs, if the caller has NOTIFY_SOCKET and create had: makes the
 * container's socket and connects to the manager's. Returns 0, or -1 with errno, recorded:
 * ECONNREFUSED and ENOENT (no socket listens there), ENAMETOOLONG, EINVAL (no absolute path, and no
 * name that begins with @). */
int notify_open(const struct box *box, struct notify *notify);
void notify_close(struct notify *notify);

/* Reads one message, and hands "READY=1" on. pid: told as MAINPID, or 0. Returns 1: it was handed
 * on, and everything is closed; 0: it was something else; or -1 with errno of the manager's socket,
 * recorded. */
int notify_hand_on(struct notify *notify, pid_t pid);

/* Waits until the command is ready or the container has ended; at once where nothing is to be told.
 * Returns 0, or -1 with errno, recorded. */
int notify_wait(struct notify *notify, const struct box *box);
