/*
 * render_presenter.c: for the last row of the room: few things, bold, far apart.
 */
#define _GNU_SOURCE
#include "render.h"

#include <stdio.h>
#include <string.h>

static void draw_rows(const struct model *model, const struct view *view, const struct order *order,
		      const struct layout *l, struct grid *grid)
{
	int half = grid->width / 2;

	grid_printf(grid, 2, 2, half - 4, ST_STRONG, "%7s   %s", "HOST", "");
	grid_printf(grid, 2, half + 2, -1, ST_STRONG, "%7s   %s", "INSIDE",
		    model->found ? model->box.name : "");
	for (int i = 0; i < l->tree_rows && view->top + i < order->count; i++) {
		const struct order_item *item = &order->item[view->top + i];
		const struct row *row = &model->rows[item->row];
		int y = 4 + 2 * i;
		enum style style = row_style(row);
		if (style == ST_PLAIN)
			style = ST_STRONG;
		if (view->cursor == row->pid) {
			grid_paint(grid, y, 0, grid->width, ST_CURSOR);
			style = ST_CURSOR;
		}
		grid_printf(grid, y, 2, 8, style, "%7d", row->pid);
		int x = draw_branch(grid, y, 12, item, style);
		grid_printf(grid, y, x, half - x - 1, style, "%s %s", row->comm, row_word(row));
		if (!row_is_inside(row)) {
			grid_printf(grid, y, half + 2, 8, style, "%7s", ".");
			grid_text(grid, y, half + 12, -1, style, "outside");
			continue;
		}
		grid_printf(grid, y, half + 2, 8, style, "%7d", row->inside);
		x = draw_branch(grid, y, half + 12, item, style);
		grid_printf(grid, y, x, -1, style, "%s %s", row->comm, row_word(row));
	}
}

static void draw_kinds(const struct model *model, const struct layout *l, struct grid *grid)
{
	static const char *const titles[] = { "OWN:", "SHARED WITH HOST:" };

	for (int line = 0; line < 2; line++) {
		enum ns_verdict verdict = line ? NS_SHARED : NS_OWN;
		int y = l->ns_y + 1 + line;
		int x = grid_printf(grid, y, 2, -1, ST_STRONG, "%-18s", titles[line]);
		for (int k = 0; k < NS_KINDS; k++)
			if (model->ns[k].verdict == verdict)
				x = grid_text(grid, y, x + 2, -1, line ? ST_SHARED : ST_OWN,
					      ns_info[k].name);
	}
}

void render_presenter(const struct model *model, const struct view *view, const struct order *order,
		      const struct layout *l, struct grid *grid)
{
	const struct cgroup_model *cg = &model->cgroup;
	int y = l->cgroup_y, width = grid->width - 36;
	double quota = cg->tighter_quota >= 0 ? cg->tighter_quota : cg->quota;

	draw_rows(model, view, order, l, grid);
	draw_kinds(model, l, grid);
	grid_text(grid, y, 2, -1, ST_STRONG, "CPU");
	grid_bar(grid, y, 7, width, cg->cpu < 0 ? -1 : cg->cpu / 100, ST_BAR);
	int x = grid_printf(grid, y, 8 + width, -1, ST_STRONG, cg->cpu < 0 ? "    -" : "%4.0f%%",
			    cg->cpu);
	if (quota >= 0)
		grid_printf(grid, y, x + 1, -1, ST_ALERT, "of %.0f%%, throttled %lld", quota,
			    (long long)cg->throttled);
	y += 2;
	if (y >= l->keys_y)
		return;
	double share = cg->memory.now >= 0 && cg->memory.max > 0 && cg->memory.max != MODEL_NO_LIMIT
			       ? (double)cg->memory.now / (double)cg->memory.max
			       : -1;
	grid_text(grid, y, 2, -1, ST_STRONG, "MEM");
	grid_bar(grid, y, 7, width, share, share > 0.9 ? ST_ALERT : ST_BAR);
	grid_printf(grid, y, 8 + width, -1, ST_STRONG, " %s of %s", short_bytes(cg->memory.now),
		    short_bytes(cg->memory.max));
}
