/*
 * cgroup_freeze.c: asks for it, then waits until the kernel says that it is so.
 */
#define _GNU_SOURCE
#include "cgroup_freeze.h"
#include "cgroup_file.h"
#include "cgroup_read.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <time.h>

int cgroup_freeze(int dir, int version, bool freeze, int timeout_ms)
{
	enum cgroup_frozen wanted = freeze ? CGROUP_FROZEN : CGROUP_THAWED;
	char path[CG_PATH];
	int asked = version == 1 ? cgroup_write(dir, "freezer.state", freeze ? "FROZEN" : "THAWED")
				 : cgroup_write(dir, "cgroup.freeze", freeze ? "1" : "0");

	if (asked < 0)
		return -1;
	for (int waited = 0; cgroup_read_frozen(dir, version) != wanted; waited++) {
		if (waited >= timeout_ms) {
			sys_failure_set(
				ETIMEDOUT, "cgroup_freeze",
				cgroup_file_path(dir, NULL, path, sizeof(path)),
				"A process of the group does not come to a stop: it is in an "
				"uninterruptible sleep, "
				"or a group above is frozen.",
				"Look for state D among the processes of its cgroup.procs.");
			return -1;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return 0;
}
