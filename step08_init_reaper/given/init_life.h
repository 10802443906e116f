/*
 * init_life.h: a process becomes an init, from the start of its command to its own exit status
 * (given). minibox --init, `-- CMD` and `step08_init_reaper init CMD` are this.
 */
#pragma once

#include <stdbool.h>

struct init_life {
	int (*fn)(void *arg); /* the main command, as in struct init */
	void *arg;	      /* of both functions */

	/* Descriptor 0 is the terminal of the session that the caller is in, and the caller's group
	 * is its foreground. The command's group becomes the foreground instead, so that Ctrl-C
	 * reaches the command. */
	bool foreground;

	/* The init leaves the session, and the command starts after that. The command's group is an
	 * orphaned one then: no key and no read of the terminal from the background stops it (the
	 * read fails with EIO). Below an init no shell could wake it again. */
	bool leaves_session;

	/* Called in the init when the command has been started. May be NULL. */
	void (*started)(void *arg);
};

/* Becomes the init of the command. Signals that usually end a program get a handler here, unless
 * they are ignored, because /proc/PID/status shows handlers: another process can see that this PID
 * 1 hears them. execve(2) takes the handlers from the command.
 * Returns the exit status for this process: the command's, as init_status() has it; or 125: the
 * init itself failed. -1 with errno, recorded: the command could not be started, and no
 * descriptor is left of the attempt. */
int init_live(const struct init_life *life);
