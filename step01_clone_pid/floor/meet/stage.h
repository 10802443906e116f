/*
 * stage.h: where parent and child meet. The enum is a container's life-cycle diagram. (MOUNTED and
 * later ones are minibox's: a step's `-- CMD` goes on to execve by itself.)
 *
 *	parent                                   child
 *	  clone ------------------------------->  STAGE_BORN
 *	  writes the id maps, STAGE_MAPPED ---->  (has ids now)
 *	  makes its links,    STAGE_LINKED ---->  (has a network now)
 *	  <-------------------------------------  STAGE_READY    all set up, exec is next
 *	  STAGE_START ------------------------->  execve
 *	  <------------------ end of file ------  (close on exec: it runs)
 *
 * A SOCK_SEQPACKET pair carries a stage a message. Each side closes the other's
 * end first, and a wait ends with the other side's death, so nobody waits for
 * the dead. A child that fails hands its failure record up and the parent's
 * wait returns it: nothing dies in silence.
 */
#pragma once

#include "step01_clone_pid/floor/call/sys.h"

#include <stdbool.h>

enum stage {
	STAGE_BORN,
	STAGE_MAPPED,
	STAGE_LINKED,
	STAGE_MOUNTED,
	STAGE_HOOKED,
	STAGE_READY,
	STAGE_START,
	STAGE_FAILED, /* carries a struct failure */
};

const char *stage_name(enum stage stage);

/* All zero is valid: no end is open. Otherwise stage_close() would close descriptor 0. */
struct stages {
	bool open[2]; /* [0] the parent's end, [1] the child's */
	int end[2];   /* their descriptors while open, close-on-exec; else they mean nothing */
	/* Set by a child whose system call filter may refuse what is for sockets: read(2) and
	 * write(2) alone. SIGPIPE must be ignored there. */
	bool plain;
};

/* Makes the pair. Returns 0, or -1 with errno of socketpair(2). */
int stage_open(struct stages *stages);

/* First thing after clone, in the parent and in the child: closes the other's end.
 * stage_child() returns the child's end, for inherit_close() to keep; -1: it is not open. */
void stage_parent(struct stages *stages);
int stage_child(struct stages *stages);

/* Says to the other side: here I am. Returns 0, or -1: the failure is in sys_failure() and errno is
 * its errno: the other side's own, if it has sent one; EPIPE if it is gone without a word. */
int stage_reach(struct stages *stages, enum stage stage);

/* Waits until the other side reaches that stage. pidfd: the child's when the parent waits, so that
 * its death ends the wait even while another process holds the socket; -1 in the child. timeout_ms:
 * -1 for ever. Returns 0, or -1: its failure is adopted (sys_failure) and errno is its errno;
 * ECHILD if it died without a word; EPROTO if it is at another stage; ETIMEDOUT. */
int stage_await(struct stages *stages, enum stage stage, int pidfd, int timeout_ms);

/* The child gives up: explains its failure record in its own place and hands it over. Always
 * returns -1, errno kept. */
int stage_fail(struct stages *stages);

/* For the parent: waits for the child's execve, which closes its end. 0: it runs (or has left
 * without a failure); -1: its failure, adopted. */
int stage_await_exec(struct stages *stages, int pidfd);

/* Closes what is open of the two ends. */
void stage_close(struct stages *stages);
