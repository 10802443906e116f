/*
 * render_popup.c: boxes over the screen: help, picker, Why?, log, signals, lists.
 */
#define _GNU_SOURCE
#include "render.h"
#include "draw.h"
#include "final/inspector/panes/detail.h"
#include "final/inspector/panes/pane.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

struct frame {
	int y, x, height, width; /* of the inside */
};

/* Lines of the screen that a popup leaves to what is behind it. */
static int around(const struct grid *grid)
{
	return grid->height < LAYOUT_FULL_HEIGHT ? 2 : 4;
}

static struct frame draw_frame(struct grid *grid, int height, int width, const char *title)
{
	struct frame f;

	f.width = width < grid->width - 4 ? width : grid->width - 4;
	f.height = height < grid->height - around(grid) ? height : grid->height - around(grid);
	f.y = (grid->height - f.height) / 2;
	f.x = (grid->width - f.width) / 2;
	for (int y = f.y - 1; y <= f.y + f.height; y++) {
		for (int x = f.x - 2; x < f.x + f.width + 2; x++)
			grid_text(grid, y, x, 1, ST_POPUP, " ");
		grid_put(grid, y, f.x - 2, ST_POPUP, 0x2502, '|');
		grid_put(grid, y, f.x + f.width + 1, ST_POPUP, 0x2502, '|');
	}
	grid_line(grid, f.y - 1, f.x - 1, f.width + 2, ST_POPUP);
	grid_line(grid, f.y + f.height, f.x - 1, f.width + 2, ST_POPUP);
	grid_put(grid, f.y - 1, f.x - 2, ST_POPUP, 0x250c, '+');
	grid_put(grid, f.y - 1, f.x + f.width + 1, ST_POPUP, 0x2510, '+');
	grid_put(grid, f.y + f.height, f.x - 2, ST_POPUP, 0x2514, '+');
	grid_put(grid, f.y + f.height, f.x + f.width + 1, ST_POPUP, 0x2518, '+');
	grid_printf(grid, f.y - 1, f.x, f.width, ST_KEY, " %s ", title);
	return f;
}

/* In the frame itself: lines that it has no room for. */
static void say_more(struct grid *grid, const struct frame *f, int lines, const char *word)
{
	if (lines > 0)
		grid_printf(grid, f->y + f->height, f->x, f->width, ST_KEY, " %d %s ", lines, word);
}

static void help(const struct view *view, struct grid *grid)
{
	static const char *const lines[] = {
		"arrows, h j k l  move       Tab, Shift-Tab  next pane",
		"PgUp PgDn Home End          Enter  list of the cell",
		"F2 p  pick a container      F7 ?  Why? about the cell",
		"F3 /  find, n: next         F8 L  the whole log",
		"F4 \\  filter                F9 K  send a signal (asks)",
		"F5 t  tree on, off          a     all host processes",
		"F6 <  sort by ...           P     presenter mode",
		"Z     pause, go on          Ctrl-L  draw anew",
		"F1 help   Esc closes        F10 q  quit",
		"",
		"One process, two numbers: PID on the host, NSPID inside.",
		"ZOMBIE: dead, not waited for.  NEW, ended: for 4 looks.",
		"joined: came in by setns(2), as nsenter and exec do.",
		"!= own: its own namespace.  == SHARED: the host's.",
	};
	_Static_assert(sizeof(lines) / sizeof(*lines) == VIEW_HELP_LINES, "keys scroll so many");
	struct frame f = draw_frame(grid, VIEW_HELP_LINES, 56, "Help");
	int most = VIEW_HELP_LINES - f.height;
	int top = view->popup_at < most ? view->popup_at : most;

	for (int i = 0; i < f.height; i++)
		grid_text(grid, f.y + i, f.x, f.width, ST_POPUP, lines[top + i]);
	say_more(grid, &f, most - top, "more");
}

static void own_words(unsigned own, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (int k = 0; k < NS_KINDS && used < size; k++)
		if (own & (1U << k))
			used += (size_t)snprintf(out + used, size - used, "%s%s", used ? "," : "",
						 ns_info[k].name);
}

static void pick(const struct model *model, const struct view *view, struct grid *grid)
{
	struct frame f = draw_frame(grid, grid->height - around(grid) * 3 / 2, 74,
				    "Pick a container (Enter), newest first");
	int rows = f.height - 1, top = view->popup_at >= rows ? view->popup_at - rows + 1 : 0;
	char own[64];

	grid_printf(grid, f.y, f.x, f.width, ST_STRONG, "%7s %-11s %-18s %5s  %s", "INIT", "KIND",
		    "NAME", "PROCS", "OWN");
	if (!model->boxes_count)
		draw_wrapped(grid, f.y + 1, f.x, f.width, rows, ST_POPUP,
			     "Nothing here has a namespace of its own. Try: unshare -Urpf "
			     "--mount-proc sh");
	for (int i = top; i < model->boxes_count && i - top < rows; i++) {
		const struct box *box = &model->boxes[i];
		enum style style = i == view->popup_at ? ST_CURSOR : ST_POPUP;
		int y = f.y + 1 + i - top;
		own_words(box->own, own, sizeof(own));
		if (i == view->popup_at)
			grid_paint(grid, y, f.x - 1, f.width + 2, ST_CURSOR);
		grid_printf(grid, y, f.x - 1, 1, style, i == view->popup_at ? ">" : " ");
		grid_printf(grid, y, f.x, 20, style, "%7d %-11.11s", box->init, box->kind);
		grid_printf(grid, y, f.x + 20, 18, style, "%s", box->name);
		grid_printf(grid, y, f.x + 39, f.width - 39, style, "%5d  %s", box->processes, own);
	}
	say_more(grid, &f, model->boxes_count - top - rows, "more");
}

static void why(const struct model *model, const struct view *view, struct grid *grid)
{
	struct why_cell cell;
	char title[80];

	why_cell(model, view, &cell);
	snprintf(title, sizeof(title), "Why? %s", cell.title);
	struct frame f = draw_frame(grid, 10, 70, title);
	int end = f.y + f.height, low = f.height < 10; /* every line counts */
	int y = f.y + draw_wrapped(grid, f.y, f.x, f.width, 6 - low, ST_POPUP, cell.text) + !low;

	if (low) {
		grid_text(grid, y, f.x, f.width, ST_POPUP, "$");
	} else {
		grid_text(grid, y, f.x, f.width, ST_POPUP, "See it yourself:");
		y++;
	}
	y += draw_wrapped(grid, y, f.x + 2, f.width - 2, 2, ST_STRONG, cell.command);
	grid_printf(grid, y < end ? y : end - 1, f.x, f.width, ST_POPUP, "Lesson: %s", cell.lesson);
}

static void whole_log(const struct model *model, const struct view *view, struct grid *grid)
{
	struct frame f = draw_frame(grid, grid->height - around(grid) * 3 / 2, 76, "Changes");
	int first = model->changes_count - f.height - view->popup_at;

	for (int i = first < 0 ? 0 : first, y = f.y; i < model->changes_count && y < f.y + f.height;
	     i++, y++)
		grid_printf(grid, y, f.x, f.width, ST_POPUP, "%s %-9s %s",
			    clock_text(model->changes[i].at), change_name(model->changes[i].kind),
			    model->changes[i].text);
	if (!model->changes_count)
		grid_text(grid, f.y, f.x, f.width, ST_POPUP, "Nothing yet.");
	say_more(grid, &f, first, "older (Down)");
}

static void choose_signal(const struct view *view, struct grid *grid)
{
	int count = 0;

	while (view_signals[count])
		count++;
	struct frame f = draw_frame(grid, count, 30, "Send which signal?");
	for (int i = 0; i < count; i++)
		grid_printf(grid, f.y + i, f.x, f.width, i == view->popup_at ? ST_CURSOR : ST_POPUP,
			    "%s%2d SIG%s", i == view->popup_at ? "> " : "  ", view_signals[i],
			    view_signal_name(view_signals[i]));
}

static void confirm(const struct model *model, const struct view *view, struct grid *grid)
{
	const struct row *row = model_row(model, view->signal_pid);
	struct frame f = draw_frame(grid, 3, 62, "Really?");

	grid_printf(grid, f.y, f.x, f.width, ST_POPUP, "Send SIG%s to %d %s",
		    view_signal_name(view->signal), view->signal_pid, row ? row->comm : "(gone)");
	if (row && row->inside)
		grid_printf(grid, f.y + 1, f.x, f.width, ST_POPUP, "(%d inside%s)", row->inside,
			    row->relation == REL_INIT ? ": its PID 1; the container ends with it"
						      : "");
	grid_text(grid, f.y + 2, f.x, f.width, ST_STRONG, "y: send it    any other key: do not");
}

static void detail(const struct model *model, const struct view *view, struct grid *grid)
{
	int lines = detail_lines(view, model);
	struct frame f = draw_frame(grid, lines < 3 ? 3 : lines, 72, "List");
	int top = view->popup_at > lines - f.height ? lines - f.height : view->popup_at;

	for (int i = 0; i < f.height; i++)
		grid_text(grid, f.y + i, f.x, f.width, ST_POPUP,
			  detail_line(view, model, (top < 0 ? 0 : top) + i));
	say_more(grid, &f, lines - (top < 0 ? 0 : top) - f.height, "more");
}

static void choose_sort(const struct view *view, struct grid *grid)
{
	struct frame f = draw_frame(grid, SORTS, 30, "Sort by");

	for (int i = 0; i < SORTS; i++)
		grid_printf(grid, f.y + i, f.x, f.width, i == view->popup_at ? ST_CURSOR : ST_POPUP,
			    "%s%s%s", i == view->popup_at ? "> " : "  ", sort_name((enum sort)i),
			    i == (int)view->wish.sort ? "  (now)" : "");
}

void render_popup(const struct model *model, const struct view *view, struct grid *grid)
{
	switch (view->popup) {
	case POP_NONE:
		break;
	case POP_HELP:
		help(view, grid);
		break;
	case POP_PICK:
		pick(model, view, grid);
		break;
	case POP_WHY:
		why(model, view, grid);
		break;
	case POP_LOG:
		whole_log(model, view, grid);
		break;
	case POP_SIGNAL:
		choose_signal(view, grid);
		break;
	case POP_CONFIRM:
		confirm(model, view, grid);
		break;
	case POP_DETAIL:
		detail(model, view, grid);
		break;
	case POP_SORT:
		choose_sort(view, grid);
		break;
	}
}
