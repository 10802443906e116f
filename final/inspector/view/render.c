/*
 * render.c: the whole screen: title, panes, keys.
 */
#define _GNU_SOURCE
#include "render.h"
#include "draw.h"
#include "final/inspector/panes/pane.h"

#include <stdio.h>
#include <string.h>

static const char *state_word(const struct model *model, const struct view *view)
{
	return view->replaying	 ? (view->paused ? "REPLAY paused" : "REPLAY")
	       : view->paused	 ? "PAUSED"
	       : model->ended	 ? "ENDED"
	       : view->recording ? "LIVE rec"
				 : "LIVE";
}

/* The name may be cut, what follows it is there or is not. */
void render_title(const struct model *model, const struct view *view, struct grid *grid)
{
	char right[64], who[64];
	int x = 1;

	grid_paint(grid, 0, 0, grid->width, ST_TITLE);
	snprintf(right, sizeof(right), "%s  %s ", state_word(model, view),
		 clock_text(model->clock));
	int end = grid->width - (int)strlen(right) - 1;
	if (grid->width >= 78)
		x = grid_text(grid, 0, x, -1, ST_TITLE, "inspect  ");
	if (model->found || model->ended) {
		snprintf(who, sizeof(who), " (%s)  init %d", model->box.kind, model->box.init);
		x = grid_text(grid, 0, x, end - x - (int)strlen(who), ST_TITLE, model->box.name);
		x = grid_text(grid, 0, x, end - x, ST_TITLE, who);
	} else if (view->waiting[0]) {
		x = grid_text(grid, 0, x, end - x, ST_TITLE, view->waiting);
		x = grid_whole(grid, 0, x, end, ST_TITLE, "  (q quits)");
	} else {
		x = grid_text(grid, 0, x, end - x, ST_TITLE, "no container: the whole host");
	}
	x = grid_whole(grid, 0, x, end, ST_TITLE, "  cgroup %s", layout_name(model->layout));
	grid_whole(grid, 0, x, end, ST_TITLE, "  every %.1fs", model->interval);
	grid_text(grid, 0, end + 1, -1, ST_TITLE, right);
}

void render_keys(const struct view *view, const struct layout *l, struct grid *grid)
{
	static const char *const whole[] = { "Help", "Pick", "Find", "Filter", "Tree",
					     "Sort", "Why?", "Log",  "Signal", "Quit" };
	static const char *const brief[] = { "Help", "Pick", "Find", "Filt", "Tree",
					     "Sort", "Why",  "Log",  "Sig",  "Quit" };
	const char *const *names = grid->width < 65 ? brief : whole;
	int x = 0;

	if (view->prompt != PROMPT_NONE) {
		grid_paint(grid, l->keys_y, 0, grid->width, ST_TITLE);
		grid_printf(grid, l->keys_y, 0, -1, ST_TITLE, "%s: %s_   (Enter: done, Esc: none)",
			    view->prompt == PROMPT_FIND ? "Find" : "Filter", view->typed);
		return;
	}
	if (view->message[0]) {
		grid_paint(grid, l->keys_y, 0, grid->width, ST_ALERT);
		grid_text(grid, l->keys_y, 0, -1, ST_ALERT, view->message);
		return;
	}
	for (int i = 0; i < 10; i++) {
		int needs = (i < 9 ? 2 : 3) + (int)strlen(names[i]);
		if (x + needs > grid->width)
			break;
		x = grid_printf(grid, l->keys_y, x, -1, ST_KEY, "F%d", i + 1);
		x = grid_text(grid, l->keys_y, x, -1, ST_TITLE, names[i]) + (grid->width >= 78);
	}
	if (x + 16 < grid->width)
		grid_text(grid, l->keys_y, x + 1, -1, ST_DIM, "Z pause P presenter");
}

void render_why(const struct model *model, const struct view *view, const struct layout *l,
		struct grid *grid)
{
	struct why_cell why;
	char title[96];

	if (!l->why_rows)
		return;
	why_cell(model, view, &why);
	snprintf(title, sizeof(title), "WHY? %s", why.title);
	grid_heading(grid, l->why_y, 0, grid->width, title, false);
	int used = draw_wrapped(grid, l->why_y + 1, 1, grid->width - 2, l->why_rows - 1, ST_PLAIN,
				why.text);
	grid_printf(grid, l->why_y + 1 + used, 1, grid->width - 2, ST_STRONG,
		    "See it yourself: %s   (%s)", why.command, why.lesson);
}

void render_too_small(struct grid *grid, int width, int height)
{
	char text[128];

	snprintf(text, sizeof(text),
		 "This terminal has %dx%d; inspector needs %dx%d. Make it larger, or q quits.",
		 grid->width, grid->height, width, height);
	draw_wrapped(grid, 0, 0, grid->width, grid->height, ST_PLAIN, text);
}

void render(const struct model *model, const struct view *view, const struct order *order,
	    struct grid *grid)
{
	struct layout l;

	grid_clear(grid);
	if (!layout_make(grid->width, grid->height, view->presenter, order->count, &l)) {
		render_too_small(grid, LAYOUT_MIN_WIDTH, LAYOUT_MIN_HEIGHT);
		return;
	}
	render_title(model, view, grid);
	if (view->presenter) {
		render_presenter(model, view, order, &l, grid);
	} else {
		for (int i = 0; i < PANES; i++)
			panes[i]->draw(model, view, order, &l, grid);
		render_why(model, view, &l, grid);
	}
	render_keys(view, &l, grid);
	render_popup(model, view, grid);
}
