/*
 * attend_signals.c: what a signal, or Ctrl-C, means to a container in the foreground.
 */
#define _GNU_SOURCE
#include "attendance.h"
#include "final/runtime/clock.h"

#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/terminal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void attend_send(const struct attendance *a, int signal_number)
{
	syscall(SYS_pidfd_send_signal, a->container->process.pidfd, signal_number, NULL, 0);
}

/* The kernel drops a signal of ours for PID 1 only: a process of exec, or of a PID namespace that
 * was joined, has the default action. */
bool attend_is_init(pid_t pid)
{
	char numbers[256];
	int procfd = proc_open();
	bool known = procfd >= 0 &&
		     proc_status_value(procfd, pid, "NSpid", numbers, sizeof(numbers));

	close_keeping_errno(procfd);
	const char *last = known ? strrchr(numbers, '\t') : NULL;
	return !known || strcmp(last ? last + 1 : numbers, "1") == 0;
}

bool attend_hears(const struct attendance *a, int signal_number)
{
	return !a->is_init || hears_signal(a->container->process.pid, signal_number);
}

/* On a raw terminal a line ends with a carriage return of its own. */
static void say(const struct attendance *a, const char *text)
{
	dprintf(2, "%sminibox: %s%s", a->streams->raw ? "\r\n" : "", text,
		a->streams->raw ? "\r\n" : "\n");
}

void attend_interrupt(struct attendance *a, int signal_number)
{
	if (attend_hears(a, signal_number)) {
		attend_send(a, signal_number);
	} else if (a->hinted) {
		attend_send(a, SIGKILL);
	} else {
		a->hinted = true;
		say(a, "PID 1 inside has no handler for this signal, so the kernel drops it "
		       "(step 8).");
		say(a, "press Ctrl-C once more to kill it.");
	}
}

/* The first one is the command's to obey. timeout(1) sends it twice in a moment, to us and to our
 * group; one that comes a second later means it. */
static void terminate(struct attendance *a)
{
	if (a->term_at && now_ms() - a->term_at < ATTEND_SAME_MS)
		return;
	if (!a->term_at && attend_hears(a, SIGTERM)) {
		attend_send(a, SIGTERM);
	} else {
		if (!a->term_at)
			say(a, "PID 1 inside has no handler for SIGTERM, and the kernel would drop "
			       "it (step 8): killed.");
		attend_send(a, SIGKILL);
	}
	a->term_at = now_ms();
}

/* The terminal is gone, and with it the one who could end the container later. */
void attend_hang_up(struct attendance *a)
{
	if (a->kill_at)
		return;
	a->kill_at = now_ms() + ATTEND_GRACE_MS;
	a->streams->in.from = -1;
	if (attend_hears(a, SIGHUP))
		attend_send(a, SIGHUP);
	else
		attend_send(a, attend_hears(a, SIGTERM) ? SIGTERM : SIGKILL);
}

/* Sent by kill(1): from the keyboard it is a byte for the container's terminal. */
static void stop_ourselves(struct attendance *a)
{
	sigset_t stop;

	streams_cooked(a->streams);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP); /* by its default action, which spares a process that no shell could wake */
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	streams_raw(a->streams);
}

void attend_on_signal(struct attendance *a, int signal_number)
{
	switch (signal_number) {
	case SIGTERM:
		terminate(a);
		break;
	case SIGHUP:
		attend_hang_up(a);
		break;
	case SIGINT:
	case SIGQUIT:
		attend_interrupt(a, signal_number);
		break;
	case SIGTSTP:
		stop_ourselves(a);
		break;
	case SIGCONT: /* after a stop the shell has set the terminal as it likes it */
		streams_raw(a->streams);
		streams_resize(a->streams);
		break;
	case SIGWINCH:
		streams_resize(a->streams);
		break;
	default:
		attend_send(a, signal_number);
	}
}
