/*
 * view.h: how the user looks at the model: cursor, panes, filter, what is open. Keys change it,
 * the renderer obeys it.
 */
#pragma once

#include "final/inspector/model/model.h"
#include "order.h"

/* By this number panes[] of panes/pane.h has them, Tab goes through them, and they are drawn. */
enum pane_number { PANE_TREE, PANE_NS, PANE_CGROUP, PANE_IDENTITY, PANE_CHANGES, PANES };

enum popup {
	POP_NONE,
	POP_HELP,
	POP_PICK,
	POP_WHY,
	POP_LOG,
	POP_SIGNAL,
	POP_CONFIRM,
	POP_DETAIL,
	POP_SORT
};

enum prompt { PROMPT_NONE, PROMPT_FIND, PROMPT_FILTER };

enum { VIEW_HELP_LINES = 14 };

/* What a key asks of the program beyond the view. */
enum action { ACT_NONE, ACT_QUIT, ACT_REDRAW, ACT_PICKED, ACT_SEND_SIGNAL, ACT_SUSPEND, ACT_ALL };

struct view {
	enum pane_number pane;
	int item[PANES];  /* the cell of each pane */
	bool cell_chosen; /* the user has moved to that column; else it is the one to ask about */
	pid_t cursor;	  /* the process under the cursor; 0: the first */
	int top;	  /* first row of the tree that is seen */
	enum popup popup;
	int popup_at, popup_top;
	enum prompt prompt;
	char typed[48], find[48];
	struct order_wish wish;
	bool paused, presenter, recording, replaying, all;
	char message[96];
	char waiting[96]; /* "waiting for a step05 container", or "" */
	bool message_new; /* set by view_message(); who shows it sees to its going */
	int signal;	  /* chosen in POP_SIGNAL */
	pid_t signal_pid;
	unsigned long long signal_start;
	int picked; /* index into model->boxes */
};

/* Keys as the screen hands them on: characters as they are, the rest from here. */
enum key {
	K_ESCAPE = 27,
	K_UP = 0x200000, /* beyond Unicode */
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_HOME,
	K_END,
	K_ENTER,
	K_TAB,
	K_BACKTAB,
	K_BACKSPACE,
	K_F1,
	K_F10 = K_F1 + 9,
};

/* Changes the view as the key says. page: rows of the tree that are seen. */
enum action view_key(struct view *view, const struct model *model, const struct order *order,
		     int key, int page);

/* Moves the cursor by so many rows, no further than there are. */
void view_move_cursor(struct view *view, const struct model *model, const struct order *order,
		      int by);

/* Keeps the cursor on a row that is there and in sight. */
void view_settle(struct view *view, const struct model *model, const struct order *order, int page);

/* The signals that F9 offers, by number; 0 ends the list. */
extern const int view_signals[];
const char *view_signal_name(int number);

void view_message(struct view *view, const char *format, ...) __attribute__((format(printf, 2, 3)));
