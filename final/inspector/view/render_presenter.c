/*
 * render_presenter.c: for the last row of the room: few things, bold, far apart.
 */
#define _GNU_SOURCE
#include "render.h"
#include "draw.h"

#include <stdio.h>
#include <string.h>

/* The name may be cut, the word after it not. */
static void draw_name(struct grid *grid, int y, int x, int end, enum style style,
		      const struct row *row)
{
	const char *word = row_word(row);
	int room = end - x - (int)strlen(word) - (*word != 0);

	x = grid_text(grid, y, x, room, style, row->comm);
	if (*word)
		grid_whole(grid, y, x + 1, end, style, "%s", word);
}

static void draw_heads(const struct model *model, const struct view *view,
		       const struct order *order, const struct layout *l, int half,
		       struct grid *grid)
{
	int y = l->heads_y;
	const char *name = model->found || model->ended ? model->box.name : "";

	grid_printf(grid, y, 2, half - 4, ST_STRONG, "%7s", "HOST");
	render_more(grid, y, half - 1, half - 12, view, l->tree_rows, order->count);
	grid_printf(grid, y, half + 2, -1, ST_STRONG, "%7s", "INSIDE");
	grid_text(grid, y, half + 12, -1, ST_STRONG, name);
}

static void draw_rows(const struct model *model, const struct view *view, const struct order *order,
		      const struct layout *l, struct grid *grid)
{
	int half = grid->width / 2;

	draw_heads(model, view, order, l, half, grid);
	for (int i = 0; i < l->tree_rows && view->top + i < order->count; i++) {
		const struct order_item *item = &order->item[view->top + i];
		const struct row *row = &model->rows[item->row];
		int y = l->rows_y + l->step * i;
		enum style style = row_style(row);
		if (style == ST_PLAIN)
			style = ST_STRONG;
		if (view->cursor == row->pid) {
			grid_paint(grid, y, 0, grid->width, ST_CURSOR);
			style = ST_CURSOR;
		}
		grid_printf(grid, y, 2, 8, style, "%7d", row->pid);
		draw_name(grid, y, draw_branch(grid, y, 12, item, style), half - 1, style, row);
		if (!row_is_inside(row)) {
			grid_printf(grid, y, half + 2, 8, style, "%7s", ".");
			grid_text(grid, y, half + 12, -1, style, "outside");
			continue;
		}
		grid_printf(grid, y, half + 2, 8, style, "%7d", row->inside);
		draw_name(grid, y, draw_branch(grid, y, half + 12, item, style), grid->width, style,
			  row);
	}
}

static int draw_verdict(const struct model *model, enum ns_verdict verdict, const char *title,
			int width, int y, int x, struct grid *grid)
{
	enum style style = verdict == NS_SHARED ? ST_SHARED : verdict == NS_OWN ? ST_OWN : ST_ALERT;
	int gap = grid->width < 78 ? 1 : 2;

	x = grid_printf(grid, y, x, -1, ST_STRONG, "%-*s", width, title);
	for (int k = 0; k < NS_KINDS; k++)
		if (model->ns[k].verdict == verdict)
			x = grid_text(grid, y, x + gap, -1, style, ns_info[k].name);
	return x;
}

static void draw_kinds(const struct model *model, const struct layout *l, struct grid *grid)
{
	bool denied = false, shared = false;

	for (int k = 0; k < NS_KINDS; k++) {
		denied |= model->ns[k].verdict == NS_DENIED;
		shared |= model->ns[k].verdict == NS_SHARED;
	}
	denied &= model->found || model->ended;
	draw_verdict(model, NS_OWN, "OWN:", 17, l->ns_y, 2, grid);
	int x = 0;
	if (shared || !denied)
		x = draw_verdict(model, NS_SHARED,
				 model->stand_in ? "SHARED, STAND-IN:" : "SHARED WITH HOST:", 17,
				 l->ns_y + 1, 2, grid);
	if (denied)
		draw_verdict(model, NS_DENIED, "DENIED:", x ? 0 : 17, l->ns_y + 1, x + 2, grid);
}

static void draw_cpu(const struct cgroup_model *cg, int y, int width, struct grid *grid)
{
	double quota = effective_quota(cg);

	grid_text(grid, y, 2, -1, ST_STRONG, "CPU");
	grid_bar(grid, y, 7, width, cg->cpu < 0 ? -1 : cg->cpu / 100, ST_BAR);
	int x = grid_printf(grid, y, 8 + width, -1, ST_STRONG, cg->cpu < 0 ? "    -" : "%4.0f%%",
			    cg->cpu);
	if (quota < 0)
		return;
	x = grid_printf(grid, y, x + 1, -1, ST_ALERT, "of %.0f%%", quota);
	if (cg->throttled >= 0)
		grid_printf(grid, y, x, -1, ST_ALERT, ", throttled %lld", (long long)cg->throttled);
}

static void draw_memory(const struct cgroup_model *cg, int y, int width, struct grid *grid)
{
	const struct usage *m = &cg->memory;
	bool limit = m->max > 0 && m->max != MODEL_NO_LIMIT;
	double share = m->now >= 0 && limit ? (double)m->now / (double)m->max : -1;

	grid_text(grid, y, 2, -1, ST_STRONG, "MEM");
	grid_bar(grid, y, 7, width, share, share > 0.9 ? ST_ALERT : ST_BAR);
	if (m->now < 0) {
		grid_text(grid, y, 9 + width, -1, ST_STRONG, "   -");
		return;
	}
	grid_printf(grid, y, 9 + width, -1, ST_STRONG, limit ? "%s of %s" : "%s, no limit",
		    short_bytes(m->now), short_bytes(m->max));
}

void render_presenter(const struct model *model, const struct view *view, const struct order *order,
		      const struct layout *l, struct grid *grid)
{
	int width = grid->width - 40;

	draw_rows(model, view, order, l, grid);
	draw_kinds(model, l, grid);
	draw_cpu(&model->cgroup, l->cgroup_y, width, grid);
	if (l->cgroup_rows > 1)
		draw_memory(&model->cgroup, l->cgroup_y + (l->rows_y == 4 ? 2 : 1), width, grid);
}
