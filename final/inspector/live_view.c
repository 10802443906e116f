/*
 * live_view.c: tick, draw, wait for a key; again.
 */
#define _GNU_SOURCE
#include "final/inspector/panes/tree.h"
#include "final/inspector/read/choose.h"
#include "final/inspector/read/kind.h"
#include "live_view.h"
#include "final/inspector/text/message.h"
#include "final/inspector/view/render.h"
#include "final/inspector/term/screen.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_MS = 3000, WAITING_MS = 250 };

struct session {
	const struct options *options;
	struct source *source, *other;
	struct model model, other_model;
	struct view view;
	struct order order;
	struct grid grid;
	int64_t due_ms, message_ms; /* the next look; until when the message stays */
	bool first_cursor;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A container that was asked for by kind or name and is not there: it may come, or come again. */
static void tell_waiting(struct session *s)
{
	const char *wanted = s->source->collector.wanted;
	char *text = s->view.waiting;
	size_t size = sizeof(s->view.waiting);

	text[0] = '\0';
	if (s->source->replay || !*wanted || s->model.found || s->model.ended)
		return;
	if (kind_is_known(wanted))
		snprintf(text, size, "waiting for %s %s container",
			 strchr("aeiou", wanted[0]) ? "an" : "a", wanted);
	else
		snprintf(text, size, "waiting for container %s", wanted);
}

static int tick(struct session *s)
{
	pid_t box = s->model.box.init;

	if (source_tick(s->source, &s->model) < 0 ||
	    (s->other && source_tick(s->other, &s->other_model) < 0))
		return -1;
	/* Another container: begin at its first process. */
	if (box != s->model.box.init)
		s->view.cursor = s->model.box.init;
	if (!s->first_cursor && s->model.found) {
		s->first_cursor = true;
		pid_t pid = wanted_pid(s->options->wanted);
		s->view.cursor = pid > 0 && model_row(&s->model, pid) ? pid : s->model.box.init;
	}
	tell_waiting(s);
	if (s->source->collector.note[0])
		view_message(&s->view, "%s", s->source->collector.note);
	int64_t pause = s->source->replay ? s->source->wait_ms
					  : (int64_t)(s->options->interval * 1000);
	if (s->view.waiting[0] && pause > WAITING_MS)
		pause = WAITING_MS; /* a short demo shall not be over before it is seen */
	s->due_ms = now_ms() + pause;
	return 0;
}

static bool layout_of(const struct session *s, struct layout *l)
{
	return layout_make(s->grid.width, s->grid.height, s->view.presenter, s->order.count, l);
}

static int page_of(const struct session *s)
{
	struct layout l;

	return layout_of(s, &l) ? l.tree_rows : 1;
}

static int draw(struct session *s)
{
	int width, height;

	screen_size(&width, &height);
	if (width != s->grid.width || height != s->grid.height) {
		grid_free(&s->grid);
		if (grid_make(&s->grid, width, height, !locale_is_utf8()) < 0)
			return -1;
	}
	if (order_rows(&s->model, &s->view.wish, &s->order) < 0)
		return -1;
	view_settle(&s->view, &s->model, &s->order, page_of(s));
	if (s->other)
		render_vs(&s->model, &s->other_model, &s->view, &s->grid);
	else
		render(&s->model, &s->view, &s->order, &s->grid);
	screen_show(&s->grid);
	return 0;
}

/* The number may have been given to somebody else since the picture was made: only a descriptor
 * and the start time together make sure that the right one gets it. */
static void send_signal(struct session *s)
{
	struct view *view = &s->view;
	struct collector *c = &s->source->collector;
	struct proc_stat now = { 0 };
	int fd = (int)syscall(SYS_pidfd_open, view->signal_pid, 0);

	if (fd < 0) {
		view_message(view, "%d: %s", view->signal_pid, strerror(errno));
		return;
	}
	if (c->live && proc_stat_read(c->procfd, view->signal_pid, &now) == 0 &&
	    now.starttime == view->signal_start &&
	    syscall(SYS_pidfd_send_signal, fd, view->signal, NULL, 0) == 0)
		view_message(view, "SIG%s sent to %d.", view_signal_name(view->signal),
			     view->signal_pid);
	else
		view_message(view, "Not sent to %d: %s", view->signal_pid,
			     !c->live ? "this is a fixture"
			     : now.starttime != view->signal_start
				     ? "it has ended; the number is another's now"
				     : strerror(errno));
	close(fd);
}

/* Returns false to leave. */
static bool act(struct session *s, enum action action)
{
	switch (action) {
	case ACT_QUIT:
		return false;
	case ACT_REDRAW:
		screen_redraw();
		break;
	case ACT_PICKED:
		if (s->source->replay) {
			view_message(&s->view, "A recording has one container.");
			break;
		}
		collector_want_box(&s->source->collector, &s->model.boxes[s->view.picked]);
		s->due_ms = 0;
		break;
	case ACT_ALL:
		s->source->collector.all = s->view.all;
		s->due_ms = 0;
		break;
	case ACT_SEND_SIGNAL:
		send_signal(s);
		break;
	case ACT_SUSPEND:
		raise(SIGTSTP);
		break;
	case ACT_NONE:
		break;
	}
	return true;
}

/* On a row of the tree; anywhere else a click means nothing. */
static void click(struct session *s, int y)
{
	struct layout l;

	if (!layout_of(s, &l) || y < l.rows_y || s->view.popup != POP_NONE || s->other)
		return;
	int row = (y - l.rows_y) / l.step, at = s->view.top + row;
	if (row >= l.tree_rows || at >= s->order.count)
		return;
	s->view.cursor = s->model.rows[s->order.item[at].row].pid;
}

static bool handle(struct session *s, int key)
{
	if (key == S_NOTHING)
		return true;
	if (key == S_SIGNAL || key == S_GONE)
		return false;
	if (key == S_RESIZED) {
		screen_redraw();
		return true;
	}
	if (key == S_CLICK) {
		click(s, screen_click_row());
		return true;
	}
	/* Side by side there is no cursor: what would open on one of the two does not. */
	if (s->other && key != K_F10 && !strchr("qQzZ\f", key < 128 ? key : '!'))
		return true;
	return act(s, view_key(&s->view, &s->model, &s->order, key, page_of(s)));
}

/* A message stays long enough to be read, however short the interval. */
static void age_message(struct session *s)
{
	struct view *view = &s->view;

	if (view->message_new)
		s->message_ms = now_ms() + MESSAGE_MS;
	else if (now_ms() >= s->message_ms)
		view->message[0] = '\0';
	view->message_new = false;
	if (s->source->over && !view->message[0])
		snprintf(view->message, sizeof(view->message), "The recording ends here. q quits.");
}

static int loop(struct session *s)
{
	for (;;) {
		int64_t now = now_ms();
		if (now >= s->due_ms && !s->view.paused) {
			if (s->options->ticks && s->source->ticks >= s->options->ticks)
				return 0;
			if (tick(s) < 0)
				return 1;
		}
		age_message(s);
		if (draw(s) < 0)
			return 1;
		int64_t wait = s->view.paused || s->view.message[0] ? MESSAGE_MS / 3
								    : s->due_ms - now_ms();
		if (!s->view.paused && s->due_ms - now_ms() < wait)
			wait = s->due_ms - now_ms();
		if (!handle(s, screen_key(wait < 0 ? 0 : (int)wait)))
			return 0;
	}
}

int live_view(const struct options *options, struct source *source, struct source *other)
{
	static struct session s;
	char note[96];

	memset(&s, 0, sizeof(s));
	s.options = options;
	s.source = source;
	s.other = other;
	model_init(&s.model);
	model_init(&s.other_model);
	s.view.item[PANE_TREE] = tree_cell_to_ask(NULL);
	s.view.presenter = options->presenter;
	s.view.replaying = source->replay != NULL;
	s.view.recording = source->recording != NULL;
	s.view.all = options->all;
	if (tick(&s) < 0)
		return 1;
	/* A kind may come yet; a number or a name may be a slip of the hand. */
	bool waits = !other && kind_is_known(options->wanted);
	const char *missing = *options->wanted && !s.model.found && !waits ? options->wanted
			      : other && !s.other_model.found		   ? options->other
									   : NULL;
	if (missing) {
		fprintf(stderr,
			"inspector: %s: no such container or process.\n"
			"inspector --once %s lists what is here.\n",
			for_terminal(missing), for_terminal(missing));
		return 1;
	}
	if (screen_open(options->mouse, note, sizeof(note)) < 0)
		return 1;
	if (note[0])
		view_message(&s.view, "%s", note);
	int status = loop(&s);
	int signal = screen_signal();
	screen_close();
	if (note[0])
		fprintf(stderr, "inspector: %s\n", for_terminal(note));
	model_free(&s.model);
	model_free(&s.other_model);
	order_free(&s.order);
	grid_free(&s.grid);
	if (signal) /* end as we were told to, now that the terminal is the user's again */
		raise(signal);
	return status;
}
