/*
 * terminal.c: who is in the foreground, and what Ctrl-C does to a PID 1.
 */
#define _GNU_SOURCE
#include "terminal.h"
#include "procfs.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static pid_t own_group;

bool terminal_is_ours(void)
{
	own_group = getpgrp();
	return isatty(0) && tcgetpgrp(0) == own_group;
}

/* A background group that changes the terminal is stopped by SIGTTOU, unless it does not want to
 * know. */
static void put_in_foreground(pid_t group)
{
	sigset_t stop, before;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stop, &before);
	tcsetpgrp(0, group);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

void terminal_take(void)
{
	setpgid(0, 0);
	put_in_foreground(getpgrp()); /* its number as we see it in here */
}

bool hears_signal(pid_t pid, int signal_number)
{
	static const char *const masks[] = { "SigCgt", "SigBlk" };
	char mask[32];
	int procfd = proc_open();

	for (int i = 0; procfd >= 0 && i < 2; i++)
		if (proc_status_value(procfd, pid, masks[i], mask, sizeof(mask)) &&
		    (strtoull(mask, NULL, 16) & (1ULL << (signal_number - 1)))) {
			close(procfd);
			return true;
		}
	if (procfd >= 0)
		close(procfd);
	return false;
}

void terminal_interrupted(const struct spawn *child)
{
	static bool hinted;

	if (hears_signal(child->pid, SIGINT))
		return; /* it decides for itself */
	if (hinted) {
		syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
		return;
	}
	hinted = true;
	dprintf(2, "\nminibox: PID 1 inside has no handler for this signal, so the kernel drops it "
		   "(step 8).\n"
		   "minibox: press Ctrl-C once more to kill it.\n");
}

void terminal_watch(const struct spawn *child)
{
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	setpgid(0, child->pid); /* gone already: then there is nothing to watch */
}

void terminal_back(void)
{
	setpgid(0, own_group);
	put_in_foreground(own_group);
}
