/*
 * capsule.c: an init and its command in a namespace, and a way to look at them from outside.
 */
#define _GNU_SOURCE
#include "capsule.h"
#include "observe.h"
#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <sched.h>
#include <signal.h>

static int be_init(void *arg)
{
	struct capsule *capsule = arg;
	struct init *init = &capsule->init;

	sys_trace_as("init");
	if (init_start(init) < 0)
		return EXIT_OURS;
	return capsule->serve(init) < 0 ? EXIT_OURS : init_status(init->status);
}

static void start(struct capsule *capsule, struct spawn *container, int (*number_one)(void *arg))
{
	*container = (struct spawn){ .flags = CLONE_NEWPID, .fn = number_one, .arg = capsule };
	capsule->ready = false;
	capsule->made = capsule->go = 0;
	if (spawn(container) < 0)
		fail_scene();
}

void start_container(struct capsule *capsule, struct spawn *container, int (*command)(void *arg))
{
	capsule->init =
		(struct init){ .fn = command, .arg = capsule, .terminal = -1, .grace_ms = 10000 };
	if (!capsule->serve)
		capsule->serve = init_serve;
	start(capsule, container, be_init);
}

void start_bare(struct capsule *capsule, struct spawn *container, int (*command)(void *arg))
{
	start(capsule, container, command);
}

void await_ready(struct capsule *capsule)
{
	for (long until = clock_ms() + 10000; !capsule->ready && clock_ms() < until;)
		nap_ms(1);
}

int ended_within(struct spawn *container, long ms)
{
	int status = -1;

	for (long until = clock_ms() + ms; clock_ms() < until; nap_ms(2))
		if (state_of(container->pid) == 'Z' || state_of(container->pid) == 0) {
			spawn_wait(container, &status);
			return status;
		}
	return -1;
}

void end_container(struct spawn *container)
{
	int status;

	kill(container->pid, SIGKILL);
	spawn_wait(container, &status);
}
