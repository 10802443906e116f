/*
 * state_process.c: is the process of a record still there, and if it is, its end.
 *
 * A number says nothing: it is another process's soon. With its start time, its PID namespace and
 * the boot it is one process. When PID 1 of a PID namespace is gone, so is every other process in
 * there: the kernel waits for them before it lets PID 1 end.
 */
#define _GNU_SOURCE
#include "state_end.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum judgement { NOT_IT, IT_IS, UNKNOWN };

/* What /proc says of this number now. */
static enum judgement is_it(int procfd, pid_t pid, const struct record *record)
{
	struct proc_stat stat;
	struct ns_id ns;

	if (proc_stat_read(procfd, pid, &stat) < 0)
		return errno == ENOENT || errno == ESRCH ? NOT_IT : UNKNOWN;
	if (stat.starttime != record->start || stat.state == 'Z' || stat.state == 'X')
		return NOT_IT;
	if (proc_ns_id(procfd, pid, "pid", &ns) < 0)
		return errno == ENOENT || errno == ESRCH ? NOT_IT : UNKNOWN;
	return ns_id_equal(ns, record->pid_ns) ? IT_IS : NOT_IT;
}

/* Sends SIGKILL through the pidfd and waits for the end. The pidfd was opened before /proc was
 * asked, so the answer is about the process that it refers to, or that one is dead. */
static int kill_and_wait(int pidfd, pid_t pid, struct ending *ending)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	if (syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH) {
		snprintf(ending->why, sizeof(ending->why), "its process %d may not be killed: %s",
			 pid, strerror(errno));
		return -1;
	}
	int n;
	do
		n = poll(&end, 1, ending->timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return 0;
	snprintf(ending->why, sizeof(ending->why),
		 "its process %d lives: it does not end in %d ms after SIGKILL", pid,
		 ending->timeout_ms);
	return -1;
}

static int end_this(int procfd, pid_t pid, const struct record *record, struct ending *ending)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), result = 0;

	if (pidfd < 0 && errno == ESRCH)
		return 0;
	if (pidfd < 0) {
		snprintf(ending->why, sizeof(ending->why), "pidfd_open %d: %s", pid,
			 strerror(errno));
		return -1;
	}
	enum judgement judgement = is_it(procfd, pid, record);
	if (judgement == IT_IS)
		result = kill_and_wait(pidfd, pid, ending);
	else if (judgement == UNKNOWN) {
		snprintf(ending->why, sizeof(ending->why),
			 "process %d may be its: /proc/%d/ns/pid cannot be read: %s", pid, pid,
			 strerror(errno));
		result = -1;
	}
	close(pidfd);
	return result;
}

/* ---- from another PID namespace ---- */

struct search {
	int procfd;
	const struct record *record;
	struct ending *ending;
};

static int end_if_it(pid_t pid, void *arg)
{
	struct search *search = arg;

	if (is_it(search->procfd, pid, search->record) != IT_IS)
		return 0;
	return end_this(search->procfd, pid, search->record, search->ending);
}

/* A number that was noted in another PID namespace is looked for by start time and namespace. The
 * first namespace sees every process; another one may not. */
static int end_by_search(int procfd, struct ns_id own, const struct record *record,
			 struct ending *ending)
{
	enum { FIRST_PID_NS = (int)0xeffffffc }; /* PROC_PID_INIT_INO, since 3.8 */
	struct search search = { .procfd = procfd, .record = record, .ending = ending };

	if (proc_each(procfd, end_if_it, &search) < 0)
		return -1;
	if (own.ino == (ino_t)(unsigned)FIRST_PID_NS)
		return 0;
	snprintf(ending->why, sizeof(ending->why),
		 "it was started in another PID namespace, whose processes may be out of sight "
		 "from here: gc there, or in the host's");
	return -1;
}

/* A /proc of another PID namespace tells about other processes than those that we can name. */
static int is_own_proc(int procfd)
{
	char self[16] = "";
	ssize_t n = readlinkat(procfd, "self", self, sizeof(self) - 1);

	return n > 0 && atoi(self) == getpid();
}

int process_end(const struct record *record, struct ending *ending)
{
	struct ns_id own;
	int procfd, result = -1;

	if (!record->pid)
		return 0;
	procfd = proc_open();
	if (procfd < 0 || !is_own_proc(procfd) || proc_ns_id(procfd, 0, "pid", &own) < 0)
		snprintf(ending->why, sizeof(ending->why),
			 "/proc does not show this PID namespace: whether its process %d lives "
			 "cannot be seen",
			 record->pid);
	else if (ns_id_equal(own, record->owner_ns))
		result = end_this(procfd, record->pid, record, ending);
	else
		result = end_by_search(procfd, own, record, ending);
	if (procfd >= 0)
		close(procfd);
	return result;
}
