/*
 * attend.c: one loop over the container's end, signals, the keyboard and the screen.
 */
#define _GNU_SOURCE
#include "attend.h"
#include "final/runtime/clock.h"
#include "final/runtime/notify.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/terminal.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { GRACE_MS = 10000, SAME_MS = 1000, LOOK_MS = 250 };

struct attendance {
	struct container *container;
	struct streams *streams;
	bool is_init;	  /* it is PID 1 of its namespace, to which the rules of step 8 apply */
	bool hinted;	  /* the user was told how to kill a PID 1 that is deaf to Ctrl-C */
	bool ended;	  /* PID 1 is dead; what is left is its output */
	bool in_line;	  /* the input so far does not end in a whole line */
	int output_error; /* errno of the first write of output that failed; 0: none */
	long term_at;	  /* when the first SIGTERM came; 0: none */
	long kill_at;	  /* when to kill after a hang-up; 0: never */
};

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

/* ---- signals to the container ---- */

static void send_signal(const struct attendance *a, int signal_number)
{
	syscall(SYS_pidfd_send_signal, a->container->process.pidfd, signal_number, NULL, 0);
}

/* The kernel drops a signal of ours for PID 1 only: a process of exec, or of a PID namespace that was
 * joined, has the default action. */
static bool is_init(pid_t pid)
{
	char numbers[256];
	int procfd = proc_open();
	bool known = procfd >= 0 &&
		     proc_status_value(procfd, pid, "NSpid", numbers, sizeof(numbers));

	close_keeping_errno(procfd);
	const char *last = known ? strrchr(numbers, '\t') : NULL;
	return !known || strcmp(last ? last + 1 : numbers, "1") == 0;
}

static bool hears(const struct attendance *a, int signal_number)
{
	return !a->is_init || hears_signal(a->container->process.pid, signal_number);
}

/* On a raw terminal a line ends with a carriage return of its own. */
static void say(const struct attendance *a, const char *text)
{
	dprintf(2, "%sminibox: %s%s", a->streams->raw ? "\r\n" : "", text,
		a->streams->raw ? "\r\n" : "\n");
}

static void interrupt(struct attendance *a, int signal_number)
{
	if (hears(a, signal_number)) {
		send_signal(a, signal_number);
	} else if (a->hinted) {
		send_signal(a, SIGKILL);
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
	if (a->term_at && now_ms() - a->term_at < SAME_MS)
		return;
	if (!a->term_at && hears(a, SIGTERM)) {
		send_signal(a, SIGTERM);
	} else {
		if (!a->term_at)
			say(a, "PID 1 inside has no handler for SIGTERM, and the kernel would drop "
			       "it (step 8): killed.");
		send_signal(a, SIGKILL);
	}
	a->term_at = now_ms();
}

/* The terminal is gone, and with it the one who could end the container later. */
static void hang_up(struct attendance *a)
{
	if (a->kill_at)
		return;
	a->kill_at = now_ms() + GRACE_MS;
	a->streams->in.from = -1;
	if (hears(a, SIGHUP))
		send_signal(a, SIGHUP);
	else
		send_signal(a, hears(a, SIGTERM) ? SIGTERM : SIGKILL);
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

static void on_signal(struct attendance *a, int signal_number)
{
	switch (signal_number) {
	case SIGTERM:
		terminate(a);
		break;
	case SIGHUP:
		hang_up(a);
		break;
	case SIGINT:
	case SIGQUIT:
		interrupt(a, signal_number);
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
		send_signal(a, signal_number);
	}
}

/* ---- bytes ---- */

/* Ctrl-C for a PID 1 that does not hear it: the terminal's driver would send a signal that the
 * kernel drops. Only where PID 1 itself is in that terminal's foreground. */
static void look_for_interrupt(struct attendance *a)
{
	const struct stream *in = &a->streams->in;
	struct termios theirs;

	if (a->streams->master < 0 || tcgetattr(a->streams->master, &theirs) < 0 ||
	    !(theirs.c_lflag & ISIG) || !memchr(in->block, theirs.c_cc[VINTR], in->have) ||
	    tcgetpgrp(a->streams->master) != a->container->process.pid)
		return;
	if (!hears(a, SIGINT))
		interrupt(a, SIGINT);
}

/* Where does a line of the container's terminal stand after what has been read? */
static void look_for_line_end(struct attendance *a)
{
	const struct stream *in = &a->streams->in;
	struct termios theirs;

	if (!in->have || a->streams->master < 0 || tcgetattr(a->streams->master, &theirs) < 0)
		return;
	char last = in->block[in->have - 1];
	a->in_line = last != '\n' && !(last == '\r' && (theirs.c_iflag & ICRNL)) &&
		     last != (char)theirs.c_cc[VEOF];
}

/* A terminal is told by the byte that means it. In the middle of a line the first one only hands
 * over what there is of it: the reader gets that, and reads on. */
static void type_end_of_file(struct attendance *a)
{
	struct stream *in = &a->streams->in;
	struct termios theirs;

	in->have = in->done = 0;
	if (tcgetattr(a->streams->master, &theirs) < 0)
		return;
	in->block[in->have++] = (char)theirs.c_cc[VEOF];
	if (a->in_line && (theirs.c_lflag & ICANON))
		in->block[in->have++] = (char)theirs.c_cc[VEOF];
}

/* The end of input. A pipe is closed. */
static void end_input(struct attendance *a)
{
	struct streams *s = a->streams;

	if (s->terminal) {
		type_end_of_file(a);
	} else {
		close(s->in.to);
		s->in.to = -1;
	}
	/* At a terminal an end of file is a key, unless the terminal itself is gone. */
	struct pollfd keyboard = { .fd = 0 };
	bool gone = isatty(0) && poll(&keyboard, 1, 0) > 0 && (keyboard.revents & POLLHUP);
	s->in.from = -1;
	if (gone)
		hang_up(a);
}

static void move_in(struct attendance *a, bool readable, bool writable)
{
	struct stream *in = &a->streams->in;
	bool empty = in->have == in->done;

	if (!stream_move(in, readable, false)) {
		end_input(a); /* what is still to be written waits for POLLOUT */
		return;
	}
	if (empty && in->have > in->done) {
		look_for_interrupt(a);
		look_for_line_end(a);
	}
	if (!stream_move(in, false, writable || empty)) { /* it has closed its input */
		in->from = -1;
		in->have = in->done = 0;
	}
}

static void close_out(struct streams *s)
{
	if (s->out.from >= 0 && s->out.from != s->master)
		close(s->out.from);
	s->out.from = -1;
}

/* What cannot be written is thrown away, or the container would wait for ever; its command hears of
 * it as a program does whose terminal is gone. */
static void lose_output(struct attendance *a, int error)
{
	struct stream *out = &a->streams->out;

	out->have = out->done = 0;
	if (!a->output_error)
		a->output_error = error;
	if (!a->ended)
		hang_up(a);
}

static void move_out(struct attendance *a, bool readable, bool writable)
{
	struct stream *out = &a->streams->out;

	if (stream_move(out, readable, writable))
		return;
	if (out->have > out->done)
		lose_output(a, errno);
	else
		close_out(a->streams);
}

/* ---- the loop ---- */

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
		return a->term_at ? SAME_MS : -1;
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
		send_signal(a, SIGKILL);
		a->kill_at = now_ms() + GRACE_MS;
	}
	streams_raw(a->streams); /* if we have come to the foreground */
}

static void read_signals(struct attendance *a, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (a->ended && info.ssi_signo != SIGWINCH && info.ssi_signo != SIGCONT)
			close_out(a->streams); /* its screen is stopped, and the user wants to go */
		else
			on_signal(a, (int)info.ssi_signo);
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
				.is_init = is_init(container->process.pid) };
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
			move_in(&a, fds[KEYS].revents, fds[TO_CONTAINER].revents);
		if (fds[FROM_CONTAINER].revents || fds[SCREEN].revents)
			move_out(&a, fds[FROM_CONTAINER].revents, fds[SCREEN].revents);
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
