/*
 * capsule.h: a small container around our init, for the scenes.
 */
#pragma once

#include "step08_init_reaper/init_reaper.h"
#include "step01_clone_pid/clone_pid.h"

/* Shared by the scene, the init and its command. */
struct capsule {
	struct init init;
	int (*serve)(struct init *init); /* init_serve(), or what a break has in its place */
	volatile int made, go;		 /* for the command: how far it is, how far it may go */
	volatile bool ready;
};

/* Starts a PID namespace whose number 1 is our init, with command as its main command. Ends the
 * scene where that fails. */
void start_container(struct capsule *capsule, struct spawn *container, int (*command)(void *arg));

/* Starts one whose number 1 is the command itself. */
void start_bare(struct capsule *capsule, struct spawn *container, int (*command)(void *arg));

/* Waits until the command has set ready. */
void await_ready(struct capsule *capsule);

/* Waits for the end of the container, so long at most. Returns its status, or -1: it lives. */
int ended_within(struct spawn *container, long ms);

/* kill -9 from outside. */
void end_container(struct spawn *container);
