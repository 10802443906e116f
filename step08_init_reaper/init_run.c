/*
 * init_run.c: from PID 1 that is the command to PID 1 that has a command.
 */
#define _GNU_SOURCE
#include "init_run.h"
#include "init_reaper.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXIT_OURS = 125, EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };
enum { GRACE_MS = 10000 }; /* as docker stop waits */

static int exec_command(void *arg)
{
	struct run *run = arg;

	sys_trace_as("command");
	run_exec(run);
	int status = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
	stage_fail(&run->stages);
	return status;
}

static void never_called(int signal_number)
{
	(void)signal_number;
}

int init_run_exec(struct run *run)
{
	struct init init = {
		.fn = exec_command,
		.arg = run,
		.terminal = run->terminal ? STDIN_FILENO : -1,
		.grace_ms = GRACE_MS,
	};

	sys_trace_as("init");
	prctl(PR_SET_NAME, "init");
	/* run_wait() hands SIGTERM to a PID 1 that listens, by /proc/PID/status; what
	 * sigwaitinfo(2) waits for stands in no mask there. A handler does, and exec takes it from
	 * the command. */
	signal(SIGTERM, never_called);
	if (init_start(&init) < 0)
		return -1;
	/* Out of the terminal's session. The command's group is an orphaned one then, and Ctrl-Z
	 * does not stop it: no shell would be there to wake it again. A shell's own children stop
	 * and go on as ever. */
	setsid();
	/* What we hold, nobody else sees the end of: the parent waits for its stage socket to close
	 * on exec, and a pipe that a container was given must end when the command closes it. The
	 * trace goes on over its own descriptor. */
	stage_close(&run->stages);
	if (!sys_tracing)
		syscall(SYS_close_range, 3, UINT_MAX, 0);
	if (init_serve(&init) < 0)
		_exit(EXIT_OURS);
	_exit(init_status(init.status));
}
