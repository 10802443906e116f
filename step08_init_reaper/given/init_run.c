/*
 * init_run.c: from PID 1 that is the command to PID 1 that has a command.
 */
#define _GNU_SOURCE
#include "init_run.h"
#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step08_init_reaper/init_reaper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { GRACE_MS = 10000 }; /* as docker stop waits */

struct start {
	struct run *run;
	int gate[2]; /* a pipe: the command waits for its end */
};

static int exec_command(void *arg)
{
	struct start *start = arg;
	struct run *run = start->run;
	char byte;

	sys_trace_as("command");
	close(start->gate[1]);
	if (read(start->gate[0], &byte, 1) < 0)
		return EXIT_OURS;
	run_exec(run);
	stage_fail(&run->stages);
	return sys_failure_status(sys_failure());
}

static void never_called(int signal_number)
{
	(void)signal_number;
}

/* Out of the terminal's session. The command's group is an orphaned one then, and Ctrl-Z does not
 * stop it: no shell would be there to wake it again. A shell's own children stop and go on as ever.
 * A group's leader may not leave, so we join the command's group for a moment. */
static void leave_terminal(pid_t main)
{
	setpgid(main, main); /* it does so itself, but perhaps not yet */
	setpgid(0, main);
	setsid();
}

int init_run_exec(struct run *run)
{
	struct start start = { .run = run };
	struct init init = {
		.fn = exec_command,
		.arg = &start,
		.terminal = run->terminal ? STDIN_FILENO : -1,
		.grace_ms = GRACE_MS,
	};

	sys_trace_as("init");
	prctl(PR_SET_NAME, "init");
	/* run_wait() hands SIGTERM to a PID 1 that listens, by /proc/PID/status; what
	 * sigwaitinfo(2) waits for stands in no mask there. A handler does, and exec takes it from
	 * the command. */
	signal(SIGTERM, never_called);
	if (SYS(pipe2(start.gate, O_CLOEXEC), "the command's start") < 0 || init_start(&init) < 0)
		return -1;
	leave_terminal(init.main);
	close(start.gate[0]);
	close(start.gate[1]); /* its end is the command's start */
	/* The parent waits for the stage socket to close on exec: the command's copy is the one
	 * that counts. init_serve() would close ours too, but not say so to struct stages. */
	stage_close(&run->stages);
	if (init_serve(&init) < 0)
		_exit(EXIT_OURS);
	_exit(init_status(init.status));
}
