/*
 * run.c: running a command in what has been built so far.
 */
#define _GNU_SOURCE
#include "run.h"
#include "guard.h"
#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/inherit.h"
#include "step01_clone_pid/floor/meet/terminal.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* SIGTERM and, at a terminal, SIGINT wait in this descriptor until run_wait() reads them. A handler
 * would have to look into /proc, which no handler may. */
static int signals = -1;

static int hold_signals(bool terminal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	if (terminal)
		sigaddset(&set, SIGINT);
	if (SYS(sigprocmask(SIG_BLOCK, &set, NULL), "SIGTERM") < 0)
		return -1;
	signals = SYS(signalfd(-1, &set, SFD_CLOEXEC), "SIGTERM");
	return signals < 0 ? -1 : 0;
}

/* As `docker run` does, SIGTERM is handed on, and the command may end as it likes. The kernel keeps
 * it from a PID 1 that has no handler, and docker's user waits ten seconds for the SIGKILL: here
 * it comes at once. Returns the signal that was sent. */
static int hand_on_term(const struct spawn *child)
{
	int sent = hears_signal(child->pid, SIGTERM) ? SIGTERM : SIGKILL;

	if (sent == SIGKILL)
		dprintf(2, "minibox: PID 1 inside has no handler for SIGTERM, and the kernel "
			   "would drop it (step 8): killed.\n");
	syscall(SYS_pidfd_send_signal, child->pidfd, sent, NULL, 0);
	return sent;
}

/* Waits for the child's end and deals with signals meanwhile. *killed_for: the signal for which it
 * was killed, if so. */
static void serve(struct spawn *child, int *killed_for)
{
	struct pollfd fds[] = { { .fd = child->pidfd, .events = POLLIN },
				{ .fd = signals, .events = POLLIN } };
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		/* timeout(1) sends to its whole group and once more to us: the command may have
		 * heard it by now, and ended. So its end is asked first. */
		if (fds[0].revents)
			return;
		if (!(fds[1].revents & POLLIN) || read(signals, &info, sizeof(info)) < 0)
			continue;
		if (info.ssi_signo == SIGINT)
			terminal_interrupted(child);
		else if (hand_on_term(child) == SIGKILL)
			*killed_for = SIGTERM;
	}
}

static int run_child(void *arg)
{
	struct run *run = arg;

	int keep[2] = { stage_child(&run->stages), sys_trace_fd() };
	struct sigaction hangup;

	sys_trace_as("child");
	sigaction(SIGHUP, NULL, &hangup);
	inherit_signals();
	if (hangup.sa_handler == SIG_IGN)
		signal(SIGHUP, SIG_IGN); /* nohup: asked for, for the command */
	/* Until the exec an error of write is told, not died of. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (inherit_close(keep, 2) < 0)
		return stage_fail(&run->stages), EXIT_OURS;
	if (run->terminal)
		terminal_take();
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a container does not outlive the one who watches it */
	run->inside = true;
	if ((run->self_map && self_map_write(run->uid, run->gid) < 0) || run->step(run) < 0)
		stage_fail(&run->stages);
	return sys_failure_status(sys_failure());
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
	if (inherit_check_standard() < 0 || hold_signals(run->terminal) < 0)
		return -1;
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
	guard_hand_on_term();
	SYS_EXEC(execvp(run->argv[0], run->argv), run->argv[0]);
	/* execvp says EACCES as soon as one directory of PATH is not ours to search; what is
	 * nowhere else is not found all the same. */
	if (errno == EACCES && !strchr(name, '/') && !in_path(name)) {
		sys_failure_clear();
		errno = ENOENT;
		sys_note_exec(__FILE__, __LINE__, "execvp(run->argv[0], run->argv)", SUBJECT(name));
	}
	return -1;
}

int run_wait(struct run *run)
{
	int status = EXIT_OURS, killed_for = 0;
	bool started = stage_await_exec(&run->stages, run->child.pidfd) == 0;

	stage_close(&run->stages);
	if (started && run->terminal)
		terminal_watch(&run->child);
	if (started)
		serve(&run->child, &killed_for);
	int result = spawn_wait(&run->child, &status);
	if (result < 0 && started)
		return -1;
	if (run->terminal)
		terminal_back();
	if (!started)
		sys_failure_print(2, program_invocation_short_name);
	return killed_for ? EXIT_SIGNAL + killed_for : status;
}
