/*
 * render_vs.c: two containers side by side; what they share (a pod) stands out.
 */
#define _GNU_SOURCE
#include "render.h"
#include "draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void draw_side(const struct model *model, int x, int width, int rows, struct grid *grid)
{
	struct order order = { 0 };
	struct order_wish wish = { 0 };
	struct model inside = { 0 };
	char title[96];

	const char *name = model->found ? model->box.name : "not there";
	snprintf(title, sizeof(title), " (%s) init %d", model->box.kind, model->box.init);
	grid_heading(grid, 1, x, width, "", false);
	int end = grid_text(grid, 1, x + 1, width - 2 - (int)strlen(title), ST_HEAD, name);
	grid_text(grid, 1, end, -1, ST_HEAD, title);
	grid_printf(grid, 2, x, width, ST_STRONG, "%7s %6s COMMAND", "PID", "NSPID");
	/* Without those outside, so that init is the tree's root. */
	for (int i = 0; model->found && i < model->rows_count; i++) {
		struct row *row = row_is_inside(&model->rows[i]) ? model_add_row(&inside) : NULL;
		if (row)
			*row = model->rows[i];
	}
	if (order_rows(&inside, &wish, &order) < 0)
		order.count = 0;
	struct view from_top = { 0 };
	render_more(grid, 2, x + width - 1, width - 23, &from_top, rows,
		    inside.rows ? order.count : 0);
	for (int i = 0; inside.rows && i < order.count && i < rows; i++) {
		const struct row *row = &inside.rows[order.item[i].row];
		enum style style = row_style(row);
		grid_printf(grid, 3 + i, x, width, style, "%7d %6d", row->pid, row->inside);
		int at = draw_branch(grid, 3 + i, x + 15, &order.item[i], style);
		grid_printf(grid, 3 + i, at, x + width - at, style, "%s %s", row->comm,
			    row_word(row));
	}
	free(inside.rows);
	order_free(&order);
}

static void draw_kinds(const struct model *left, const struct model *right, int y,
		       struct grid *grid)
{
	bool dots = grid->width >= 78;

	grid_heading(grid, y, 0, grid->width,
		     "NAMESPACES left, right   == one and the same  != two", false);
	for (int k = 0; k < NS_KINDS; k++) {
		const struct ns_row *a = &left->ns[k], *b = &right->ns[k];
		int at = y + 1 + k % 4, x = k / 4 * (grid->width / 2);
		bool same = a->inside && a->inside == b->inside;
		const char *words = !a->inside || !b->inside ? "?? denied"
				    : !same		     ? "!= apart"
				    : a->verdict == NS_OWN   ? "== TOGETHER"
				    : left->stand_in	     ? "== STAND-IN'S"
							     : "== HOST'S";
		x = grid_printf(grid, at, x + 1, -1, ST_STRONG, "%-6s", ns_info[k].name);
		x = grid_printf(grid, at, x + 1, -1, ST_PLAIN, "%s %s ",
				short_inode(a->inside, dots), short_inode(b->inside, dots));
		grid_text(grid, at, x, -1, same ? ST_SHARED : ST_OWN, words);
	}
}

static void draw_use(const struct model *model, int x, int width, int y, struct grid *grid)
{
	const struct cgroup_model *cg = &model->cgroup;
	int bar = width / 3;
	double memory = cg->memory.max > 0 && cg->memory.max != MODEL_NO_LIMIT &&
					cg->memory.now >= 0
				? (double)cg->memory.now / (double)cg->memory.max
				: -1;

	grid_printf(grid, y, x, width - 1, ST_HEAD, " %s%s", cg->path,
		    cg->own ? "" : " (not its own)");
	grid_text(grid, y + 1, x + 1, -1, ST_STRONG, "cpu");
	grid_bar(grid, y + 1, x + 5, bar, cg->cpu < 0 ? -1 : cg->cpu / 100, ST_BAR);
	grid_printf(grid, y + 1, x + 6 + bar, width - bar - 7, ST_PLAIN,
		    cg->cpu < 0 ? "-" : "%.0f%% thr %lld", cg->cpu,
		    (long long)(cg->throttled < 0 ? 0 : cg->throttled));
	grid_text(grid, y + 2, x + 1, -1, ST_STRONG, "mem");
	grid_bar(grid, y + 2, x + 5, bar, memory, ST_BAR);
	if (cg->memory.now < 0)
		grid_text(grid, y + 2, x + 6 + bar, -1, ST_PLAIN, "-");
	else
		grid_printf(grid, y + 2, x + 6 + bar, width - bar - 7, ST_PLAIN, "%s of %s",
			    short_bytes(cg->memory.now), short_bytes(cg->memory.max));
}

static void draw_title(const struct model *left, const struct model *right, const struct view *view,
		       struct grid *grid)
{
	const char *state = view->paused ? "PAUSED" : "LIVE";
	int end = grid->width - (int)strlen(state) - 12;
	int room = (end - 16) / 2; /* of the names alone something may be cut */

	grid_paint(grid, 0, 0, grid->width, ST_TITLE);
	int x = grid_text(grid, 0, 1, -1, ST_TITLE, "inspect  ");
	x = grid_text(grid, 0, x, room, ST_TITLE, left->box.name);
	x = grid_text(grid, 0, x, -1, ST_TITLE, "  vs  ");
	grid_text(grid, 0, x, room, ST_TITLE, right->box.name);
	grid_printf(grid, 0, end, -1, ST_TITLE, "%s  %s", state, clock_text(left->clock));
}

void render_vs(const struct model *left, const struct model *right, const struct view *view,
	       struct grid *grid)
{
	int half = grid->width / 2;

	grid_clear(grid);
	if (grid->width < LAYOUT_MIN_WIDTH || grid->height < LAYOUT_FULL_HEIGHT) {
		render_too_small(grid, LAYOUT_MIN_WIDTH, LAYOUT_FULL_HEIGHT);
		return;
	}
	int rows = grid->height - 13;
	draw_title(left, right, view, grid);
	draw_side(left, 0, half - 1, rows, grid);
	draw_side(right, half, grid->width - half, rows, grid);
	draw_kinds(left, right, rows + 3, grid);
	grid_heading(grid, rows + 8, 0, grid->width, "CGROUP", false);
	draw_use(left, 0, half, rows + 9, grid);
	draw_use(right, half, grid->width - half, rows + 9, grid);
	grid_text(grid, grid->height - 1, 0, -1, ST_TITLE, "q quit   Z pause");
}
