/*
 * hooks.c: programs at points of a container's life.
 */
#define _GNU_SOURCE
#include "hooks.h"
#include "clock.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/inherit.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const kinds[] = { [HOOK_PRESTART] = "prestart",
				     [HOOK_CREATE_RUNTIME] = "createRuntime",
				     [HOOK_CREATE_CONTAINER] = "createContainer",
				     [HOOK_START_CONTAINER] = "startContainer",
				     [HOOK_POSTSTART] = "poststart",
				     [HOOK_POSTSTOP] = "poststop" };

/* A hook that runs. */
struct running {
	const struct spec_hook *hook;
	char name[64];	     /* "createRuntime hook #0" */
	const char *bundle;  /* where it runs; NULL: where its caller is */
	char *const *caller; /* the environment of one that has none of its own */
	pid_t pid;
	int pidfd;
	int input;  /* its standard input; -1: all is written */
	int failed; /* gets errno where execve(2) fails */
};

/* caller: who has forked us. Killed, it cannot wait for this hook any more, and no later operation
 * knows of it: the hook ends with it. */
static void become_hook(const struct running *run, int input, int failed, pid_t caller)
{
	const struct spec_hook *hook = run->hook;
	char *own_name[] = { (char *)(uintptr_t)hook->path, NULL };

	/* A session of its own, so that a timeout can end what it has started, too. */
	setsid();
	bool bound = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == caller;
	int why = errno;
	inherit_signals();
	/* Where the caller has closed 0, 1 or 2, the pipes have these numbers. */
	failed = fcntl(failed, F_DUPFD_CLOEXEC, 3);
	int moved = input == 0 ? fcntl(input, F_SETFD, 0) : dup2(input, 0);
	/* A bundle that is gone by now is no reason to leave out what cleans up. */
	if (run->bundle)
		(void)!chdir(run->bundle);
	if (!bound)
		errno = why;
	else if (failed >= 0 && moved == 0 && inherit_close(&failed, 1) == 0)
		execve(hook->path, hook->args ? hook->args : own_name,
		       hook->env ? hook->env : run->caller);
	int err = errno;
	_exit(write(failed, &err, sizeof(err)) < 0 ? 126 : 127);
}

static int start(struct running *run)
{
	int input[2], failed[2];

	if (SYS(pipe2(input, O_CLOEXEC), run->name) < 0)
		return -1;
	if (SYS(pipe2(failed, O_CLOEXEC), run->name) < 0) {
		close(input[0]);
		close(input[1]);
		return -1;
	}
	pid_t caller = getpid();
	run->pid = SYS(fork(), run->name);
	if (run->pid == 0)
		become_hook(run, input[0], failed[1], caller);
	close(input[0]);
	close(failed[1]);
	run->input = input[1];
	run->failed = failed[0];
	run->pidfd = run->pid < 0 ? -1 : (int)SYS(syscall(SYS_pidfd_open, run->pid, 0), run->name);
	return run->pidfd < 0 ? -1 : 0;
}

/* Gives it the state and waits for its end, whichever comes first. Returns 1: it has ended; 0: its
 * time is over. */
static int attend(struct running *run, const char *text)
{
	long end = now_ms() + run->hook->timeout_s * 1000L;
	size_t done = 0, length = strlen(text);

	fcntl(run->input, F_SETFL, O_NONBLOCK);
	for (;;) {
		struct pollfd fds[] = { { .fd = run->pidfd, .events = POLLIN },
					{ .fd = run->input, .events = POLLOUT } };
		long left = run->hook->timeout_s ? end - now_ms() : -1;
		if (run->hook->timeout_s && left <= 0)
			return 0;
		/* poll(2) counts no further than INT_MAX, 24 days; the loop goes on from there. */
		if (poll(fds, 2, left > INT_MAX ? INT_MAX : (int)left) < 0 && errno != EINTR)
			return 0;
		if (fds[0].revents)
			return 1;
		if (!fds[1].revents)
			continue;
		/* A hook that does not read it is none of ours to mend. */
		ssize_t n = write(run->input, text + done, length - done);
		done += n > 0 ? (size_t)n : 0;
		if (done == length || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			close(run->input);
			run->input = -1;
		}
	}
}

/* The words before the colon are those that clients of other runtimes look for. */
static int judge(const struct running *run, int status, bool in_time)
{
	char cause[300];
	int err = 0, length = snprintf(cause, sizeof(cause), "error running %s: ", run->name);
	char *end = cause + length;
	size_t left = sizeof(cause) - (size_t)length;

	if (read(run->failed, &err, sizeof(err)) == sizeof(err)) {
		snprintf(end, left, "the hook cannot be executed: %s.", strerror(err));
		sys_failure_set(err, "execve", run->hook->path, cause,
				"Give the absolute path of a program that can be executed.");
		return -1;
	}
	if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (!in_time)
		snprintf(end, left, "the hook has not ended after its timeout of %d s: killed.",
			 run->hook->timeout_s);
	else if (WIFEXITED(status))
		snprintf(end, left, "the hook ended with status %d.", WEXITSTATUS(status));
	else
		snprintf(end, left, "signal %d ended the hook%s.", WTERMSIG(status),
			 WTERMSIG(status) == SIGSYS ? " (bad system call)" : "");
	sys_failure_set(in_time ? ECHILD : ETIMEDOUT, run->name, run->hook->path, cause,
			"Run the hook by hand with the container's state on its standard input.");
	return -1;
}

/* Waits for its end, and sees to it first unless it has ended. Its group is not there before it has
 * called setsid(2). Returns its status as wait(2) has it. */
static int finish(const struct running *run, bool ended)
{
	int status = 0;

	if (!ended) {
		kill(-run->pid, SIGKILL);
		kill(run->pid, SIGKILL);
	}
	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static int run_one(struct running *run, const char *text)
{
	struct sigaction before, ignore = { .sa_handler = SIG_IGN };
	int result = -1, saved;

	run->pid = run->input = run->failed = run->pidfd = -1;
	sigaction(SIGPIPE, &ignore, &before);
	if (start(run) == 0) {
		bool in_time = attend(run, text);
		result = judge(run, finish(run, in_time), in_time);
		saved = errno;
	} else {
		saved = errno;
		if (run->pid > 0)
			finish(run, false);
	}
	sigaction(SIGPIPE, &before, NULL);
	close_keeping_errno(run->input);
	close_keeping_errno(run->failed);
	close_keeping_errno(run->pidfd);
	errno = saved;
	return result;
}

int hooks_run(const struct spec *spec, enum hook_kind kind, const struct oci_state *state)
{
	const struct spec_hooks *hooks = &spec->hooks[kind];
	static char *const none[] = { NULL };
	bool inside = kind == HOOK_START_CONTAINER;
	int result = 0, saved = 0;

	if (!hooks->count)
		return 0;
	char *text = oci_state_text(state);
	if (!text) {
		sys_failure_set(ENOMEM, kinds[kind], state->id, NULL, NULL);
		return -1;
	}
	for (int i = 0; (result == 0 || kind == HOOK_POSTSTOP) && i < hooks->count; i++) {
		/* Inside the container are neither the bundle nor variables of the host. */
		struct running run = { .hook = &hooks->hook[i],
				       .bundle = inside ? NULL : state->bundle,
				       .caller = inside ? none : environ };
		snprintf(run.name, sizeof(run.name), "%s hook #%d", kinds[kind], i);
		if (run_one(&run, text) < 0 && result == 0) {
			result = -1;
			saved = errno;
		}
	}
	free(text);
	errno = saved;
	return result;
}
