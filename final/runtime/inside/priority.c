/*
 * priority.c: ioprio_set(2), sched_setattr(2), sched_setaffinity(2) and set_mempolicy(2).
 */
#define _GNU_SOURCE
#include "priority.h"
#include "final/runtime/spec/spec_words.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SCHED_DEADLINE_ = 6 }; /* of linux/sched.h, not in every C library */
enum { WHO_PROCESS = 1 };     /* IOPRIO_WHO_PROCESS */

/* struct sched_attr of linux/sched/types.h, its first version. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static int take_scheduler(const struct spec_scheduler *s)
{
	struct attributes attributes = { .size = sizeof(attributes),
					 .policy = s->policy,
					 .flags = s->flags,
					 .nice = s->nice,
					 .priority = s->priority,
					 .runtime = s->runtime,
					 .deadline = s->deadline,
					 .period = s->period };

	if (SYS_MAY(syscall(SYS_sched_setattr, 0, &attributes, 0), "process.scheduler", EPERM) == 0)
		return 0;
	if (errno == EPERM && s->policy == SCHED_DEADLINE_)
		sys_failure_set(EPERM, "sched_setattr", "process.scheduler",
				"SCHED_DEADLINE wants every processor and CAP_SYS_NICE: process "
				"scheduler can't be used together with AllowedCPUs.",
				"Leave linux.resources.cpu.cpus out, or take another policy.");
	else if (errno == EPERM)
		sys_failure_set(EPERM, "sched_setattr", "process.scheduler",
				"The policy needs CAP_SYS_NICE.", "Take another policy.");
	return -1;
}

int priority_take_cpus(const char *list)
{
	uint64_t bits[SPEC_CPUS / 64];

	if (!list || spec_cpu_list(list, bits) < 0) {
		/* Those of the group. What is not to be had stays as it is. */
		memset(bits, 0xff, sizeof(bits));
		syscall(SYS_sched_setaffinity, 0, sizeof(bits), bits);
		return 0;
	}
	if (SYS_MAY(syscall(SYS_sched_setaffinity, 0, sizeof(bits), bits), list, EINVAL) == 0)
		return 0;
	if (errno == EINVAL)
		sys_failure_set(EINVAL, "sched_setaffinity", "process.execCPUAffinity",
				"The container's group has none of these processors.",
				"cat cpuset.cpus of the group shows which it has.");
	return -1;
}

int priority_take_memory(const struct spec_memory_policy *policy)
{
	uint64_t bits[SPEC_CPUS / 64] = { 0 };
	bool nodes = policy->nodes && *policy->nodes && spec_cpu_list(policy->nodes, bits) == 0;

	if (!policy->there)
		return 0;
	/* One more than the bits: the kernel takes one off. */
	if (SYS_MAY(syscall(SYS_set_mempolicy, policy->mode, nodes ? bits : NULL,
			    nodes ? SPEC_CPUS + 1 : 0),
		    "linux.memoryPolicy", EINVAL) == 0)
		return 0;
	if (errno == EINVAL)
		sys_failure_set(
			EINVAL, "set_mempolicy", "linux.memoryPolicy",
			"invalid argument: mode, flags and nodes do not fit together, or the "
			"host has no such node.",
			"set_mempolicy(2); ls /sys/devices/system/node shows the nodes.");
	return -1;
}

int priority_take(const struct spec_process *process)
{
	if (process->has_io_priority &&
	    SYS(syscall(SYS_ioprio_set, WHO_PROCESS, 0, process->io_priority),
		"process.ioPriority") < 0)
		return -1;
	return process->scheduler.there ? take_scheduler(&process->scheduler) : 0;
}
