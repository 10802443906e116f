/*
 * freezer.c: time standing still for a group.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "step05_cgroup_cpu/given/cgroup_freeze.h"
#include "scenes.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char state_of(pid_t pid)
{
	struct proc_stat stat = { 0 };
	int proc = proc_open();

	if (proc_stat_read(proc, pid, &stat) < 0)
		stat.state = '-';
	close(proc);
	return stat.state;
}

enum { PATIENCE_MS = 20000 }; /* a machine may be emulated, or busy with others */

/* Kills a frozen process and says when it died. Returns true if while frozen: v2 needs a moment on
 * a busy machine, v1 would need for ever. */
static bool kill_frozen(pid_t pid, int version)
{
	siginfo_t info = { 0 };

	kill(pid, SIGKILL);
	for (int i = 0; i < (version == 1 ? 50 : PATIENCE_MS / 10) && info.si_pid == 0; i++) {
		waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
		arena_sleep_ms(10);
	}
	return info.si_pid != 0;
}

struct ice {
	double running; /* share before */
	int64_t ticks;	/* nanoseconds of CPU while frozen */
	char state;
	bool at_once; /* SIGKILL worked while frozen */
	int status;
};

/* CPU time in these milliseconds. */
static int64_t ticks_in(pid_t pid, long ms)
{
	struct meter meter, later;

	meter_start(&meter, pid);
	arena_sleep_ms(ms);
	meter_start(&later, pid);
	return later.cpu_ns - meter.cpu_ns;
}

/* The kernel calls a process frozen a moment before it has left its CPU, and on a busy machine that
 * moment can be long. What ran then was the way into the ice: the next stretch has to be still. */
static int64_t ticks_in_the_ice(pid_t pid)
{
	int64_t ticks = ticks_in(pid, 700);

	if (ticks == 0)
		return 0;
	say("(%lld ns on the way into the ice; measured once more)", (long long)ticks);
	return ticks_in(pid, 700);
}

static void judge_ice(const struct ice *ice, int version)
{
	value("frozen_ns", "%lld", (long long)ice->ticks);
	value("state", "%c", ice->state);
	value("dead_while_frozen", "%s", ice->at_once ? "true" : "false");
	check(ice->running > 0, "it should have run before, had %.0f %%", ice->running * 100);
	check(ice->ticks == 0, "it should not run one nanosecond, ran %lld", (long long)ice->ticks);
	check(ice->at_once == (version == 2), "%s",
	      ice->at_once ? "on v1 it should not die while frozen"
			   : "on v2 it should die while frozen");
	check(ice->status == 137, "it should end with 137, ended with %d", ice->status);
	verdict("not one tick; SIGKILL works %s",
		ice->at_once ? "at once (v2)" : "only after the thaw (v1)");
}

static void left_running(pid_t pid)
{
	int64_t ticks = ticks_in(pid, 700);

	say("(nothing is written)");
	row("in 0.7 s", "%lld ns of CPU", (long long)ticks);
	value("frozen_ns", "%lld", (long long)ticks);
	check(ticks > 0, "it should run on, used %lld ns", (long long)ticks);
	verdict("it runs on: %.0f ms in 0.7 s", (double)ticks / 1e6);
}

static void freeze_and_kill(const struct cgroup_part *part, pid_t pid, struct ice *ice)
{
	if (cgroup_freeze(part->dir, part->version, true, PATIENCE_MS) < 0)
		fail_scene();
	show("echo %s", part->version == 1 ? "FROZEN > freezer.state" : "1 > cgroup.freeze");
	ice->state = state_of(pid);
	ice->ticks = ticks_in_the_ice(pid);
	row("running", "%.0f %% of a CPU", ice->running * 100);
	row("frozen", "%lld ns of CPU in 0.7 s, state %c", (long long)ice->ticks, ice->state);
	act("kill -9 while it is frozen:");
	ice->at_once = kill_frozen(pid, part->version);
	say(ice->at_once ? "dead, and never thawed"
			 : "half a second later it is still there, the signal waits");
	if (cgroup_freeze(part->dir, part->version, false, PATIENCE_MS) < 0)
		fail_scene();
	ice->status = arena_wait(pid);
	say("thawed: ended, status %d", ice->status);
	say(part->version == 1
		    ? "v2 would let it die at once (and has cgroup.kill for a whole group)"
		    : "on v1 the signal would have waited for THAWED");
}

void scene_freezer(void)
{
	struct cgroup group;
	struct ice ice = { 0 };

	act(broken("freeze") ? "a loop runs, in a group of its own"
			     : "a loop runs; then its group is frozen");
	arena_group(&group, CG(CG_FREEZER), "ice");
	const struct cgroup_part *part = group_part(&group, CG_FREEZER);
	pid_t pid = arena_spin_in(&group, -1);
	arena_sleep_ms(100);
	struct meter meter;
	meter_start(&meter, pid);
	for (int i = 0; i < PATIENCE_MS / 400 && ice.running <= 0; i++) {
		arena_sleep_ms(400);
		ice.running = meter_peek(&meter);
	}
	if (broken("freeze")) {
		left_running(pid);
		arena_stop(pid);
	} else {
		freeze_and_kill(part, pid, &ice);
		act(NULL);
		judge_ice(&ice, part->version);
	}
	arena_end(&group);
}
