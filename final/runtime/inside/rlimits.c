/*
 * rlimits.c: limits are set, not inherited.
 */
#define _GNU_SOURCE
#include "rlimits.h"

#include "final/runtime/spec/spec_words.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

/* What a login has; for the number of descriptors systemd's soft limit and docker's hard one.
 * RLIMIT_NPROC and RLIMIT_SIGPENDING depend on the machine: as much as the hard limit allows. */
static const struct {
	int resource;
	rlim_t soft, hard;
} usual[] = {
	{ RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_STACK, 8 << 20, RLIM_INFINITY },
	{ RLIMIT_CORE, RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_RSS, RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_NPROC, RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_NOFILE, 1024, 1048576 },
	{ RLIMIT_MEMLOCK, 8 << 20, 8 << 20 },
	{ RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_LOCKS, RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_SIGPENDING, RLIM_INFINITY, RLIM_INFINITY },
	{ RLIMIT_MSGQUEUE, 819200, 819200 },
	{ RLIMIT_NICE, 0, 0 },
	{ RLIMIT_RTPRIO, 0, 0 },
	{ RLIMIT_RTTIME, RLIM_INFINITY, RLIM_INFINITY },
};

static rlim_t lower(rlim_t a, rlim_t b)
{
	return a < b ? a : b; /* RLIM_INFINITY is the largest number */
}

static int set_usual(pid_t pid, int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit own, wanted = { .rlim_cur = soft, .rlim_max = hard };

	/* Raising needs CAP_SYS_RESOURCE, in the first user namespace; EPERM is an answer. */
	if (SYS_MAY(prlimit(pid, resource, &wanted, NULL), resource, EPERM) == 0)
		return 0;
	if (errno != EPERM || SYS(prlimit(pid, resource, NULL, &own), resource) < 0)
		return -1;
	own.rlim_cur = lower(soft, own.rlim_max);
	return SYS(prlimit(pid, resource, &own, NULL), resource);
}

static const struct spec_rlimit *asked_for(const struct spec_process *process, int resource)
{
	for (int i = 0; i < process->rlimit_count; i++)
		if (process->rlimits[i].resource == resource)
			return &process->rlimits[i];
	return NULL;
}

static int set_asked(pid_t pid, const struct spec_rlimit *asked)
{
	const struct rlimit limit = { .rlim_cur = asked->soft, .rlim_max = asked->hard };
	char subject[64], cause[160];
	struct rlimit now;

	if (SYS_MAY(prlimit(pid, asked->resource, &limit, &now), asked->resource, EPERM) == 0)
		return 0;
	snprintf(subject, sizeof(subject), "process.rlimits: %s",
		 spec_rlimit_name(asked->resource));
	if (errno != EPERM || prlimit(pid, asked->resource, NULL, &now) < 0 ||
	    asked->hard <= now.rlim_max) {
		sys_failure_set(errno, "prlimit", subject, NULL, NULL);
		return -1;
	}
	snprintf(cause, sizeof(cause),
		 "hard is %llu, more than the %llu of the runtime itself, and raising it needs "
		 "CAP_SYS_RESOURCE",
		 (unsigned long long)asked->hard, (unsigned long long)now.rlim_max);
	sys_failure_set(EPERM, "prlimit", subject, cause,
			"Ask for no more (podman and docker: --ulimit).");
	return -1;
}

int rlimits_set(pid_t pid, const struct spec_process *process)
{
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++) {
		const struct spec_rlimit *asked = asked_for(process, usual[i].resource);
		if (!asked) {
			if (set_usual(pid, usual[i].resource, usual[i].soft, usual[i].hard) < 0)
				return -1;
			continue;
		}
		if (set_asked(pid, asked) < 0)
			return -1;
	}
	return 0;
}
