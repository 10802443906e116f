/*
 * tree.c: groups are directories, and directories are a tree.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"
#include "scenes.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A process's line in /proc/PID/cgroup for this controller, as the kernel has it. */
static const char *cgroup_line(pid_t pid, enum cgroup_controller controller, char *out, size_t size)
{
	char path[CG_PATH];
	int proc = proc_open();
	const struct cgroup_tree *tree = &arena_host()->tree[arena_host()->of[controller]];
	int known = cgroup_path_of(proc, pid, tree, path, sizeof(path));

	close(proc);
	snprintf(out, size, "%s", known < 0 ? "?" : path);
	return out;
}

/* ---- hierarchy ---- */

enum { OUTER_US = 20000, INNER_US = 50000, PERIOD_US = 100000 };

static volatile pid_t *grandchild; /* shared memory: the loop's own child tells its number */

static int spin_and_fork(void *arg)
{
	(void)arg;
	pid_t pid = scene_fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	*grandchild = pid;
	for (volatile unsigned long i = 0;; i++)
		;
	return 0;
}

/* v1 refuses a child that has more; v2 takes it, and the tighter of the two holds. */
static void ask_for_more(const struct cgroup_part *inner)
{
	int written;

	sys_failure_clear();
	written = cgroup_quota(inner->dir, inner->version, INNER_US, PERIOD_US);
	show("echo %s > outer/inner/%s", inner->version == 1 ? "50000" : "\"50000 100000\"",
	     inner->version == 1 ? "cpu.cfs_quota_us" : "cpu.max");
	say("%s",
	    written == 0 ? "(taken: but the outer group's 20 % still holds)" : strerror(errno));
	value("inner_write", "%s", written == 0 ? "taken" : "EINVAL");
	if (inner->version == 1)
		check(written < 0 && errno == EINVAL,
		      "v1 should refuse more than the parent has (EINVAL)");
	else
		check(written == 0, "v2 should take the value: %s", sys_failure()->cause);
	sys_failure_clear();
}

static void count_trees(void)
{
	int v1 = 0, v2 = 0;

	for (int i = 0; i < arena_host()->trees; i++)
		arena_host()->tree[i].version == 1 ? v1++ : v2++;
	say("this host: %d v1 tree%s, %d v2 tree%s; a v1 process has a place in each", v1,
	    v1 == 1 ? "" : "s", v2, v2 == 1 ? "" : "s");
	value("v1_trees", "%d", v1);
	value("v2_trees", "%d", v2);
}

/* An emulated or overbooked machine loses whole slices of time to others: what is outside of what
 * we claim is measured anew, twice at most. */
static double inner_share(pid_t pid)
{
	struct meter meter;
	double share = 1;

	for (int tries = 0; tries < 3 && share > 0.25; tries++) {
		meter_start(&meter, pid);
		arena_sleep_ms(1500);
		share = meter_share(&meter);
		if (broken("outer"))
			break;
	}
	return share;
}

static void judge_hierarchy(const struct cgroup_part *outer, double share)
{
	struct cgroup_throttling stat;

	if (cgroup_throttled(outer->dir, outer->version, &stat) < 0)
		fail_scene();
	if (broken("outer")) {
		check(stat.throttled == 0, "nothing should be throttled, nr_throttled is %lld",
		      (long long)stat.throttled);
		verdict("%.0f %%: nothing holds above", share * 100);
		return;
	}
	if (stat.throttled == 0 && share < 0.2)
		arena_skip_busy(share);
	check(stat.throttled > 0, "nr_throttled of outer should grow, is 0");
	check(share <= 0.25, "inner should get 20 %% at most, gets %.1f %%", share * 100);
	verdict("%.0f %% inside, whatever inner says; forked into the same group", share * 100);
}

void scene_hierarchy(void)
{
	struct cgroup outer, inner;
	char ours[CG_PATH], theirs[CG_PATH];

	grandchild = mmap(NULL, sizeof(*grandchild), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (grandchild == MAP_FAILED)
		fail_scene();
	act(broken("outer") ? "a group outer, and a group inner below it"
			    : "outer has 20 %% of a CPU; inner, below it, asks for 50 %%");
	arena_group(&outer, CG(CG_CPU), "outer");
	arena_child(&outer, "inner", &inner);
	arena_come_first(&outer);
	const struct cgroup_part *part = group_part(&outer, CG_CPU);
	if (broken("outer"))
		say("(neither group gets a limit)");
	else if (cgroup_quota(part->dir, part->version, OUTER_US, PERIOD_US) < 0)
		fail_scene();
	if (!broken("outer"))
		ask_for_more(group_part(&inner, CG_CPU));
	pid_t pid = arena_run(&inner, spin_and_fork, NULL);
	arena_sleep_ms(400);
	double share = inner_share(pid);
	say("a loop in inner gets %.0f %%", share * 100);
	act(NULL);
	cgroup_line(pid, CG_CPU, ours, sizeof(ours));
	cgroup_line(*grandchild, CG_CPU, theirs, sizeof(theirs));
	const char *from = strstr(ours, "/minibox-");
	say("its child %d, forked after the join, was born in the same group:", *grandchild);
	show("cat /proc/%d/cgroup", *grandchild);
	evidence("%s", from && strcmp(ours, theirs) == 0 ? from : theirs);
	count_trees();
	act(NULL);
	value("share", "%.3f", share);
	value("pid", "%d", pid);
	value("child", "%d", *grandchild);
	check(strcmp(ours, theirs) == 0 && from, "the child should be in %.60s, is in %.60s", ours,
	      theirs);
	judge_hierarchy(part, share);
	arena_stop(pid);
	arena_end(&outer);
	group_close(&inner);
}

/* ---- cgroup-ns ---- */

struct view {
	char path[CG_PATH]; /* what /proc/self/cgroup says */
	int err;	    /* of unshare(2) */
	volatile int stage; /* 1: the child has its namespace; 2: it has been moved */
};

struct order {
	const struct cgroup *group;
	bool join_first;
	struct view *view;
};

static int look_from_inside(void *arg)
{
	struct order *order = arg;
	struct view *view = order->view;

	if (order->join_first && group_join(order->group, 0) < 0)
		return 1;
	if (SYS(unshare(CLONE_NEWCGROUP), "cgroup namespace") < 0) {
		view->err = errno;
		return 1;
	}
	/* In the other order we are moved from outside: v2 (nsdelegate) lets nobody climb out of
	 * his namespace. */
	view->stage = 1;
	while (!order->join_first && view->stage != 2)
		usleep(1000);
	cgroup_line(getpid(), CG_CPU, view->path, sizeof(view->path));
	return 0;
}

static void look(const struct cgroup *group, bool join_first, struct view *view)
{
	static const struct cgroup nowhere; /* arena_run joins it: nothing to join */
	struct order order = { group, join_first, view };
	pid_t pid = arena_run(&nowhere, look_from_inside, &order);

	if (!join_first) {
		while (view->stage != 1 && !view->err)
			arena_sleep_ms(1);
		if (!view->err && group_join(group, pid) < 0)
			fail_scene();
		view->stage = 2;
	}
	if (arena_wait(pid) != 0) {
		errno = view->err ? view->err : EIO;
		fail_scene();
	}
}

void scene_cgroup_ns(void)
{
	struct cgroup group;
	char path[CG_PATH];
	struct view *view = mmap(NULL, 2 * sizeof(*view), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (view == MAP_FAILED)
		fail_scene();
	act("a cgroup namespace takes its maker's group of that moment for its root");
	arena_group(&group, CG(CG_CPU), "ns");
	look(&group, true, &view[0]);
	look(&group, false, &view[1]);
	cgroup_directory(&arena_host()->tree[arena_host()->of[CG_CPU]], "/", path, sizeof(path));
	say("its group is ...%s", strstr(group_part(&group, CG_CPU)->path, "/minibox-"));
	show("cat /proc/self/cgroup        (in the namespace, the line of cpu)");
	say("join, then unshare:   %s", view[0].path);
	say("unshare, then join:   %s", view[1].path);
	say("In the second order the name of its group, and with it the host's");
	say("layout, is in sight, and it is not at its own root.");
	act(NULL);
	value("join_first", "%s", view[0].path);
	value("unshare_first", "%s", view[1].path);
	check(strcmp(view[0].path, "/") == 0, "joined first, it should see \"/\", sees \"%.100s\"",
	      view[0].path);
	check(strstr(view[1].path, "minibox-") != NULL,
	      "unshared first, it should see the group's name, sees \"%.100s\"", view[1].path);
	verdict("join first: \"/\"; the other way round the path shows");
	arena_end(&group);
}
