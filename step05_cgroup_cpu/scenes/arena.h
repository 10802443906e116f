/*
 * arena.h: what the scenes of step 5 need again and again: a group with the run's token in its name
 * and in the guard's ledger, a loop to put into it, and a measure of what that loop gets.
 */
#pragma once

#include "step05_cgroup_cpu/given/cgroup_group.h"

#include <stdint.h>

/* What this host has of cgroups, read once. */
const struct cgroup_host *arena_host(void);

/* Is the tree of this controller v1 or v2? For the scene's words. 0: neither. */
int arena_version(enum cgroup_controller controller);

/* Makes the group "minibox-TOKEN-SUFFIX", entered in the guard's ledger. Ends the scene if it
 * cannot be made. */
void arena_group(struct cgroup *group, unsigned controllers, const char *suffix);

/* A group below it, with the same controllers. */
void arena_child(const struct cgroup *above, const char *name, struct cgroup *group);

/* Ends who is in it and removes it; a check() of the scene that it went. */
void arena_end(struct cgroup *group);

/* A process that does nothing but run. It dies with the scene. */
pid_t arena_spin(void);

/* The same, born in the group and pinned to a CPU (-1: to none). Joined first and pinned then: a
 * move to another cpuset (on v2 any group may be one) makes the kernel forget an affinity. */
pid_t arena_spin_in(const struct cgroup *group, int cpu);

/* Forks; the child joins the group *before* it runs fn, and _exits with what that returns. */
pid_t arena_run(const struct cgroup *group, int (*fn)(void *arg), void *arg);

/* Kills and reaps. */
void arena_stop(pid_t pid);

/* waitpid(2), as a shell says it: exit status, or 128 + signal. */
int arena_wait(pid_t pid);

/* How much of a CPU a process gets. */
struct meter {
	pid_t pid;
	int64_t cpu_ns, wall_ns;
};

void meter_start(struct meter *meter, pid_t pid);

/* The share since the start or the last call, 1.0 for a whole CPU. */
double meter_share(struct meter *meter);

/* The share since then, without starting anew. */
double meter_peek(const struct meter *meter);

void arena_sleep_ms(long ms);
int64_t arena_now_ns(void);

/* "########" of this part of width; full may be longer. */
const char *arena_bar(double part, int width, char *buf, unsigned long size);

/* "1.5m", "64k": a number of bytes for people. */
const char *arena_bytes(int64_t bytes, char *buf, unsigned long size);

/* On a machine where others compete for the CPUs a group may never come near its quota, and then
 * the quota shows nothing. With the largest weight there is it comes first among its neighbours,
 * and the quota alone decides. */
void arena_come_first(const struct cgroup *group);

/* For a loop that used less than its quota and was never throttled all the same: nothing could be
 * seen here, neither for the claim nor against it. Ends the scene as a SKIP. */
void arena_skip_busy(double share) __attribute__((noreturn));

/* How long a CPU (-1: all together) had nothing to do, in hundredths of a second since boot. */
long arena_idle_ticks(int cpu);

/* The last two parts of a path, as shown in a scene: "minibox-4f2a-quota/cpu.max". */
const char *arena_short(const char *path);

/* A file of a group, its newline cut off; "-" if it cannot be read. */
const char *arena_text(int dir, const char *file, char *buf, unsigned long size);

/* The CPUs that this process may use, the first and how many. */
int arena_first_cpu(int *count);
