/*
 * early_end.c: a signal that ended a process before its command ran.
 */
#define _GNU_SOURCE
#include "early_end.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { END_MS = 2000 };

/* Of a process that has closed its end of the stages. 0: no signal, or not known. */
static int signal_of(int pidfd)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	siginfo_t info = { 0 };

	if (pidfd < 0 || poll(&end, 1, END_MS) <= 0 ||
	    waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOWAIT | WNOHANG) < 0)
		return 0;
	return info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED ? info.si_status : 0;
}

void early_end_explain(const struct container *container)
{
	const struct spec *spec = container->spec;
	const struct failure *failure = sys_failure();
	int saved = errno;

	if (failure->err != ECHILD || strcmp(failure->call, "stage_await") != 0)
		return;
	int number = signal_of(container->process.pidfd);
	if (number) {
		char cause[200];
		const char *name = sigabbrev_np(number);
		const char *why = "", *remedy = "Run it with --explain to see its last call.";
		if (number == SIGSYS) {
			why = ": linux.seccomp forbids a call that the start needs";
		} else if (number == SIGKILL && spec->resources.limits.memory > 0) {
			why = " (memory limit too low?)";
			remedy = "A larger linux.resources.memory.limit.";
		}
		snprintf(cause, sizeof(cause),
			 "container init was killed by SIG%s before its command ran%s.",
			 name ? name : "?", why);
		sys_failure_clear();
		sys_failure_set(ECHILD, "create", container->group_name, cause, remedy);
	}
	errno = saved;
}
