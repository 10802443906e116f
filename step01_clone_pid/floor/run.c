/*
 * run.c: running a command in what has been built so far.
 */
#define _GNU_SOURCE
#include "run.h"
#include "idmap.h"
#include "procfs.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_OURS = 125, EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };

static struct spawn *waiting_for; /* for on_interrupt */

/* The child's status where its setting-up failed: docker's numbers. */
static int failure_status(void)
{
	const struct failure *f = sys_failure();

	if (strncmp(f->call, "execv", 5) != 0)
		return EXIT_OURS;
	return f->err == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

static int run_child(void *arg)
{
	struct run *run = arg;

	stage_child(&run->stages);
	sys_trace_as("child");
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a container does not outlive the one who watches it */
	run->inside = true;
	if ((run->child.flags & CLONE_NEWUSER) && idmap_self(run->uid, run->gid) < 0)
		stage_fail(&run->stages);
	else if (run->step(run) < 0)
		stage_fail(&run->stages);
	return failure_status();
}

int run_spawn(struct run *run, int namespaces)
{
	run->uid = geteuid();
	run->gid = getegid();
	run->child.flags = namespaces | rootless_flags();
	run->child.fn = run_child;
	run->child.arg = run;
	if (stage_open(&run->stages) < 0)
		return -1;
	sys_trace_as("parent");
	if (spawn(&run->child) < 0) {
		stage_close(&run->stages);
		return -1;
	}
	stage_parent(&run->stages);
	return 0;
}

int run_exec(struct run *run)
{
	signal(SIGPIPE, SIG_DFL);
	SYS_EXEC(execvp(run->argv[0], run->argv), run->argv[0]);
	return -1;
}

/* Ctrl-C goes to everybody in the foreground. A PID 1 without a handler for it never notices: the
 * kernel does not deliver a default action to the first process of a namespace (step 8). The second
 * Ctrl-C means it. */
static void on_interrupt(int signal_number)
{
	static volatile sig_atomic_t count;
	static const char hint[] =
		"\nminibox: PID 1 inside has no handler for this signal, so the kernel drops it."
		"\nminibox: press Ctrl-C once more to kill it.\n";
	char path[32], status[4096], caught[32];

	(void)signal_number;
	snprintf(path, sizeof(path), "/proc/%d/status", waiting_for->pid);
	if (read_file_at(AT_FDCWD, path, status, sizeof(status)) > 0 &&
	    status_value(status, "SigCgt", caught, sizeof(caught)) &&
	    (strtoull(caught, NULL, 16) & (1ULL << (SIGINT - 1))))
		return; /* it has one and decides for itself */
	if (++count > 1) {
		syscall(SYS_pidfd_send_signal, waiting_for->pidfd, SIGKILL, NULL, 0);
		return;
	}
	ssize_t ignored = write(2, hint, sizeof(hint) - 1);
	(void)ignored;
}

int run_wait(struct run *run)
{
	int status = EXIT_OURS;
	bool started = stage_await_exec(&run->stages, run->child.pidfd) == 0;

	stage_close(&run->stages);
	if (started) {
		waiting_for = &run->child;
		sigaction(SIGINT,
			  &(struct sigaction){ .sa_handler = on_interrupt, .sa_flags = SA_RESTART },
			  NULL);
		signal(SIGQUIT, SIG_IGN);
	}
	if (spawn_wait(&run->child, &status) < 0 && started)
		return -1;
	if (isatty(0)) {
		/* A shell inside has made itself the foreground group and cannot give it back: our
		 * group has no number in there. */
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(0, getpgrp());
	}
	if (!started)
		sys_failure_print(2, "minibox");
	return status;
}
