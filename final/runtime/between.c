/*
 * between.c: an intermediate process, which enters namespaces and clones.
 */
#define _GNU_SOURCE
#include "between.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char subject[] = "the process that joins namespaces";

/* What the intermediate tells. */
struct word {
	pid_t pid;
	struct failure failure; /* where pid is not more than 0 */
};

static int enter_and_clone(struct spawn *process, int (*enter)(void *arg), void *arg, int report)
{
	struct word word = { 0 };

	sys_trace_as("between");
	process->flags |= CLONE_PARENT;
	if (enter(arg) == 0 && spawn(process) == 0)
		word.pid = process->pid;
	if (word.pid <= 0) {
		sys_failure_explain();
		word.failure = *sys_failure();
	}
	return write(report, &word, sizeof(word)) == sizeof(word) ? 0 : 1;
}

/* Its number alone is enough: it is our child, and stays one until we have waited for it. */
static int adopt(struct spawn *process, const struct word *word, ssize_t n)
{
	if (n == sizeof(*word) && word->pid > 0) {
		process->pid = word->pid;
		process->pidfd = (int)SYS(syscall(SYS_pidfd_open, word->pid, 0), word->pid);
		return process->pidfd < 0 ? -1 : 0;
	}
	if (n == sizeof(*word) && word->failure.err) {
		sys_failure_adopt(&word->failure);
		errno = word->failure.err;
	} else {
		sys_failure_set(ECHILD, "fork", subject, "It ended without a word.",
				"Run it with --explain to see its last call.");
	}
	return -1;
}

int spawn_between(struct spawn *process, int (*enter)(void *arg), void *arg)
{
	int ends[2], result = -1;
	struct word word = { 0 };
	ssize_t n;

	process->pid = process->pidfd = -1;
	if (SYS(pipe2(ends, O_CLOEXEC), subject) < 0)
		return -1;
	pid_t between = SYS(fork(), subject);
	if (between == 0)
		_exit(enter_and_clone(process, enter, arg, ends[1]));
	close_keeping_errno(ends[1]);
	if (between > 0) {
		do
			n = read(ends[0], &word, sizeof(word));
		while (n < 0 && errno == EINTR);
		while (waitpid(between, NULL, 0) < 0 && errno == EINTR)
			;
		result = adopt(process, &word, n);
	}
	close_keeping_errno(ends[0]);
	return result;
}
