/*
 * priority.c: ioprio_set(2) and sched_setattr(2).
 */
#define _GNU_SOURCE
#include "priority.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WHO_PROCESS = 1 }; /* IOPRIO_WHO_PROCESS */

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

	return SYS(syscall(SYS_sched_setattr, 0, &attributes, 0), "process.scheduler") < 0 ? -1 : 0;
}

int priority_take(const struct spec_process *process)
{
	if (process->has_io_priority &&
	    SYS(syscall(SYS_ioprio_set, WHO_PROCESS, 0, process->io_priority),
		"process.ioPriority") < 0)
		return -1;
	return process->scheduler.there ? take_scheduler(&process->scheduler) : 0;
}
