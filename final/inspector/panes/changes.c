/*
 * changes.c: what has changed, the newest at the end.
 */
#define _GNU_SOURCE
#include "pane.h"
#include "final/inspector/view/draw.h"

#include <stdio.h>
#include <string.h>

static const struct why_words words = {
	.title = "the log of changes",
	.text = "Births, deaths and zombies are differences between two looks at /proc; what lives "
		"shorter than the interval is not seen. Throttling, OOM kills and refused forks "
		"are the group's own counters.",
	.command = "cat %4$s/cpu.stat",
	.lesson = LESSON_5,
};

static const struct {
	char sign;
	enum style style;
} looks[CH_KINDS] = {
	[CH_BORN] = { '+', ST_NEW },	  [CH_ENDED] = { '-', ST_ENDED },
	[CH_ZOMBIE] = { 'Z', ST_ZOMBIE }, [CH_THROTTLED] = { '!', ST_ALERT },
	[CH_OOM] = { '!', ST_ALERT },	  [CH_REFUSED] = { '!', ST_ALERT },
	[CH_FROZEN] = { '*', ST_ALERT },  [CH_THAWED] = { '*', ST_PLAIN },
	[CH_QUOTA] = { '=', ST_STRONG },  [CH_BOX] = { '=', ST_STRONG },
};

static void draw_change(const struct change *change, int y, struct grid *grid)
{
	grid_printf(grid, y, 1, -1, looks[change->kind].style, "%s %c %s", clock_text(change->at),
		    looks[change->kind].sign, change->text);
}

/* In the place of the namespaces' line, while it is the pane that Tab has chosen: the last one. */
static void draw_compact(const struct model *model, int y, struct grid *grid)
{
	for (int x = 0; x < grid->width; x++)
		grid_put(grid, y, x, ST_PLAIN, ' ', ' ');
	if (model->changes_count)
		draw_change(&model->changes[model->changes_count - 1], y, grid);
	else
		grid_text(grid, y, 1, -1, ST_DIM, "CHANGES: nothing yet");
}

static void draw(const struct model *model, const struct view *view, const struct order *order,
		 const struct layout *l, struct grid *grid)
{
	(void)order;
	if (l->compact && view->pane == PANE_CHANGES)
		draw_compact(model, l->ns_y, grid);
	if (!l->log_rows)
		return;
	grid_heading(grid, l->log_y, 0, grid->width, "CHANGES", view->pane == PANE_CHANGES);
	int first = model->changes_count - l->log_rows;
	for (int i = first < 0 ? 0 : first, y = l->log_y + 1; i < model->changes_count; i++, y++)
		draw_change(&model->changes[i], y, grid);
}

static void detail(const struct model *model, const struct view *view, struct detail *l)
{
	(void)view;
	for (int i = model->changes_count - 1; i >= 0; i--)
		detail_add(l, "", model->changes[i].text);
}

static void why(const struct model *model, const struct view *view, struct why_cell *out)
{
	why_answer(out, &words, "", model, view);
}

const struct pane changes_pane = {
	.cells = 1,
	.draw = draw,
	.detail = detail,
	.why = why,
	.keys = pane_cell_keys,
};
