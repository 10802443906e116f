/*
 * scenes.h: step 1's experiments, by file.
 */
#pragma once

#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/stage.h"

/* pid.c: numbers */
void scene_pid_one(void);
void scene_half_an_illusion(void);
void scene_unshare_setns(void);
void scene_nested(void);

/* family.c: life, death and signals */
void scene_init_dies(void);
void scene_one_process(void);
void scene_signal_the_host(void);

/* kernel.c: what a process is, and whose kernel it runs on */
void scene_program(void);
void scene_same_kernel(void);

/* witness.c: a child that does something, tells what it saw, and waits to be looked at. */
struct witness {
	struct spawn child;
	struct stages stages;
	int (*act)(struct witness
			   *self); /* runs in the child before it waits; 0, or -1 for a failure */
	void *arg;
	struct seen { /* shared with the child */
		pid_t pid, ppid, other;
		int count, err;
		double figure;
		char text[256];
	} * seen;
};

/* Makes the child in these namespaces and returns when it has acted and waits. A failure ends the
 * scene. */
void witness_start(struct witness *self, int flags, int (*action)(struct witness *self), void *arg);

/* Lets it go and returns its exit status. */
int witness_end(struct witness *self);

/* Inside of a witness's action: acted so far; waits until the parent lets it go on. 0, or -1: the
 * parent is gone. */
int witness_wait(struct witness *self);

/* In a forked child: it dies with its parent, whoever kills that. (The guard sees to it as well,
 * unless it is killed in the same moment.) */
void die_with(pid_t parent);

/* Before anything is entered or written by the number of a child that is not a witness: the host's
 * /proc shows it by that number, or the scene fails. */
void must_show(const struct spawn *child);

/* The descriptor of the host's /proc, opened once. */
int host_proc(void);

/* How many processes of the host's /proc are in that PID namespace; their numbers into pids (up to
 * max). */
int processes_in(struct ns_id ns, pid_t pids[], int max);

/* The PID namespace of a process, or the scene fails. */
struct ns_id pid_ns_of(pid_t pid);
