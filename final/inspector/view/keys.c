/*
 * keys.c: what each key does to the view, but for those of the panes. No terminal here: a test
 * presses them.
 */
#define _GNU_SOURCE
#include "view.h"
#include "final/inspector/panes/detail.h"
#include "final/inspector/panes/pane.h"
#include "final/inspector/panes/tree.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const int view_signals[] = { SIGTERM, SIGKILL, SIGINT, SIGHUP, SIGSTOP, SIGCONT, SIGUSR1, 0 };

const char *view_signal_name(int number)
{
	const char *name = sigabbrev_np(number);

	return name ? name : "?";
}

void view_message(struct view *view, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(view->message, sizeof(view->message), format, args);
	va_end(args);
	view->message_new = true;
}

void view_move_cursor(struct view *view, const struct model *model, const struct order *order,
		      int by)
{
	int at = order_find(order, model, view->cursor) + by;

	if (order->count == 0)
		return;
	at = at < 0 ? 0 : at >= order->count ? order->count - 1 : at;
	view->cursor = model->rows[order->item[at].row].pid;
}

void view_settle(struct view *view, const struct model *model, const struct order *order, int page)
{
	int at = order_find(order, model, view->cursor);

	if (at < 0 && order->count) { /* gone: the container's init, or what stands in its place */
		at = order_find(order, model, model->box.init);
		if (at < 0)
			at = view->top < order->count ? view->top : order->count - 1;
		view->cursor = model->rows[order->item[at].row].pid;
	}
	const struct row *row = model_row(model, view->cursor);
	if (row && !view->cell_chosen)
		view->item[PANE_TREE] = tree_cell_to_ask(row);
	if (page < 1)
		return;
	if (at < view->top)
		view->top = at < 0 ? 0 : at;
	if (at >= view->top + page)
		view->top = at - page + 1;
	if (view->top > order->count - page)
		view->top = order->count - page;
	if (view->top < 0)
		view->top = 0;
}

/* From the cursor on, around the end, the next row that matches. */
static void find_next(struct view *view, const struct model *model, const struct order *order,
		      bool from_here)
{
	int at = order_find(order, model, view->cursor);

	if (!view->find[0])
		return;
	for (int i = from_here ? 0 : 1; i <= order->count; i++) {
		const struct row *row =
			&model->rows[order->item[(at + i + order->count) % order->count].row];
		if (row_matches(row, view->find)) {
			view->cursor = row->pid;
			return;
		}
	}
	view_message(view, "Not here: %s", view->find);
}

static void open_prompt(struct view *view, enum prompt prompt)
{
	view->prompt = prompt;
	snprintf(view->typed, sizeof(view->typed), "%s",
		 prompt == PROMPT_FILTER ? view->wish.filter : "");
}

static void type_key(struct view *view, const struct model *model, const struct order *order,
		     int key)
{
	size_t n = strlen(view->typed);

	if (key == K_ESCAPE) {
		if (view->prompt == PROMPT_FILTER)
			view->wish.filter[0] = '\0';
		view->prompt = PROMPT_NONE;
		return;
	}
	if (key == K_ENTER) {
		view->prompt = PROMPT_NONE;
		return;
	}
	if (key == K_BACKSPACE && n)
		view->typed[n - 1] = '\0';
	else if (key >= ' ' && key < 127 && n + 1 < sizeof(view->typed))
		view->typed[n] = (char)key, view->typed[n + 1] = '\0';
	if (view->prompt == PROMPT_FILTER) {
		snprintf(view->wish.filter, sizeof(view->wish.filter), "%s", view->typed);
	} else {
		snprintf(view->find, sizeof(view->find), "%s", view->typed);
		find_next(view, model, order, true);
	}
}

static void open_popup(struct view *view, enum popup popup)
{
	view->popup = view->popup == popup ? POP_NONE : popup;
	view->popup_at = view->popup_top = 0;
}

static int popup_count(const struct view *view, const struct model *model)
{
	int signals = 0;

	while (view_signals[signals])
		signals++;
	return view->popup == POP_HELP	   ? VIEW_HELP_LINES
	       : view->popup == POP_PICK   ? model->boxes_count
	       : view->popup == POP_SIGNAL ? signals
	       : view->popup == POP_SORT   ? SORTS
	       : view->popup == POP_LOG	   ? model->changes_count
	       : view->popup == POP_DETAIL ? detail_lines(view, model)
					   : 0;
}

static enum action popup_enter(struct view *view, const struct model *model)
{
	const struct row *row;
	enum popup popup = view->popup;

	view->popup = POP_NONE;
	if (popup == POP_PICK && view->popup_at < model->boxes_count) {
		view->picked = view->popup_at;
		view->cursor = model->boxes[view->picked].init;
		view->top = 0;
		return ACT_PICKED;
	}
	if (popup == POP_SORT)
		view->wish.sort = (enum sort)view->popup_at;
	if (popup == POP_SIGNAL && (row = model_row(model, view->cursor))) {
		view->signal = view_signals[view->popup_at];
		view->signal_pid = row->pid;
		view->signal_start = row->start;
		view->popup = POP_CONFIRM;
	}
	return ACT_NONE;
}

static enum action popup_key(struct view *view, const struct model *model, int key)
{
	int count = popup_count(view, model);

	if (view->popup == POP_CONFIRM) {
		view->popup = POP_NONE;
		if (key == 'y' || key == 'Y')
			return ACT_SEND_SIGNAL;
		view_message(view, "Not sent.");
		return ACT_NONE;
	}
	switch (key) {
	case K_UP:
	case 'k':
		view->popup_at -= view->popup_at > 0;
		return ACT_NONE;
	case K_DOWN:
	case 'j':
		view->popup_at += view->popup_at + 1 < count;
		return ACT_NONE;
	case K_PAGE_DOWN:
		view->popup_at = view->popup_at + 10 < count ? view->popup_at + 10
				 : count		     ? count - 1
							     : 0;
		return ACT_NONE;
	case K_PAGE_UP:
		view->popup_at = view->popup_at > 10 ? view->popup_at - 10 : 0;
		return ACT_NONE;
	case K_HOME:
		view->popup_at = 0;
		return ACT_NONE;
	case K_END:
		view->popup_at = count ? count - 1 : 0;
		return ACT_NONE;
	case K_ENTER:
		return popup_enter(view, model);
	default:
		view->popup = POP_NONE;
		/* Esc and q close; a function key closes and is then done. */
		return key >= K_F1 && key <= K_F10 ? ACT_REDRAW : ACT_NONE;
	}
}

static enum action letter(struct view *view, const struct model *model, const struct order *order,
			  int key)
{
	switch (key) {
	case 'q':
	case K_F10:
		return ACT_QUIT;
	case K_F1:
		open_popup(view, POP_HELP);
		break;
	case K_F1 + 1:
	case 'p':
		open_popup(view, POP_PICK);
		break;
	case K_F1 + 2:
	case '/':
		open_prompt(view, PROMPT_FIND);
		break;
	case K_F1 + 3:
	case '\\':
		open_prompt(view, PROMPT_FILTER);
		break;
	case K_F1 + 4:
	case 't':
		view->wish.flat = !view->wish.flat;
		view->wish.sort = SORT_PID;
		break;
	case K_F1 + 5:
	case '<':
	case '>':
		open_popup(view, POP_SORT);
		break;
	case K_F1 + 6:
	case '?':
		open_popup(view, POP_WHY);
		break;
	case K_F1 + 7:
	case 'L':
		open_popup(view, POP_LOG);
		break;
	case K_F1 + 8:
	case 'K':
		if (view->replaying)
			view_message(view,
				     "This is a recording: there is nobody to send a signal to.");
		else
			open_popup(view, POP_SIGNAL);
		break;
	case 'n':
		find_next(view, model, order, false);
		break;
	case 'Z':
	case 'z':
		view->paused = !view->paused;
		break;
	case 'P':
		view->presenter = !view->presenter;
		view->top = 0;
		break;
	case 'a':
		view->all = !view->all;
		return ACT_ALL;
	case 'L' - 64: /* Ctrl-L */
		return ACT_REDRAW;
	case 'Z' - 64:
		return ACT_SUSPEND;
	default:
		break;
	}
	return ACT_NONE;
}

enum action view_key(struct view *view, const struct model *model, const struct order *order,
		     int key, int page)
{
	if (view->prompt != PROMPT_NONE) {
		type_key(view, model, order, key);
		return ACT_NONE;
	}
	if (view->popup != POP_NONE) {
		enum action action = popup_key(view, model, key);
		if (action != ACT_REDRAW)
			return action;
	}
	if (panes[view->pane]->keys(view, model, order, key))
		return ACT_NONE;
	switch (key) {
	case K_PAGE_UP:
		view_move_cursor(view, model, order, -page);
		break;
	case K_PAGE_DOWN:
		view_move_cursor(view, model, order, page);
		break;
	case K_HOME:
		view_move_cursor(view, model, order, -order->count);
		break;
	case K_END:
		view_move_cursor(view, model, order, order->count);
		break;
	case K_TAB:
		view->pane = (enum pane_number)((view->pane + 1) % PANES);
		break;
	case K_BACKTAB:
		view->pane = (enum pane_number)((view->pane + PANES - 1) % PANES);
		break;
	case K_ENTER:
		open_popup(view, POP_DETAIL);
		break;
	default:
		return letter(view, model, order, key);
	}
	return ACT_NONE;
}
