/*
 * run_init.c: from PID 1 that is the command to PID 1 that has a command.
 */
#define _GNU_SOURCE
#include "run_init.h"
#include "init_life.h"

#include <sys/prctl.h>
#include <unistd.h>

static int exec_command(void *arg)
{
	struct run *run = arg;

	sys_trace_as("command");
	run_exec(run);
	stage_fail(&run->stages);
	return sys_failure_status(sys_failure());
}

/* The parent waits for the stage socket to close on exec: the command's copy is the one that
 * counts. init_serve() would close ours too, but not say so to struct stages. */
static void leave_stages(void *arg)
{
	struct run *run = arg;

	stage_close(&run->stages);
}

int run_init_exec(struct run *run)
{
	struct init_life life = { .fn = exec_command,
				  .arg = run,
				  .foreground = run->terminal,
				  .leaves_session = true,
				  .started = leave_stages };

	sys_trace_as("init");
	prctl(PR_SET_NAME, "init");
	int status = init_live(&life);
	if (status < 0)
		return -1;
	_exit(status);
}
