/*
 * waits.c: what hangs, for a scene that did not end in time.
 */
#define _GNU_SOURCE
#include "waits.h"
#include "step01_clone_pid/floor/demo/guard_undo.h"
#include "procfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* Calls that a process can wait in for ever. Not every machine has all of them. */
static const struct {
	long number;
	const char *name;
} calls[] = {
	{ SYS_read, "read" },
	{ SYS_write, "write" },
	{ SYS_wait4, "wait4" },
	{ SYS_waitid, "waitid" },
	{ SYS_futex, "futex" },
	{ SYS_nanosleep, "nanosleep" },
	{ SYS_clock_nanosleep, "clock_nanosleep" },
	{ SYS_ppoll, "ppoll" },
	{ SYS_pselect6, "pselect6" },
	{ SYS_epoll_pwait, "epoll_pwait" },
	{ SYS_rt_sigsuspend, "rt_sigsuspend" },
	{ SYS_rt_sigtimedwait, "rt_sigtimedwait" },
	{ SYS_recvmsg, "recvmsg" },
	{ SYS_recvfrom, "recvfrom" },
	{ SYS_sendmsg, "sendmsg" },
	{ SYS_sendto, "sendto" },
	{ SYS_accept, "accept" },
	{ SYS_accept4, "accept4" },
	{ SYS_connect, "connect" },
	{ SYS_openat, "openat" },
	{ SYS_flock, "flock" },
	{ SYS_fcntl, "fcntl" },
	{ SYS_clone, "clone" },
	{ SYS_execve, "execve" },
	{ SYS_mq_timedreceive, "mq_timedreceive" },
#ifdef SYS_poll
	{ SYS_poll, "poll" },
	{ SYS_select, "select" },
	{ SYS_pause, "pause" },
	{ SYS_open, "open" },
	{ SYS_fork, "fork" },
	{ SYS_vfork, "vfork" },
	{ SYS_epoll_wait, "epoll_wait" },
#endif
};

/* "running", "wait4", "call 281", or "" where the kernel does not say (no rights to trace it). */
static void call_of(int procfd, pid_t pid, char *out, size_t size)
{
	char path[40], text[256], *end;

	out[0] = '\0';
	snprintf(path, sizeof(path), "%d/syscall", pid);
	if (read_file_at(procfd, path, text, sizeof(text)) <= 0)
		return;
	long number = strtol(text, &end, 10);
	if (end == text || number < 0) {
		snprintf(out, size, end == text ? "running" : "");
		return;
	}
	snprintf(out, size, "in call %ld", number);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].number == number)
			snprintf(out, size, "in %s", calls[i].name);
}

/* Where in the kernel it sleeps; "" if it does not, or the kernel does not say. */
static void place_of(int procfd, pid_t pid, char *out, size_t size)
{
	char path[40], text[64];

	out[0] = '\0';
	snprintf(path, sizeof(path), "%d/wchan", pid);
	if (read_file_at(procfd, path, text, sizeof(text)) > 0 && strcmp(text, "0") != 0)
		snprintf(out, size, " [%s]", text);
}

struct waits {
	char *out;
	size_t size, length;
	int told, left;
};

static void add_one(int procfd, pid_t pid, void *arg)
{
	struct waits *waits = arg;
	struct proc_stat stat;
	char call[32], place[70];

	if (proc_stat_read(procfd, pid, &stat) < 0 || stat.state == 'Z')
		return;
	call_of(procfd, pid, call, sizeof(call));
	place_of(procfd, pid, place, sizeof(place));
	if (!call[0])
		snprintf(call, sizeof(call), "in state %c", stat.state);
	if (stat.state == 'T' || stat.state == 'D')
		snprintf(place, sizeof(place), stat.state == 'T' ? ", stopped" : ", state D");
	int n = snprintf(waits->out + waits->length, waits->size - waits->length,
			 "%s%.15s (%d) %s%s", waits->told ? "; " : "", stat.comm, pid, call, place);
	if (n < 0 || waits->length + (size_t)n + sizeof("; 9999999 more") > waits->size) {
		waits->out[waits->length] = '\0';
		waits->left++;
		return;
	}
	waits->length += (size_t)n;
	waits->told++;
}

void describe_waits(char *out, size_t size)
{
	struct waits waits = { .out = out, .size = size };

	snprintf(out, size, "no process of it is left");
	guard_each_descendant(add_one, &waits);
	if (waits.left)
		snprintf(out + waits.length, size - waits.length, "; %d more", waits.left);
}
