/*
 * states.c: the letters of ps; proc_pid_stat(5), field 3.
 */
#define _GNU_SOURCE
#include "observe.h"
#include "scenes.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step01_clone_pid/scenes/scenes.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void spin(void)
{
	for (volatile unsigned long turns = 0;; turns++)
		;
}

static void sleeps(void)
{
	sleep_for_ever();
}

static int vforked(void *arg)
{
	(void)arg;
	sleep_for_ever();
}

/* vfork lends the parent's memory to the child, and the parent waits, uninterruptibly, until it has
 * it back. By clone, with a stack for the child, so that nothing of ours is trodden on. */
static void wait_for_vfork(void)
{
	enum { STACK = 64 * 1024 };
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (stack != MAP_FAILED)
		clone(vforked, stack + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
}

static void die(void)
{
	_exit(0);
}

static void stop(void)
{
	raise(SIGSTOP);
}

static pid_t make(void (*fn)(void))
{
	pid_t pid = scene_fork();

	if (pid == 0) {
		fn();
		_exit(0);
	}
	if (pid < 0)
		fail_scene();
	return pid;
}

/* A kernel thread that has nothing to do; found, for nobody can make one. */
static int is_idle_kernel_thread(pid_t pid, void *arg)
{
	struct proc_stat *stat = arg;

	return proc_stat_read(host_proc(), pid, stat) == 0 && stat->state == 'I';
}

/* ---- D and the load ---- */

enum { WAITERS = 60, MOST_WAITERS = 260 };

static double load_average(void)
{
	char text[64];

	return read_file_at(host_proc(), "loadavg", text, sizeof(text)) > 0 ? strtod(text, NULL)
									    : -1;
}

static void end(pid_t parent)
{
	struct proc_stat child = { 0 };

	/* A SIGKILL ends even this D (it is a "killable" one); its child keeps the memory until it
	 * ends too. */
	if (children_of(parent, &child, 1) == 1)
		kill(child.pid, SIGKILL);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
}

/* Processes in D use no CPU; the load rises all the same, because Linux counts them. */
static void load_of_the_waiting(void)
{
	pid_t waiters[MOST_WAITERS];
	double before = load_average(), after = before;
	/* The load goes towards the number of those who run or wait in D. On a host that was busy
	 * it may be on its way down, so they have to be 60 more than it is now. */
	int count = WAITERS + (int)before;

	count = count > MOST_WAITERS ? MOST_WAITERS : count;
	for (int i = 0; i < count; i++)
		waiters[i] = make(wait_for_vfork);
	/* The kernel takes a sample every 5 s: two of them at most. */
	for (long until = clock_ms() + 11000; after < before + 2 && clock_ms() < until;
	     after = load_average())
		nap_ms(100);
	row("load", "%.2f; with %d processes in D: %.2f", before, count, after);
	for (int i = 0; i < count; i++)
		end(waiters[i]);
	value("load_before", "%.2f", before);
	value("load_after", "%.2f", after);
	check(after >= before + 2, "the load should rise by 2 or more, from %.2f to %.2f", before,
	      after);
	verdict("R S D Z T as made, I as found; load %.2f -> %.2f by waiting", before, after);
}

void scene_states(void)
{
	static const struct {
		char state;
		const char *how;
		void (*fn)(void);
	} states[] = {
		{ 'R', "runs, or would if there were a CPU: an endless loop", spin },
		{ 'S', "sleeps until something happens, a signal too: pause()", sleeps },
		{ 'D', "waits and will not be disturbed: a vfork()ed parent", wait_for_vfork },
		{ 'T', "stopped: SIGSTOP; goes on with SIGCONT", stop },
		{ 'Z', "dead, not waited for", die },
	};
	struct proc_stat idle = { 0 };

	act("PID        STATE");
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		pid_t pid = make(states[i].fn);
		bool there = await_state(pid, states[i].state);
		evidence("%-11d%c  %s", pid, state_of(pid), states[i].how);
		check(there, "PID %d should be in state %c, is in %c", pid, states[i].state,
		      state_of(pid));
		end(pid);
	}
	if (proc_each(host_proc(), is_idle_kernel_thread, &idle))
		evidence("%-11dI  idle kernel thread: %.20s, waits and is no load", idle.pid,
			 idle.comm);
	else
		say("           I  idle kernel thread: none to be seen here");
	value("idle", "%d", idle.pid);

	act(NULL);
	load_of_the_waiting();
}
