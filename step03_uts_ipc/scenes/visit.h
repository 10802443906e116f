/*
 * visit.h: what it is like in there, asked from outside.
 *
 * A host name cannot be read through /proc/PID: one has to go in. A visitor is a
 * child that enters by setns(2), looks around and ends, so that the scene itself
 * never moves. The rest is for step 1's witnesses who have more than one cue.
 */
#pragma once

#include "step01_clone_pid/scenes/scenes.h"
#include "step02_mount_ns/scenes/scenes.h"

struct visit {
	int error;	       /* errno of setns(2); 0: it was in */
	struct ns_id uts, ipc; /* where the visitor stood then */
	char hostname[65];
};

/* Sends a visitor through fd, a descriptor of a PID/ns link or of what was bound from one, as
 * setns(fd, nstype). A refusal by setns is an answer, in *found; what else fails ends the scene. */
void visit(int fd, int nstype, struct visit *found);

/* The same for a path, with open(2)'s errno as error if there is nothing there. */
void visit_path(const char *path, int nstype, struct visit *found);

/* Lets a witness go on to its next witness_wait(); what fails in there ends the scene. */
void witness_cue(struct witness *witness);

/* Identity of a process's namespace (pid 0: the caller), or the scene fails. */
struct ns_id ns_of(pid_t pid, const char *name);

/* At most `width` bytes of text for a column, the cut shown: a host name may have 64. Static
 * buffers, four in turn. */
const char *clip(const char *text, int width);
