/*
 * console.h: a terminal of the container's own.
 *
 * The caller's terminal stays outside: a process that has it open could type into it (TIOCSTI), and
 * what it typed would be read by the shell after the container. The container gets the slave of a
 * pseudo-terminal from its own devpts; the master goes to the caller over a socket, as the OCI
 * runtimes' --console-socket has it.
 */
#pragma once

#include "final/runtime/spec/spec.h"

#include <stdbool.h>

/* In the container, after pivot_root, with devpts mounted at /dev/pts: makes a pseudo-terminal
 * of the size that the process has asked for, owned by its user, with mode 0620; with bind:
 * binds its slave on /dev/console (the first process's; exec's would cover it); sends its master
 * over socket, and makes the slave descriptors 0, 1 and 2. The socket stays the caller's.
 * Returns 0, or -1 with errno: ENOENT (no /dev/pts/ptmx), ENOTTY (it is not devpts), ENOSPC (no
 * more terminals), EEXIST (the image has something else at /dev/console). Source: pty(7),
 * TIOCGPTPEER and TIOCSWINSZ in ioctl_tty(2); devpts.rst. */
int console_take(int socket, const struct spec_process *process, bool bind);

/* The caller becomes the leader of a new session, which has descriptor 0 as its terminal if that is
 * one and terminal is true. Returns 0, or -1 with errno. Source: setsid(2), TIOCSCTTY in
 * ioctl_tty(2). */
int console_session(bool terminal);

/* Sends a descriptor over a socket; what it is, for the failure record. Returns 0, or -1 with
 * errno. Source: SCM_RIGHTS in unix(7). */
int console_send(int socket, int fd, const char *what);

/* Outside: receives the master. Returns its descriptor (close-on-exec; the caller closes it), or -1
 * with errno: ECONNRESET (the other side closed without sending one).
 * Source: SCM_RIGHTS in unix(7). */
int console_receive(int socket);
