/*
 * clone3.c: children that clone(2) cannot make.
 */
#define _GNU_SOURCE
#include "clone3.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

/* clone(2) has no field for a cgroup and no bit for CLONE_NEWTIME. An error is better than a child
 * in the wrong place. */
static int without_clone3(struct spawn *sp, int cgroup)
{
	if (cgroup == -1 && !(sp->flags & CLONE_NEWTIME))
		return spawn(sp);
	sys_failure_set(ENOTSUP, "clone3", "a cgroup to be born in, or a time namespace",
			"This kernel, or a filter on it, has no clone3(2), and clone(2) cannot "
			"carry this.",
			"Join the cgroup by cgroup.procs, or unshare(CLONE_NEWTIME) first.");
	return -1;
}

int spawn_clone3(struct spawn *sp, int cgroup)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = (uint64_t)(uint32_t)sp->flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};

	if (cgroup != -1) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup;
	}
	sp->pid = sp->pidfd = -1;
	pid_t pid = SYS_MAY(clone3(&args, sizeof(args)), ns_names(sp->flags), ENOSYS);
	if (pid < 0)
		return errno == ENOSYS ? without_clone3(sp, cgroup) : -1;
	if (pid == 0)
		_exit(sp->fn(sp->arg)); /* no stack was given: the child is on its copy of the
					   parent's, as after fork(2) */
	sp->pid = pid;
	sp->pidfd = pidfd;
	return 0;
}
