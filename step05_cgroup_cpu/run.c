/*
 * run.c: the order of step 5, for `-- CMD`. run.h says who calls it, twice.
 *
 * Step 4's container, in a group with limits that is the root of all groups for it.
 *
 * The group is made before the child, and the child is moved into it while it waits for its ids:
 * what it makes later is born in the group. The cgroup namespace comes after that, since its root
 * is the group that the process is in at that moment; so CLONE_NEWCGROUP is not among clone(2)'s
 * flags.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/demo/run.h"
#include "step02_mount_ns/given/busybox_root.h"
#include "step02_mount_ns/given/dev.h"
#include "step02_mount_ns/mount_ns.h"
#include "step03_uts_ipc/given/mqueue.h"
#include "step03_uts_ipc/uts_ipc.h"
#include "step04_net_user/given/run_net.h"
#include "step05_cgroup_cpu/given/run_limits.h"

#include <sched.h>

int step05_run(struct run *run)
{
	char on[256];
	int root;

	if (!run->inside) {
		int namespaces = CLONE_NEWPID;
		namespaces |= CLONE_NEWNS;
		namespaces |= CLONE_NEWUTS | CLONE_NEWIPC;
		namespaces |= CLONE_NEWNET | CLONE_NEWUSER;
		if (run_limit(run) < 0)
			return -1;
		if (run_spawn(run, namespaces) < 0)
			return -1;
		if (run_join(run) < 0)
			return -1;
		if (run_map_ids(run) < 0 || run_link(run) < 0)
			return -1;
		return run_wait(run);
	}
	if (run_take_ids(run) < 0 || run_net_up(run) < 0)
		return -1;
	if (run_hide_groups() < 0)
		return -1;
	if (uts_set_names(run->hostname ? run->hostname : guard_token(), NULL) < 0)
		return -1;
	if (mount_private() < 0 || guard_scratch(on, sizeof(on)) < 0)
		return -1;
	root = busybox_root_mount(on);
	if (root < 0 || mount_own_proc(root, "/proc", PROC_FLAGS, NULL) < 0 || dev_mount(root) < 0)
		return -1;
	if (mqueue_mount(root, "/dev/mqueue") < 0)
		return -1;
	if (pivot_into(root) < 0)
		return -1;
	return run_exec(run);
}
