/*
 * init.c: what our init does, and what a command as PID 1 does not.
 */
#define _GNU_SOURCE
#include "capsule.h"
#include "observe.h"
#include "orphans.h"
#include "scenes.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step01_clone_pid/scenes/scenes.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- reaper ---- */

enum { ORPHANS = 10000, FEWER = 2000, BATCH = 100, STATUS = 42 };

static int abandon_children(void *arg)
{
	struct capsule *capsule = arg;
	int all = broken("loop") ? FEWER : ORPHANS;

	for (int made = 0; made < all; made += BATCH) {
		if (make_orphans_at_once(BATCH) < 0)
			return 1;
		capsule->made = made + BATCH;
		while (capsule->made % (all / 4) == 0 && capsule->go < capsule->made)
			nap_ms(1);
	}
	return STATUS;
}

/* init_serve() as people write it who think that signals queue: one wait for one SIGCHLD. */
static int serve_without_loop(struct init *init)
{
	while (!init->ended) {
		int status;
		if (sigwaitinfo(&init->watched, NULL) != SIGCHLD)
			continue;
		pid_t pid = waitpid(-1, &status, WNOHANG);
		init->reaped += pid > 0;
		if (pid == init->main) {
			init->ended = true;
			init->status = status;
		}
	}
	return 0;
}

/* Looks when the main command has made so many and pauses; a reaper that works has none left a
 * moment later. */
static int count_zombies_at(pid_t init, struct capsule *capsule, int made)
{
	int zombies = -1;

	while (capsule->made < made && state_of(init) != 'Z')
		nap_ms(1);
	/* Those that live and those that are just dying are no zombies yet: wait until only the
	 * main command is left; where it leaves zombies, half a second. */
	for (long until = clock_ms() + (broken("loop") ? 500 : 10000); clock_ms() < until;) {
		zombies = zombie_children(init);
		if (zombies == 0 && children_of(init, NULL, 0) == 1)
			break;
		nap_ms(2);
	}
	return zombies;
}

void scene_reaper(void)
{
	struct capsule *capsule = shared_notes(sizeof(*capsule));
	struct spawn container;
	int all = broken("loop") ? FEWER : ORPHANS, zombies = 0, status = -1;
	long start = clock_ms();

	act("PID 1 is our init; its command makes orphans, %d at a time.", BATCH);
	if (broken("loop"))
		capsule->serve = serve_without_loop;
	start_container(capsule, &container, abandon_children);
	say("%10s%14s%20s", "ORPHANS", "ZOMBIES NOW", "init's PID");
	for (int quarter = 1; quarter <= 4; quarter++) {
		zombies = count_zombies_at(container.pid, capsule, all / 4 * quarter);
		evidence("%10d%14d%20d", all / 4 * quarter, zombies, container.pid);
		if (!broken("loop"))
			check(zombies == 0, "%d zombies after %d orphans", zombies, capsule->made);
		if (quarter == 4 && broken("loop"))
			break;
		capsule->go = all / 4 * quarter;
	}
	if (broken("loop")) {
		value("zombies", "%d", zombies);
		say("SIGCHLD is one bit: 100 deaths, a few signals, a few waits.");
		check(zombies > all / 10, "most orphans should be zombies, %d are", zombies);
		verdict("%d of %d are zombies: one wait a signal is not enough", zombies, all);
		kill(container.pid, SIGKILL);
		spawn_wait(&container, &status);
		return;
	}
	spawn_wait(&container, &status);
	long ms = clock_ms() - start;
	say("The command returns %d; init has reaped %lu, and returns %d.", STATUS,
	    capsule->init.reaped, status);
	value("zombies", "%d", zombies);
	value("reaped", "%lu", capsule->init.reaped);
	value("status", "%d", status);
	value("ms", "%ld", ms);
	/* The orphans, their parents (waited for by the command itself) apart, and the command. */
	check(capsule->init.reaped == (unsigned long)ORPHANS + 1, "%d should be reaped, %lu are",
	      ORPHANS + 1, capsule->init.reaped);
	check(status == STATUS, "the command's status %d should come out, it is %d", STATUS,
	      status);
	verdict("%d orphans, 0 zombies, status %d, %ld.%ld s", ORPHANS, status, ms / 1000,
		ms % 1000 / 100);
}

/* ---- signals ---- */

static int deaf(void *arg)
{
	((struct capsule *)arg)->ready = true;
	sleep_for_ever();
}

static int command(void *arg)
{
	struct capsule *capsule = arg;

	if (broken("mask")) /* as if init_start() had not put the caller's mask back */
		sigprocmask(SIG_BLOCK, &capsule->init.watched, NULL);
	capsule->ready = true;
	sleep_for_ever();
}

static void read_status_line(pid_t pid, const char *key, char *out, size_t size)
{
	out[0] = '\0';
	proc_status_value(host_proc(), pid, key, out, size);
}

static pid_t host_number_of_main(pid_t init)
{
	struct proc_stat main = { 0 };

	children_of(init, &main, 1);
	return main.pid;
}

static void without_init(struct capsule *capsule)
{
	struct spawn alone;
	char caught[32];

	start_bare(capsule, &alone, deaf);
	await_ready(capsule);
	read_status_line(alone.pid, "SigCgt", caught, sizeof(caught));
	show("kill -TERM %d; sleep 0.3; grep -E 'State|SigCgt' /proc/%d/status", alone.pid,
	     alone.pid);
	SYS(kill(alone.pid, SIGTERM), alone.pid);
	int status = ended_within(&alone, 300);
	evidence("State:  %c   SigCgt: %s   no handler: dropped",
		 status < 0 ? state_of(alone.pid) : 'Z', caught);
	value("alone_state", "%c", state_of(alone.pid));
	check(status < 0, "PID 1 without a handler should not notice TERM, it ended with %d",
	      status);
	if (status < 0)
		end_container(&alone);
}

void scene_signals(void)
{
	struct capsule *capsule = shared_notes(sizeof(*capsule));
	struct spawn container;
	char pending[32], mask[32];

	act("A command that has no handler for TERM is PID 1 itself:");
	without_init(capsule);

	act("The same command as the child of our init:");
	start_container(capsule, &container, command);
	await_ready(capsule);
	pid_t main = host_number_of_main(container.pid);
	read_status_line(main, "SigBlk", mask, sizeof(mask));
	row("init", "PID %d, 1 inside", container.pid);
	row("command", "PID %d, %d inside   SigBlk %s", main, number_inside(main), mask);
	show("kill -TERM %d", container.pid);
	SYS(kill(container.pid, SIGTERM), container.pid);
	int status = ended_within(&container, broken("mask") ? 300 : 10000);
	value("mask", "%s", mask);
	value("status", "%d", status);
	if (broken("mask")) {
		for (long until = clock_ms() + 10000; clock_ms() < until; nap_ms(2)) {
			read_status_line(main, "ShdPnd", pending, sizeof(pending));
			if (strtoull(pending, NULL, 16)) /* init has handed it on */
				break;
		}
		evidence("ShdPnd: %s   bit 15: TERM has come, and waits", pending);
		check(strtoull(pending, NULL, 16) & 1ULL << (SIGTERM - 1),
		      "TERM should be pending");
		if (strtoull(pending, NULL, 16) & 1ULL << (SIGCONT - 1))
			say("(Bits count from 1. 18 is CONT: init sends it along, for who is "
			    "stopped.)");
		check(status < 0, "with TERM blocked the command should live, it ended with %d",
		      status);
		verdict("TERM is pending for ever: a mask survives fork and exec");
		end_container(&container);
		return;
	}
	row("ends", "status %d = 128 + 15, at once", status);
	say("docker stop: TERM to PID 1, 10 s of waiting, KILL. Now you know why.");
	check(strtoull(mask, NULL, 16) == 0, "the command should have an empty mask, has %s", mask);
	check(status == 128 + SIGTERM, "TERM should end the command: 143, is %d", status);
	verdict("dropped by a bare PID 1, handed on by init: %d", status);
}
