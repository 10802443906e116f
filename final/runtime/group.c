/*
 * group.c: pause, kill --all and ps, by the files of a group.
 */
#define _GNU_SOURCE
#include "group.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step05_cgroup_cpu/given/cgroup_freeze.h"
#include "step05_cgroup_cpu/given/cgroup_members.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FREEZE_MS = 10000, KILL_MS = 10000 };

int group_pause(const struct cgroup *group, bool freeze)
{
	const struct cgroup_part *part = group_part(group, CG_FREEZER);

	if (!part) {
		sys_failure_set(ENOTSUP, freeze ? "pause" : "resume", "cgroup",
				"The container has no cgroup with a freezer.",
				"A host where one can be made: minibox doctor says more.");
		return -1;
	}
	return cgroup_freeze(part->dir, part->version, freeze, FREEZE_MS);
}

static int send_one(pid_t pid, int pidfd, void *arg)
{
	const int *signal_number = arg;

	if (pidfd >= 0)
		syscall(SYS_pidfd_send_signal, pidfd, *signal_number, NULL, 0);
	else
		kill(pid, *signal_number);
	return 0;
}

int group_signal(const struct cgroup *group, int signal_number)
{
	if (signal_number == SIGKILL)
		return group_kill(group, KILL_MS);
	/* Every part has the same processes. */
	return cgroup_each_member(group->part[0].dir, true, send_one, &signal_number) < 0 ? -1 : 0;
}

ssize_t group_list(const struct cgroup *group, pid_t **pids)
{
	return cgroup_members(group->part[0].dir, true, pids, NULL);
}
