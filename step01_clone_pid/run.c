/*
 * run.c: the order of step 1, for `-- CMD`. run.h says who calls it, twice.
 *
 * CMD becomes PID 1 of a new PID namespace.
 *
 * PID 1 is whoever clone(2) makes with CLONE_NEWPID; the command takes its place by execve(2),
 * which keeps the number.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/run.h"

#include <sched.h>

int step01_run(struct run *run)
{
	if (!run->inside) {
		int namespaces = CLONE_NEWPID;
		if (run_spawn(run, namespaces) < 0)
			return -1;
		return run_wait(run);
	}
	return run_exec(run);
}
