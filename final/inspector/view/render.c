/*
 * render.c: the frame: title, keys, and who draws what.
 */
#define _GNU_SOURCE
#include "render.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static char *ring(void)
{
	static char texts[4][24];
	static unsigned turn;

	return texts[turn++ % 4];
}

const char *clock_text(int64_t ms)
{
	char *text = ring();
	time_t seconds = (time_t)(ms / 1000);
	struct tm broken;

	localtime_r(&seconds, &broken);
	snprintf(text, 24, "%02d:%02d:%02d", broken.tm_hour, broken.tm_min, broken.tm_sec);
	return text;
}

const char *short_inode(unsigned inode)
{
	char *text = ring();

	if (inode)
		snprintf(text, 24, "..%04u", inode % 10000);
	else
		snprintf(text, 24, "-");
	return text;
}

const char *short_bytes(int64_t bytes)
{
	static const char units[] = "BKMGTP";
	char *text = ring();
	double value = (double)bytes;
	int unit = 0;

	if (bytes < 0)
		return "-";
	if (bytes == MODEL_NO_LIMIT)
		return "no limit";
	for (; value >= 1000 && unit < 5; unit++)
		value /= 1024;
	snprintf(text, 24, unit && value < 100 ? "%.1f%c" : "%.0f%c", value, units[unit]);
	return text;
}

int draw_wrapped(struct grid *grid, int y, int x, int width, int most, enum style style,
		 const char *text)
{
	int lines = 0;

	while (*text && lines < most) {
		size_t room = (size_t)(width > 0 ? width : 1), n = strlen(text);
		if (n > room) {
			n = room;
			while (n > room / 2 && text[n] != ' ')
				n--;
			if (n == room / 2)
				n = room;
		}
		grid_printf(grid, y + lines++, x, width, style, "%.*s", (int)n, text);
		text += n;
		text += strspn(text, " ");
	}
	return lines;
}

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

int render_more(struct grid *grid, int y, int end, int room, const struct view *view, int rows,
		int count)
{
	int above = view->top, below = count - above - rows;
	char text[48];

	if (below < 0)
		below = 0;
	if (above + below == 0)
		return end;
	if (above)
		snprintf(text, sizeof(text), below ? "%d above, %d more" : "%d above", above,
			 below);
	else
		snprintf(text, sizeof(text), "%d more", below);
	if ((int)strlen(text) > room)
		snprintf(text, sizeof(text), "%d more", above + below);
	int x = end - (int)strlen(text);
	grid_text(grid, y, x, -1, ST_STRONG, text);
	return x;
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
		render_tree(model, view, order, &l, grid);
		render_namespaces(model, view, &l, grid);
		render_cgroup(model, view, &l, grid);
		render_identity(model, view, &l, grid);
		render_why(model, view, order, &l, grid);
		render_changes(model, view, &l, grid);
	}
	render_keys(view, &l, grid);
	render_popup(model, view, order, grid);
}
