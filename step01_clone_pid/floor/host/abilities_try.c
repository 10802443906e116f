/*
 * abilities_try.c: the floor's own probes behind host_can().
 */
#define _GNU_SOURCE
#include "abilities_try.h"
#include "abilities.h"
#include "facts.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/self_map.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int try_user_ns(int unused)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	(void)unused;
	if (SYS(unshare(CLONE_NEWUSER), "user namespace") < 0)
		return -1;
	return self_map_write(uid, gid);
}

int probe_namespaces(int flags)
{
	if (rootless_flags() && try_user_ns(0) < 0)
		return -1;
	return SYS(unshare(flags), ns_names(flags));
}

int try_ptrace(int unused)
{
	int status;
	pid_t pid = SYS(fork(), "tracee");

	(void)unused;
	if (pid < 0)
		return -1;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	int result = (int)SYS(ptrace(PTRACE_SEIZE, pid, NULL, NULL), pid);
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return result;
}
