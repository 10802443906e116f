/*
 * attend.c: one loop over the container's end, signals, the keyboard and the screen.
 */
#define _GNU_SOURCE
#include "attend.h"
#include "attendance.h"
#include "final/runtime/clock.h"
#include "final/runtime/notify.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { LOOK_MS = 250 };

/* nohup ignores SIGHUP, and a shell without job control SIGINT and SIGQUIT for what it starts with
 * "&": the user has asked for it. */
static bool is_ignored_on_purpose(int signal_number)
{
	struct sigaction now;

	return (signal_number == SIGHUP || signal_number == SIGINT || signal_number == SIGQUIT) &&
	       sigaction(signal_number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int attend_signals(void)
{
	static const int passed[] = { SIGTERM, SIGHUP,	 SIGINT,  SIGQUIT, SIGUSR1,
				      SIGUSR2, SIGWINCH, SIGCONT, SIGTSTP };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(passed) / sizeof(*passed); i++)
		if (!is_ignored_on_purpose(passed[i]))
			sigaddset(&set, passed[i]);
	for (int i = 1; i < NSIG; i++)
		if (!is_ignored_on_purpose(i))
			signal(i, SIG_DFL);
	signal(SIGPIPE, SIG_IGN); /* output that no process reads is an error of write(2) */
	signal(SIGXFSZ, SIG_IGN); /* so is a file beyond `ulimit -f` */
	if (SYS(sigprocmask(SIG_BLOCK, &set, NULL), "signals") < 0)
		return -1;
	return SYS(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signals");
}

enum { END, SIGNALS, KEYS, TO_CONTAINER, FROM_CONTAINER, SCREEN, READY, POLLED };

static void watch_for(const struct attendance *a, int signals, struct pollfd fds[POLLED])
{
	const struct streams *s = a->streams;
	bool in_full = s->in.have > s->in.done, out_full = s->out.have > s->out.done;

	fds[END] = (struct pollfd){ .fd = a->ended ? -1 : a->container->process.pidfd,
				    .events = POLLIN };
	fds[SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
	fds[KEYS] = (struct pollfd){ .fd = !a->ended && streams_may_read(s) ? s->in.from : -1,
				     .events = POLLIN };
	fds[TO_CONTAINER] = (struct pollfd){ .fd = in_full && !a->ended ? s->in.to : -1,
					     .events = POLLOUT };
	fds[FROM_CONTAINER] = (struct pollfd){ .fd = out_full ? -1 : s->out.from,
					       .events = POLLIN };
	fds[SCREEN] = (struct pollfd){ .fd = out_full ? s->out.to : -1, .events = POLLOUT };
	fds[READY] = (struct pollfd){ .fd = a->container->notify ? a->container->notify->from : -1,
				      .events = POLLIN };
}

/* How long to wait: to the end of a grace, or, after the end, not at all where nothing more can
 * come: a process that has joined from outside may hold a pipe open. After SIGTERM a reader that
 * does not read has its moment, too. */
static int patience(const struct attendance *a)
{
	const struct streams *s = a->streams;
	long left = -1;

	if (a->ended && s->out.have == s->out.done)
		return 0;
	if (a->ended)
		return a->term_at ? ATTEND_SAME_MS : -1;
	if (a->kill_at)
		left = a->kill_at - now_ms() > 0 ? a->kill_at - now_ms() : 0;
	/* A shell's fg sends SIGCONT to a job that was stopped, but to one that ran none. */
	if (s->in.from >= 0 && !streams_in_foreground() && (left < 0 || left > LOOK_MS))
		left = LOOK_MS;
	return (int)left;
}

/* Nothing has come in that time. */
static void waited(struct attendance *a)
{
	if (a->kill_at && now_ms() >= a->kill_at) {
		attend_send(a, SIGKILL);
		a->kill_at = now_ms() + ATTEND_GRACE_MS;
	}
	streams_raw(a->streams); /* if we have come to the foreground */
}

static void read_signals(struct attendance *a, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (a->ended && info.ssi_signo != SIGWINCH && info.ssi_signo != SIGCONT)
			attend_close_out(
				a->streams); /* its screen is stopped, and the user wants to go */
		else
			attend_on_signal(a, (int)info.ssi_signo);
	}
}

/* A manager that cannot be told does not end the container. */
static void hand_on(struct notify *notify)
{
	if (notify_hand_on(notify, 0) >= 0)
		return;
	sys_failure_print(2, "minibox-runtime: warning");
	sys_failure_clear();
	notify_close(notify);
}

int attend(struct container *container, struct streams *streams, int signals, int *status)
{
	struct attendance a = { .container = container,
				.streams = streams,
				.is_init = attend_is_init(container->process.pid) };
	struct pollfd fds[POLLED];

	streams_raw(streams);
	for (;;) {
		watch_for(&a, signals, fds);
		int ready = poll(fds, POLLED, patience(&a));
		if (ready < 0 && errno != EINTR) {
			sys_failure_set(errno, "poll", "the container", NULL, NULL);
			break;
		}
		if (ready == 0 && a.ended)
			break;
		if (ready == 0)
			waited(&a);
		if (ready <= 0)
			continue;
		if (fds[SIGNALS].revents)
			read_signals(&a, signals);
		if (fds[READY].revents)
			hand_on(container->notify);
		if (fds[KEYS].revents || fds[TO_CONTAINER].revents)
			attend_move_in(&a, fds[KEYS].revents, fds[TO_CONTAINER].revents);
		if (fds[FROM_CONTAINER].revents || fds[SCREEN].revents)
			attend_move_out(&a, fds[FROM_CONTAINER].revents, fds[SCREEN].revents);
		/* Last, and the loop goes on: its output may still be on the way. */
		if (fds[END].revents)
			a.ended = true;
	}
	streams_cooked(streams);
	if (!a.ended || container_wait(container, status) < 0)
		return -1;
	if (!a.output_error || a.output_error == EPIPE) /* `| head` has seen enough */
		return 0;
	sys_failure_set(a.output_error, "write", "the container's output", NULL, NULL);
	return -1;
}
