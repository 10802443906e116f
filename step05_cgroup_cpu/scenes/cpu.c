/*
 * cpu.c: how much of a CPU: quota and shares.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"
#include "scenes.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- quota ---- */

enum { QUOTA_US = 20000, PERIOD_US = 100000, SAMPLES = 3, BAR = 40 };

static struct cgroup_throttling throttling_of(const struct cgroup *group)
{
	const struct cgroup_part *part = group_part(group, CG_CPU);
	struct cgroup_throttling stat;

	if (cgroup_throttled(part->dir, part->version, &stat) < 0)
		fail_scene();
	return stat;
}

static unsigned long weight_of(const struct cgroup *group)
{
	const struct cgroup_part *part = group_part(group, CG_CPU);
	struct cgroup_cpu_stat stat;

	if (cgroup_read_cpu(part->dir, part->version, &stat) < 0)
		fail_scene();
	return (unsigned long)stat.shares;
}

/* One second of the bar: it moves on a terminal, and is one line elsewhere. */
static double bar_second(struct meter *meter, int second, const struct cgroup *group,
			 const char *note)
{
	char bar[BAR + 1], line[128];
	double share = 0;

	for (int step = 0; step < 8; step++) {
		arena_sleep_ms(125);
		share = meter_peek(meter);
		int64_t throttled = group ? throttling_of(group).throttled : -1;
		int n = snprintf(line, sizeof(line), "%ds %s %3.0f%%", second,
				 arena_bar(share, BAR, bar, sizeof(bar)), share * 100);
		if (throttled >= 0)
			n += snprintf(line + n, sizeof(line) - (size_t)n, "  thr %lld",
				      (long long)throttled);
		snprintf(line + n, sizeof(line) - (size_t)n, "%s", note);
		if (!live())
			continue;
		if (step)
			redraw("%s", line);
		else
			say("%s", line);
	}
	if (!live())
		say("%s", line);
	return meter_share(meter);
}

/* The files as they are before anybody has written to them. */
static void tell_start(const struct cgroup *group, pid_t pid)
{
	const struct cgroup_part *part = group_part(group, CG_CPU);
	char quota[64], period[64];

	if (part->version == 1)
		say("PID %d   quota %s   period %s   (no limit)", pid,
		    arena_text(part->dir, "cpu.cfs_quota_us", quota, sizeof(quota)),
		    arena_text(part->dir, "cpu.cfs_period_us", period, sizeof(period)));
	else
		say("PID %d   cpu.max %s   (no limit)", pid,
		    arena_text(part->dir, "cpu.max", quota, sizeof(quota)));
}

static void tell_other_layout(int version)
{
	if (broken("quota")) /* nothing was written */
		return;
	if (version == 1)
		say("v2 would be: echo \"%d %d\" > cpu.max", QUOTA_US, PERIOD_US);
	else
		say("v1 would be: echo %d > cpu.cfs_quota_us   (period %d)", QUOTA_US, PERIOD_US);
}

/* Sets the limit and moves the running process under it, as the documents' demo does. */
static void limit_running(const struct cgroup *group, pid_t pid)
{
	const struct cgroup_part *part = group_part(group, CG_CPU);

	if (broken("quota"))
		say("(no quota is written)");
	else if (cgroup_quota(part->dir, part->version, QUOTA_US, PERIOD_US) < 0)
		fail_scene();
	if (broken("join"))
		say("(the PID is not written to cgroup.procs)");
	else if (group_join(group, pid) < 0)
		fail_scene();
	if (broken("quota"))
		show("echo %d > cgroup.procs", pid);
	else if (broken("join"))
		show("echo %s > %s", part->version == 1 ? "20000" : "\"20000 100000\"",
		     part->version == 1 ? "cpu.cfs_quota_us" : "cpu.max");
	else if (part->version == 1)
		show("echo %d > cpu.cfs_quota_us; echo %d > cgroup.procs", QUOTA_US, pid);
	else
		show("echo \"%d %d\" > cpu.max; echo %d > cgroup.procs", QUOTA_US, PERIOD_US, pid);
}

/* Was the quota what slowed the loop down, in nearly every period? */
static bool quota_bound(const struct cgroup_throttling *now, const struct cgroup_throttling *old)
{
	return (now->throttled - old->throttled) * 10 >= (now->periods - old->periods) * 8;
}

struct slowed {
	double before, mean;
	double idle;			    /* CPUs that had nothing to do while it was measured */
	struct cgroup_throttling old, stat; /* before the limit, and at the end */
	bool bound;
};

static void judge_unlimited(const struct slowed *loop)
{
	check(loop->stat.throttled == 0, "nothing should be throttled, nr_throttled is %lld",
	      (long long)loop->stat.throttled);
	/* What others have taken it could not have; what lay idle it could. */
	check(loop->mean > 0.22 || loop->idle < 0.5,
	      "the loop should go on unhindered, it has %.0f %%", loop->mean * 100);
	verdict("still %.0f %%, throttled 0: the group limits nobody", loop->mean * 100);
}

/* The counter first: a share could be small because the machine is busy. And a machine that is so
 * busy that the quota is not used up says nothing against the limit. */
static void judge_quota(const struct slowed *loop)
{
	int64_t throttled = loop->stat.throttled - loop->old.throttled;

	if (throttled == 0 && loop->mean < 0.2)
		arena_skip_busy(loop->mean);
	check(throttled > 0, "nr_throttled should grow, went from %lld to %lld",
	      (long long)loop->old.throttled, (long long)loop->stat.throttled);
	check(loop->mean <= 0.25, "the share should be at most 25 %%, is %.1f %%",
	      loop->mean * 100);
	check(loop->mean >= 0.15 || !loop->bound, "the share should be at least 15 %%, is %.1f %%",
	      loop->mean * 100);
	verdict("mean %.1f %%, throttled 0 -> %lld%s", loop->mean * 100,
		(long long)loop->stat.throttled,
		loop->bound ? "" : "  (a busy machine: not all of it was used)");
}

/* The mean of three seconds. An emulated or overbooked machine loses whole slices of time to
 * others: a mean outside of what we claim is measured anew, twice at most. */
static void measure(struct meter *meter, const struct cgroup *group, struct slowed *loop)
{
	for (int second = 2; second <= 2 + 2 * SAMPLES; second += SAMPLES) {
		struct cgroup_throttling old = throttling_of(group);
		long idle = arena_idle_ticks(-1);
		double sum = 0;
		meter_share(meter);
		for (int i = 0; i < SAMPLES; i++)
			sum += bar_second(meter, second + i, group, "");
		loop->mean = sum / SAMPLES;
		loop->idle = (double)(arena_idle_ticks(-1) - idle) / (100.0 * SAMPLES);
		loop->stat = throttling_of(group);
		loop->bound = quota_bound(&loop->stat, &old);
		bool strange = loop->mean > 0.25 || (loop->mean < 0.15 && loop->bound);
		if (!strange || second > 2 + SAMPLES || broken("quota") || broken("join"))
			break;
		say("(%.0f %% is outside of 15 to 25: three seconds more)", loop->mean * 100);
	}
}

void scene_quota(void)
{
	struct cgroup group;
	struct meter meter;
	struct slowed loop;
	struct proc_stat then, now;
	int proc = proc_open();

	act(NULL);
	arena_group(&group, CG(CG_CPU), "quota");
	pid_t pid = arena_spin();
	loop.old = throttling_of(&group);
	if (proc_stat_read(proc, pid, &then) < 0)
		fail_scene();
	tell_start(&group, pid);
	meter_start(&meter, pid);
	loop.before = bar_second(&meter, 1, NULL, "");
	act(NULL);
	if (loop.before < 0.5) {
		say("(others compete for the CPUs: the group gets a weight that puts it first)");
		arena_come_first(&group);
	}
	limit_running(&group, pid);
	arena_sleep_ms(300); /* the sample that straddles the write is judged by nobody */
	measure(&meter, &group, &loop);
	act(NULL);
	if (proc_stat_read(proc, pid, &now) < 0)
		fail_scene();
	tell_other_layout(arena_version(CG_CPU));
	bool same = now.pid == then.pid && now.starttime == then.starttime;
	say("%s PID, %s start time (%llu): never restarted", same ? "same" : "OTHER",
	    same ? "same" : "OTHER", now.starttime);
	value("pid", "%d", pid);
	value("version", "%d", arena_version(CG_CPU));
	value("before", "%.3f", loop.before);
	value("mean", "%.3f", loop.mean);
	value("nr_throttled", "%lld", (long long)loop.stat.throttled);
	value("nr_periods", "%lld", (long long)loop.stat.periods);
	check(same, "it should be the same process, start time %llu became %llu", then.starttime,
	      now.starttime);
	if (broken("quota") || broken("join"))
		judge_unlimited(&loop);
	else
		judge_quota(&loop);
	arena_stop(pid);
	arena_end(&group);
}

/* ---- shares ---- */

struct pair {
	struct cgroup group[2];
	pid_t pid[2];
	struct meter meter[2];
	unsigned long weight[2];
};

static void pair_start(struct pair *pair, int cpu)
{
	static const char *const names[2] = { "strong", "weak" };
	/* v1's own scale has 1024 for 1; on v2 2048 and 1024 become 200 and 100. */
	unsigned long shares = arena_version(CG_CPU) == 1 ? 1024 : 2048;

	for (int i = 0; i < 2; i++) {
		arena_group(&pair->group[i], CG(CG_CPU), names[i]);
		const struct cgroup_part *part = group_part(&pair->group[i], CG_CPU);
		if (!broken("shares") &&
		    cgroup_cpu_shares(part->dir, part->version, shares >> i) < 0)
			fail_scene();
		pair->weight[i] = weight_of(&pair->group[i]);
		pair->pid[i] = arena_spin_in(&pair->group[i], cpu);
	}
	arena_sleep_ms(200);
	for (int i = 0; i < 2; i++)
		meter_start(&pair->meter[i], pair->pid[i]);
}

struct shared_out {
	double share[2], ratio, alone;
	long idle; /* per cent of the second in which it was alone */
};

/* Two seconds. Where others take most of this CPU too little is left for an exact ratio: what is
 * outside of what we claim is measured anew, twice at most. */
static void measure_shares(struct pair *pair, struct shared_out *got)
{
	for (int tries = 0; tries < 3; tries++) {
		for (int i = 0; i < 2; i++)
			meter_share(&pair->meter[i]);
		arena_sleep_ms(2000);
		for (int i = 0; i < 2; i++)
			got->share[i] = meter_share(&pair->meter[i]);
		got->ratio = got->share[1] > 0 ? got->share[0] / got->share[1] : 0;
		double off = got->ratio / (broken("shares") ? 1 : 2);
		if (off > 0.8 && off < 1.25)
			break;
	}
}

static void judge_shares(const struct pair *pair, const struct shared_out *got)
{
	double ratio = got->ratio;

	value("weight_strong", "%lu", pair->weight[0]);
	value("weight_weak", "%lu", pair->weight[1]);
	value("strong", "%.3f", got->share[0]);
	value("weak", "%.3f", got->share[1]);
	value("alone", "%.3f", got->alone);
	value("idle", "%ld", got->idle);
	if (broken("shares")) {
		check(ratio > 0.8 && ratio < 1.25,
		      "equal weights should share equally, ratio is %.2f", ratio);
		verdict("%.2f to 1: the default is the same for everybody", ratio);
		return;
	}
	check(pair->weight[0] == 2 * pair->weight[1],
	      "the weights should be 2 to 1, are %lu and %lu", pair->weight[0], pair->weight[1]);
	check(ratio > 1.6 && ratio < 2.5, "the shares should be about 2 to 1, are %.2f to 1",
	      ratio);
	/* On a busy machine others take what it leaves; what must not be is a CPU that rests while
	 * it wants to run. */
	check(got->idle <= 10, "alone it should get what there is, yet the CPU was idle for %ld %%",
	      got->idle);
	verdict("%.2f to 1; alone the weak one goes from %.0f to %.0f %%", ratio,
		got->share[1] * 100, got->alone * 100);
}

void scene_shares(void)
{
	static const char *const labels[2] = { "strong", "weak" };
	struct pair pair;
	struct shared_out got;
	char bar[64];
	int cpu = arena_first_cpu(NULL);

	act("two loops, both pinned to CPU %d, each in a group of its own", cpu);
	pair_start(&pair, cpu);
	measure_shares(&pair, &got);
	for (int i = 0; i < 2; i++)
		say("%-8s %s %-6lu %s %3.0f%%", labels[i],
		    arena_version(CG_CPU) == 1 ? "cpu.shares" : "cpu.weight", pair.weight[i],
		    arena_bar(got.share[i], 30, bar, sizeof(bar)), got.share[i] * 100);
	act("the strong one ends; nobody of ours competes any more");
	arena_stop(pair.pid[0]);
	meter_share(&pair.meter[1]);
	got.idle = arena_idle_ticks(cpu);
	arena_sleep_ms(1000);
	got.alone = meter_share(&pair.meter[1]);
	got.idle = arena_idle_ticks(cpu) - got.idle;
	say("%-8s %-17s %s %3.0f%%", "weak", "alone", arena_bar(got.alone, 30, bar, sizeof(bar)),
	    got.alone * 100);
	say("CPU %d was idle for %ld %% of that second: a share gives idle time away,", cpu,
	    got.idle);
	say("a quota is a ceiling and lets it lie");
	act(NULL);
	judge_shares(&pair, &got);
	arena_stop(pair.pid[1]);
	for (int i = 0; i < 2; i++)
		arena_end(&pair.group[i]);
}
