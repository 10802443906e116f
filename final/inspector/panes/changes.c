/*
 * render_log.c: what changed, and the Why? pane of a tall screen.
 */
#define _GNU_SOURCE
#include "final/inspector/view/render.h"
#include "why.h"

#include <stdio.h>
#include <string.h>

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

void render_changes(const struct model *model, const struct view *view, const struct layout *l,
		    struct grid *grid)
{
	if (l->compact && view->pane == PANE_CHANGES)
		draw_compact(model, l->ns_y, grid);
	if (!l->log_rows)
		return;
	grid_heading(grid, l->log_y, 0, grid->width, "CHANGES", view->pane == PANE_CHANGES);
	int first = model->changes_count - l->log_rows;
	for (int i = first < 0 ? 0 : first, y = l->log_y + 1; i < model->changes_count; i++, y++)
		draw_change(&model->changes[i], y, grid);
}

void render_why(const struct model *model, const struct view *view, const struct order *order,
		const struct layout *l, struct grid *grid)
{
	struct why_cell why;
	char title[96];

	if (!l->why_rows)
		return;
	why_cell(model, view, order, &why);
	snprintf(title, sizeof(title), "WHY? %s", why.title);
	grid_heading(grid, l->why_y, 0, grid->width, title, false);
	int used = draw_wrapped(grid, l->why_y + 1, 1, grid->width - 2, l->why_rows - 1, ST_PLAIN,
				why.text);
	grid_printf(grid, l->why_y + 1 + used, 1, grid->width - 2, ST_STRONG,
		    "See it yourself: %s   (%s)", why.command, why.lesson);
}
