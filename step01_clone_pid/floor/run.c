/*
 * run.c: running a command in what has been built so far.
 */
#define _GNU_SOURCE
#include "run.h"
#include "guard.h"
#include "idmap.h"
#include "facts.h"
#include "terminal.h"

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

static int run_child(void *arg)
{
	struct run *run = arg;

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
	if (spawn(&run->child) < 0) {
		stage_close(&run->stages);
		return -1;
	}
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
	SYS_EXEC(execvp(run->argv[0], run->argv), run->argv[0]);
	/* execvp says EACCES as soon as one directory of PATH is not ours to search; what is
	 * nowhere else is not found all the same. */
	if (errno == EACCES && !strchr(name, '/') && !in_path(name)) {
		sys_failure_clear();
		sys_failure_set(ENOENT, "execvp(run->argv[0], run->argv)", name, NULL, NULL);
	}
	return -1;
}

static struct spawn *served;
static volatile sig_atomic_t killed_for;

/* As `docker run` does, SIGTERM is handed on, and the command may end as it likes. The kernel keeps
 * it from a PID 1 that does not listen, and docker's user waits ten seconds for the SIGKILL: here
 * it comes at once. */
static void on_term(int signal_number)
{
	static const char hint[] = "minibox: PID 1 inside has no handler for SIGTERM, and the "
				   "kernel would drop it (step 8): killed.\n";
	int saved = errno;

	if (!hears_signal(served->pid, signal_number)) {
		ssize_t ignored = write(2, hint, sizeof(hint) - 1);
		(void)ignored;
		killed_for = signal_number;
		signal_number = SIGKILL;
	}
	syscall(SYS_pidfd_send_signal, served->pidfd, signal_number, NULL, 0);
	errno = saved;
}

static void hand_on_term(struct spawn *child)
{
	served = child;
	if (child)
		sigaction(SIGTERM,
			  &(struct sigaction){ .sa_handler = on_term, .sa_flags = SA_RESTART },
			  NULL);
	guard_hand_on_term(child != NULL);
	if (!child)
		signal(SIGTERM, SIG_DFL);
}

int run_wait(struct run *run)
{
	int status = EXIT_OURS;
	bool started = stage_await_exec(&run->stages, run->child.pidfd) == 0;

	stage_close(&run->stages);
	if (started && run->terminal)
		terminal_watch(&run->child);
	if (started)
		hand_on_term(&run->child);
	int result = spawn_wait(&run->child, &status);
	hand_on_term(NULL);
	if (result < 0 && started)
		return -1;
	if (run->terminal)
		terminal_back();
	if (!started)
		sys_failure_print(2, program_invocation_short_name);
	return killed_for ? 128 + killed_for : status;
}
