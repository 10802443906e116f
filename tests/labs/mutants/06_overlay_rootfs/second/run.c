/*
 * run.c: a second correct order of lab 6, for testing the grader: parent and child apart.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/demo/run.h"
#include "step02_mount_ns/given/dev.h"
#include "step02_mount_ns/mount_ns.h"
#include "step03_uts_ipc/given/mqueue.h"
#include "step03_uts_ipc/uts_ipc.h"
#include "step04_net_user/given/run_net.h"
#include "step05_cgroup_cpu/given/run_limits.h"
#include "step06_overlay_rootfs/given/overlay_root.h"

#include <sched.h>

static int outside(struct run *run)
{
	const int all = CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS |
			CLONE_NEWPID;

	if (run_limit(run) || run_spawn(run, all))
		return -1;
	/* The child waits for its maps: it has made no other process yet. */
	if (run_join(run) || run_map_ids(run) || run_link(run))
		return -1;
	return run_wait(run);
}

static int inside(struct run *run)
{
	const char *name = run->hostname;
	char on[256];
	int root;

	if (!name)
		name = guard_token();
	if (run_take_ids(run) || run_hide_groups() || run_net_up(run))
		return -1;
	if (mount_private() || uts_set_names(name, NULL) || guard_scratch(on, sizeof(on)))
		return -1;
	root = overlay_root_mount(on);
	if (root < 0)
		return -1;
	if (dev_mount(root) || mqueue_mount(root, "/dev/mqueue"))
		return -1;
	if (mount_own_proc(root, "/proc", PROC_FLAGS, NULL) || pivot_into(root))
		return -1;
	return run_exec(run);
}

int step06_run(struct run *run)
{
	return run->inside ? inside(run) : outside(run);
}
