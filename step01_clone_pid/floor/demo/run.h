/*
 * run.h: `stepNN -- CMD...`, the part that is the same in every step.
 *
 * stepNN_run(), in the step's run.c, is called twice: in the parent (run->inside false), where it
 * makes the child with run_spawn(), and in the child (inside true), where it builds the container
 * and ends in run_exec(). One function, both sides, so that `make grow` can show what each step
 * adds.
 */
#pragma once

#include "step01_clone_pid/floor/meet/stage.h"
#include "step01_clone_pid/clone_pid.h"

struct run {
	char **argv;	      /* the command */
	bool inside;	      /* we are the child */
	bool terminal;	      /* descriptor 0 is a terminal and ours to hand on */
	const char *hostname; /* -h NAME (from step 3 on), or NULL */
	const char *cpu, *memory,
		*pids;	      /* --cpu 20% --memory 64m --pids 32 (from step 5 on), or NULL */
	const char **volumes; /* -v ... (from step 7 on), ends with NULL */
	struct stages stages; /* from step 4 on, parent and child meet */
	struct spawn child;   /* made by run_spawn */
	uid_t uid, gid;	      /* who we are outside */
	bool self_map;	      /* the child writes its own one-id map; false where the step asked for
				 CLONE_NEWUSER itself */
	void *own;	      /* a step's own state */
	int (*step)(struct run *run);
};

/* Makes the child in these new namespaces (and a user namespace where that is needed), running
 * run->step with inside set. A rootless child has its one-id map before step is called, unless
 * namespaces has CLONE_NEWUSER: then the maps are the caller's to write (step 4).
 * The stages are open on both sides. Returns 0, or -1 with errno. */
int run_spawn(struct run *run, int namespaces);

/* In the child: replaces it by the command; PATH is searched. Returns only on failure: -1 with
 * errno (ENOENT: 127, others: 126). */
int run_exec(struct run *run);

/* In the parent: waits for the exec and then for the end. Returns the exit status as docker does:
 * the command's, 128 + signal, 127 not found, 126 not executable, 125 for our own failure
 * (printed).
 * SIGTERM goes to the command if that listens to it; PID 1 without a handler, from which the kernel
 * would keep it, is killed: 143. Another one, a second later, ends all in any case. */
int run_wait(struct run *run);

/* The order of calls of each step, in its run.c: 0 or more is the exit status, from the parent; -1
 * with the failure recorded. A step's program links its own. */
int step01_run(struct run *run);
int step02_run(struct run *run);
int step03_run(struct run *run);
int step04_run(struct run *run);
int step05_run(struct run *run);
int step06_run(struct run *run);
int step07_run(struct run *run);
int step08_run(struct run *run);
