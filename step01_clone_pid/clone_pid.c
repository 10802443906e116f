/*
 * clone_pid.c: the PID-1 illusion, as the textbook makes it.
 */
#define _GNU_SOURCE
#include "clone_pid.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_SIZE = 256 * 1024 };

int spawn(struct spawn *sp)
{
	sp->pid = sp->pidfd = -1;
	/* The lowest byte of clone's flags is the signal: CLONE_NEWTIME (0x80) would be another one
	 * than SIGCHLD, and no namespace. */
	if (sp->flags & CSIGNAL) {
		sys_failure_set(EINVAL, "clone", ns_names(sp->flags),
				"clone(2) has no room for this flag: its lowest byte is a signal.",
				"unshare(CLONE_NEWTIME) before, or clone3(2).");
		return -1;
	}
	char *stack = SYS(mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0),
			  "the child's stack");
	if (stack == MAP_FAILED)
		return -1;

	/* A stack grows down: clone wants the address where it ends, its top. Given the start, the
	 * child's first push lands below the mapping. SIGCHLD is the signal at the child's end;
	 * without it plain wait() never sees it. */
	char *stack_top = stack + STACK_SIZE;
	int flags = sp->flags | CLONE_PIDFD | SIGCHLD;

	sp->pid = SYS(clone(sp->fn, stack_top, flags, sp->arg, &sp->pidfd), ns_names(sp->flags));

	int saved = errno;
	/* Without CLONE_VM the child has a copy of this memory, also of the stack. */
	munmap(stack, STACK_SIZE);
	/* The kernel stores pidfd before its last checks (pids.max is one of them). If one of them
	 * fails, the descriptor is closed again, and its number may soon be another file's. */
	if (sp->pid < 0)
		sp->pidfd = -1;
	errno = saved;
	return sp->pid < 0 ? -1 : 0;
}

int spawn_wait(struct spawn *sp, int *status)
{
	siginfo_t info = { 0 };
	int result;

	/* Never spawned (the pidfd of a zeroed struct would be descriptor 0), or waited for. */
	if (sp->pid <= 0 || sp->pidfd < 0) {
		errno = ECHILD;
		return -1;
	}
	/* By descriptor, not by number: the kernel may give the number to another process. */
	do
		result = SYS_MAY(waitid(P_PIDFD, (id_t)sp->pidfd, &info, WEXITED), sp->pid, EINTR);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		return -1;
	close(sp->pidfd);
	sp->pidfd = -1;
	/* The shell's way to put two kinds of end into one number. */
	*status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	return 0;
}

int nspid_parse(const char *status, pid_t pids[], int max)
{
	/* Only a line that begins so: the process's name may contain the word. */
	bool first = strncmp(status, "NSpid:", strlen("NSpid:")) == 0;
	const char *line = first ? status : strstr(status, "\nNSpid:");
	int count = 0;

	if (!line) {
		errno = EINVAL;
		return -1;
	}
	line = strchr(line, ':') + 1;
	for (;;) {
		char *end;
		long number = strtol(line, &end, 10);
		/* strtol skips newlines too: do not walk into the next line's text. */
		if (end == line || memchr(line, '\n', (size_t)(end - line)))
			break;
		if (count == max) {
			errno = E2BIG;
			return -1;
		}
		pids[count++] = (pid_t)number;
		line = end;
	}
	if (count == 0)
		errno = EINVAL;
	return count ? count : -1;
}

int nspid_read(int procfd, pid_t pid, pid_t pids[], int max)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/status", pid);
	char *status = read_whole_at(procfd, path, NULL);
	if (!status)
		return -1;
	int count = nspid_parse(status, pids, max);
	free_keeping_errno(status);
	return count;
}
