/*
 * sources.h: what is bound into a container with a user namespace of its own.
 *
 * Its root is somebody else outside, who may search no directory that is private to its owner: there
 * the runtime opens the sources, with its own rights. A process of its own does that, in the container's
 * mount namespace, since a descriptor that was opened in another cannot be bound (open_tree(2)), and
 * hands one after the other over a socket.
 */
#pragma once

#include "final/runtime/spec/spec.h"
#include "step01_clone_pid/clone_pid.h"

struct sources {
	int send,
		take; /* the socket's ends, -1: none, and the container's process opens them itself */
	struct spawn helper;
};

/* Before the container's process is made. Returns 0, or -1 with errno, recorded. */
int sources_make(const struct spec *spec, struct sources *sources);

/* In the runtime, when the process is there: starts the helper. procfd: of /proc. Returns 0, or -1
 * with errno, recorded. */
int sources_send(struct sources *sources, const struct spec *spec, const char *bundle, int procfd,
		 pid_t pid);

/* In the runtime, in the end: no helper is left, and no socket. */
void sources_end(struct sources *sources);

/* In the container's process. The source of a bind mount: as handed over, or opened here, as a relative
 * one from the bundle on. Asked for in the order of the list, of the same mount as often as one
 * likes. Returns a descriptor (O_PATH), or -1 with errno, recorded. */
int sources_take(const struct sources *sources, const struct spec_mount *mount, const char *bundle);
