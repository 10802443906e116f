/*
 * run.c: the order of step 2, for `-- CMD`. run.h says who calls it, twice.
 *
 * CMD becomes PID 1 in a busybox root, with a /proc and a /dev of its own.
 *
 * Before anything is mounted the mounts are private, or the host would see it. What is mounted into
 * the new root is mounted before pivot_into(): /proc is that of the process that mounts it, PID 1,
 * and after the change of the root nothing of the host is in sight any more.
 */
#define _GNU_SOURCE
#include "mount_ns.h"
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/demo/run.h"
#include "step02_mount_ns/given/busybox_root.h"
#include "step02_mount_ns/given/dev.h"

#include <sched.h>

int step02_run(struct run *run)
{
	char on[256];
	int root;

	if (!run->inside) {
		int namespaces = CLONE_NEWPID;
		namespaces |= CLONE_NEWNS;
		if (run_spawn(run, namespaces) < 0)
			return -1;
		return run_wait(run);
	}
	if (mount_private() < 0 || guard_scratch(on, sizeof(on)) < 0)
		return -1;
	root = busybox_root_mount(on);
	if (root < 0 || mount_own_proc(root, "/proc", PROC_FLAGS, NULL) < 0 || dev_mount(root) < 0)
		return -1;
	if (pivot_into(root) < 0)
		return -1;
	return run_exec(run);
}
