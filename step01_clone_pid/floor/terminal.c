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
static struct spawn *watched;

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
	char path[32], status[4096], mask[32];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (read_file_at(AT_FDCWD, path, status, sizeof(status)) < 0)
		return false;
	for (int i = 0; i < 2; i++)
		if (status_value(status, masks[i], mask, sizeof(mask)) &&
		    (strtoull(mask, NULL, 16) & (1ULL << (signal_number - 1))))
			return true;
	return false;
}

static void on_interrupt(int signal_number)
{
	static volatile sig_atomic_t count;
	static const char hint[] = "\nminibox: PID 1 inside has no handler for this signal, so the "
				   "kernel drops it (step 8).\n"
				   "minibox: press Ctrl-C once more to kill it.\n";

	(void)signal_number;
	if (!watched || hears_signal(watched->pid, signal_number))
		return; /* it decides for itself */
	if (++count > 1) {
		syscall(SYS_pidfd_send_signal, watched->pidfd, SIGKILL, NULL, 0);
		return;
	}
	ssize_t ignored = write(2, hint, sizeof(hint) - 1);
	(void)ignored;
}

void terminal_watch(struct spawn *child)
{
	watched = child;
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = on_interrupt, .sa_flags = SA_RESTART },
		  NULL);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	setpgid(0, child->pid); /* gone already: then there is nothing to watch */
}

void terminal_back(void)
{
	watched = NULL;
	setpgid(0, own_group);
	put_in_foreground(own_group);
}
