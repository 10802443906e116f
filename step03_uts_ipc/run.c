/*
 * run.c: the order of step 3, for `-- CMD`. run.h says who calls it, twice.
 *
 * Step 2's container, with a name and IPC objects of its own.
 *
 * Names are set in the child: the parent is still in the host's UTS namespace. mqueue, like proc,
 * shows the namespace of the process that mounts it.
 */
#define _GNU_SOURCE
#include "step03_uts_ipc/given/mqueue.h"
#include "uts_ipc.h"
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/demo/run.h"
#include "step02_mount_ns/given/busybox_root.h"
#include "step02_mount_ns/given/dev.h"
#include "step02_mount_ns/mount_ns.h"

#include <sched.h>

int step03_run(struct run *run)
{
	char on[256];
	int root;

	if (!run->inside) {
		int namespaces = CLONE_NEWPID;
		namespaces |= CLONE_NEWNS;
		namespaces |= CLONE_NEWUTS | CLONE_NEWIPC;
		if (run_spawn(run, namespaces) < 0)
			return -1;
		return run_wait(run);
	}
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
