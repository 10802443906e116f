/*
 * run.c: running a command in what has been built so far.
 */
#define _GNU_SOURCE
#include "run.h"
#include "guard.h"
#include "idmap.h"
#include "facts.h"
#include "terminal.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXIT_OURS = 125, EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };

/* The child's status where its setting-up failed: docker's numbers. */
static int failure_status(void)
{
	const struct failure *f = sys_failure();

	if (strncmp(f->call, "execv", 5) != 0)
		return EXIT_OURS;
	return f->err == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

static volatile pid_t served;	       /* the command, for the signal handler */
static volatile int served_pidfd = -1; /* -1 as soon as its status is known */
static volatile sig_atomic_t killed_for;

static bool has_ended(int pidfd)
{
	return poll(&(struct pollfd){ .fd = pidfd, .events = POLLIN }, 1, 0) != 0;
}

/* As `docker run` does, SIGTERM is handed on, and the command may end as it likes. The kernel keeps
 * it from a PID 1 that does not listen, and docker's user waits ten seconds for the SIGKILL: here
 * it comes at once. */
static void on_term(int signal_number)
{
	static const char hint[] = "minibox: PID 1 inside has no handler for SIGTERM, and the "
				   "kernel would drop it (step 8): killed.\n";
	int saved = errno, pidfd = served_pidfd;

	if (pidfd < 0)
		return;
	/* timeout(1) sends to its whole group and once more to us: the command may have heard it by
	 * now, and ended. */
	if (!hears_signal(served, signal_number) && !has_ended(pidfd)) {
		ssize_t ignored = write(2, hint, sizeof(hint) - 1);
		(void)ignored;
		killed_for = signal_number;
		signal_number = SIGKILL;
	}
	syscall(SYS_pidfd_send_signal, pidfd, signal_number, NULL, 0);
	errno = saved;
}

/* From the moment that the command runs it can be asked to end, so all is ready before: SIGTERM is
 * blocked while the child is made, and guard_hand_on_term() comes with the exec. */
static void block_term(bool yes)
{
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(yes ? SIG_BLOCK : SIG_UNBLOCK, &term, NULL);
}

static void serve(const struct spawn *child)
{
	served = child->pid;
	served_pidfd = child->pidfd;
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term, .sa_flags = SA_RESTART },
		  NULL);
}

static int run_child(void *arg)
{
	struct run *run = arg;

	block_term(false);
	stage_child(&run->stages);
	sys_trace_as("child");
	if (run->terminal)
		terminal_take();
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a container does not outlive the one who watches it */
	run->inside = true;
	if ((run->self_map && idmap_self(run->uid, run->gid) < 0) || run->step(run) < 0)
		stage_fail(&run->stages);
	return failure_status();
}

int run_spawn(struct run *run, int namespaces)
{
	run->terminal = terminal_is_ours();
	run->uid = geteuid();
	run->gid = getegid();
	run->child.flags = namespaces | rootless_flags();
	run->self_map = (rootless_flags() & ~namespaces) != 0;
	run->child.fn = run_child;
	run->child.arg = run;
	if (stage_open(&run->stages) < 0)
		return -1;
	sys_trace_as("parent");
	block_term(true);
	if (spawn(&run->child) < 0) {
		block_term(false);
		stage_close(&run->stages);
		return -1;
	}
	serve(&run->child);
	block_term(false);
	stage_parent(&run->stages);
	return 0;
}

/* Is there a file of that name in any directory of PATH? */
static bool in_path(const char *name)
{
	char path[4096];
	const char *dir = getenv("PATH");

	for (const char *end; dir; dir = *end ? end + 1 : NULL) {
		end = strchrnul(dir, ':');
		snprintf(path, sizeof(path), "%.*s/%s", (int)(end - dir), dir, name);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

int run_exec(struct run *run)
{
	const char *name = run->argv[0], *home = getenv("HOME");

	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	if (!home || access(home, F_OK) < 0)
		setenv("HOME", "/", 1); /* another root, another home: as login(1) does */
	guard_hand_on_term();
	SYS_EXEC(execvp(run->argv[0], run->argv), run->argv[0]);
	/* execvp says EACCES as soon as one directory of PATH is not ours to search; what is
	 * nowhere else is not found all the same. */
	if (errno == EACCES && !strchr(name, '/') && !in_path(name)) {
		sys_failure_clear();
		sys_failure_set(ENOENT, "execvp(run->argv[0], run->argv)", name, NULL, NULL);
	}
	return -1;
}

int run_wait(struct run *run)
{
	int status = EXIT_OURS;
	bool started = stage_await_exec(&run->stages, run->child.pidfd) == 0;

	stage_close(&run->stages);
	if (started && run->terminal)
		terminal_watch(&run->child);
	int result = spawn_wait(&run->child, &status);
	served_pidfd = -1; /* a SIGTERM that comes too late changes nothing */
	if (result < 0 && started)
		return -1;
	if (run->terminal)
		terminal_back();
	if (!started)
		sys_failure_print(2, program_invocation_short_name);
	return killed_for ? 128 + killed_for : status;
}
