/*
 * cpuset.c: which CPUs.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "scenes.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void limit_to(struct cgroup *group, int cpu)
{
	const struct cgroup_part *part = group_part(group, CG_CPUSET);
	char list[16];

	snprintf(list, sizeof(list), "%d", cpu);
	if (broken("cpus"))
		say("(cpuset.cpus is left as it is)");
	else if (cgroup_cpuset(part->dir, part->version, list, NULL) < 0)
		fail_scene();
	else
		show("echo %d > cpuset.cpus", cpu);
}

/* The line of /proc/PID/status, as the kernel gives it. */
static void allowed_list(pid_t pid, char *out, size_t size)
{
	int proc = proc_open();

	snprintf(out, size, "?");
	proc_status_value(proc, pid, "Cpus_allowed_list", out, size);
	close(proc);
}

/* taskset(1) to another CPU of ours: 0, or errno. */
static int move_away(pid_t pid, int from)
{
	cpu_set_t ours, other;

	CPU_ZERO(&other);
	sched_getaffinity(0, sizeof(ours), &ours);
	for (int cpu = from + 1; cpu < CPU_SETSIZE && CPU_COUNT(&other) == 0; cpu++)
		if (CPU_ISSET((size_t)cpu, &ours))
			CPU_SET((size_t)cpu, &other);
	return sched_setaffinity(pid, sizeof(other), &other) < 0 ? errno : 0;
}

static void judge(const char *list, int first, double together, int moved)
{
	char expected[16];

	value("allowed", "%s", list);
	value("together", "%.3f", together);
	value("setaffinity_errno", "%d", moved);
	if (broken("cpus")) {
		check(moved == 0, "without the limit it should be free to move: %s",
		      strerror(moved));
		verdict("both together %.0f %%, and free to move", together * 100);
		return;
	}
	snprintf(expected, sizeof(expected), "%d", first);
	check(strcmp(list, expected) == 0, "the allowed CPUs should be \"%s\", are \"%s\"",
	      expected, list);
	check(together <= 1.05, "both together should get one CPU, get %.2f", together);
	check(moved == EINVAL, "moving it out should be EINVAL, is: %s",
	      moved ? strerror(moved) : "allowed");
	verdict("together %.0f %% of one CPU, and no way to another", together * 100);
}

void scene_cpuset(void)
{
	struct cgroup group;
	struct meter meter[2], later[2];
	pid_t pid[2];
	double share[2];
	char list[64];
	int count, first = arena_first_cpu(&count);

	if (count < 2)
		skip_scene("a machine, or a cpuset, with two CPUs",
			   "this process may use one CPU only");
	if (broken("cpus"))
		act("two loops in a group of their own, on %d CPUs", count);
	else
		act("two loops in a group that may use CPU %d only, of %d", first, count);
	arena_group(&group, CG(CG_CPUSET), "set");
	limit_to(&group, first);
	for (int i = 0; i < 2; i++)
		pid[i] = arena_spin_in(&group, -1);
	arena_sleep_ms(200);
	for (int i = 0; i < 2; i++)
		meter_start(&meter[i], pid[i]);
	arena_sleep_ms(1000);
	for (int i = 0; i < 2; i++)
		meter_start(&later[i], pid[i]);
	/* One stretch of time for both, from before the first look to after the last. */
	double wall = (double)(arena_now_ns() - meter[0].wall_ns);
	for (int i = 0; i < 2; i++)
		share[i] = (double)(later[i].cpu_ns - meter[i].cpu_ns) / wall;
	allowed_list(pid[0], list, sizeof(list));
	show("grep Cpus_allowed_list /proc/%d/status", pid[0]);
	evidence("Cpus_allowed_list:\t%s", list);
	row("shares", "%.0f %% and %.0f %%", share[0] * 100, share[1] * 100);
	int moved = move_away(pid[0], first);
	row("taskset", "to another CPU: %s", moved ? strerror(moved) : "allowed");
	act(NULL);
	judge(list, first, share[0] + share[1], moved);
	for (int i = 0; i < 2; i++)
		arena_stop(pid[i]);
	arena_end(&group);
}
