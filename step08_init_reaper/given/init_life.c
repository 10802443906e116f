/*
 * init_life.c: handlers, the start, the terminal, the service, the status.
 */
#define _GNU_SOURCE
#include "init_life.h"
#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/terminal.h"
#include "step08_init_reaper/init_reaper.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { GRACE_MS = 10000 }; /* as docker stop waits */

struct start {
	const struct init_life *life;
	int gate[2]; /* a pipe: the command waits for its end; -1 where it need not wait */
};

static void never_called(int signal_number)
{
	(void)signal_number;
}

/* What sigwaitinfo(2) waits for stands in no mask of /proc/PID/status. A handler does. */
static void show_handlers(void)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (signal(signals[i], never_called) ==
		    SIG_IGN) /* nohup: for the command as well */
			signal(signals[i], SIG_IGN);
}

static int run_command(void *arg)
{
	struct start *start = arg;
	char byte;

	if (start->life->foreground)
		terminal_take();
	if (start->life->leaves_session) {
		close(start->gate[1]);
		if (read(start->gate[0], &byte, 1) < 0)
			return EXIT_OURS;
		close(start->gate[0]);
	}
	return start->life->fn(start->life->arg);
}

/* A group's leader may not leave its session, so the init joins the command's group for a moment.
 * Only when it has left is the command's group an orphaned one. */
static void leave_session(pid_t main)
{
	setpgid(main, main); /* the command does it itself, but perhaps not yet */
	setpgid(0, main);
	setsid();
}

static void close_gate(struct start *start)
{
	close_keeping_errno(start->gate[0]);
	close_keeping_errno(start->gate[1]); /* its end is the command's start */
}

int init_live(const struct init_life *life)
{
	struct start start = { .life = life, .gate = { -1, -1 } };
	struct init init = { .fn = run_command, .arg = &start, .grace_ms = GRACE_MS };

	show_handlers();
	if (life->leaves_session && SYS(pipe2(start.gate, O_CLOEXEC), "the command's start") < 0)
		return -1;
	if (init_start(&init) < 0) {
		close_gate(&start);
		return -1;
	}
	if (life->leaves_session)
		leave_session(init.main);
	close_gate(&start);
	if (life->started)
		life->started(life->arg);
	return init_serve(&init) < 0 ? EXIT_OURS : init_status(init.status);
}
