/*
 * render_tree.c: host and container side by side, one process a line.
 */
#define _GNU_SOURCE
#include "final/inspector/view/render.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *title;
	int narrow, wide; /* width; 0: not shown, -1: the rest */
} columns[COLUMNS] = {
	[COL_PID] = { "PID", 7, 8 },	      [COL_PPID] = { "PPID", 0, 8 },
	[COL_STATE] = { "S", 2, 2 },	      [COL_UID] = { "UID", 7, 7 },
	[COL_CPU] = { "%CPU", 0, 6 },	      [COL_RSS] = { "RSS", 0, 7 },
	[COL_COMM] = { "COMMAND", -1, -1 },   [COL_NSPID] = { "NSPID", 7, 8 },
	[COL_NSPPID] = { "PPID", 0, 8 },      [COL_NSUID] = { "UID", 6, 7 },
	[COL_NSCOMM] = { "COMMAND", -1, -1 },
};

int tree_column_width(enum column column, bool wide)
{
	return wide ? columns[column].wide : columns[column].narrow;
}

const char *tree_column_title(enum column column)
{
	return columns[column].title;
}

enum style row_style(const struct row *row)
{
	if (row->ended)
		return ST_ENDED;
	if (row->state == 'Z')
		return ST_ZOMBIE;
	if (row->born < MODEL_FRESH)
		return ST_NEW;
	if (row->relation == REL_JOINED || row->relation == REL_SHARES)
		return ST_JOINED;
	return row->relation == REL_HOST || row->relation == REL_PARENT ? ST_DIM : ST_PLAIN;
}

const char *row_word(const struct row *row)
{
	return row->ended		 ? "ended"
	       : row->state == 'Z'	 ? "ZOMBIE"
	       : row->born < MODEL_FRESH ? "NEW"
					 : "";
}

int draw_branch(struct grid *grid, int y, int x, const struct order_item *item, enum style style)
{
	for (int d = 1; d <= item->depth && d <= 8; d++) {
		bool more = item->trunk & (1U << d);
		if (d == item->depth || d == 8) {
			grid_put(grid, y, x, style, more ? 0x251c : 0x2514, more ? '|' : '`');
			grid_put(grid, y, x + 1, style, 0x2500, '-');
		} else if (more) {
			grid_put(grid, y, x, style, 0x2502, '|');
		}
		x += d == item->depth || d == 8 ? 3 : 2;
	}
	return x;
}

/* Where there is no room for many words, fewer. */
static const char *note(int room, const char *words, const char *fewer)
{
	return (int)strlen(words) <= room ? words : fewer;
}

/* What the right pane says of somebody who has no number in there, or another one still. */
static void right_note(const struct model *model, const struct row *row, int room, char *out,
		       size_t size)
{
	const struct row *init = model_row(model, model->box.init);
	size_t used = 0;

	out[0] = '\0';
	switch (row->relation) {
	case REL_PARENT:
		snprintf(out, size, "%s",
			 init && init->ppid == row->pid
				 ? note(room, "(outside: parent of init)", "(outside: parent)")
				 : note(room, "(outside: it put one in)", "(outside)"));
		break;
	case REL_JOINED:
		snprintf(out, size, "%s", note(room, "joined, PPID 0", "joined"));
		break;
	case REL_SHARES:
		used = (size_t)snprintf(out, size, "(outside, in its");
		for (int k = 0; k < NS_KINDS && used < size; k++)
			if (row->shares & (1U << k))
				used += (size_t)snprintf(out + used, size - used, " %s",
							 ns_info[k].name);
		if (used + 1 < size)
			snprintf(out + used, size - used, ")");
		break;
	default:
		if (init && row_is_inside(row) && row->levels > init->levels && init->levels > 0)
			snprintf(out, size, "(%d in a ns below)", row->nspid[row->levels - 1]);
	}
}

static void cell_text(const struct row *row, enum column column, char *out, size_t size)
{
	out[0] = '\0';
	switch (column) {
	case COL_PID:
		snprintf(out, size, "%d", row->pid);
		break;
	case COL_PPID:
		snprintf(out, size, "%d", row->ppid);
		break;
	case COL_STATE:
		snprintf(out, size, "%c", row->ended ? '-' : row->state);
		break;
	case COL_UID:
		snprintf(out, size, "%u", row->uid);
		break;
	case COL_CPU:
		snprintf(out, size, row->cpu < 0 ? "-" : "%.1f", row->cpu);
		break;
	case COL_RSS:
		snprintf(out, size, "%s", short_bytes(row->rss_kb < 0 ? -1 : row->rss_kb * 1024));
		break;
	case COL_NSPID:
		snprintf(out, size, row_is_inside(row) && row->inside ? "%d" : ".", row->inside);
		break;
	case COL_NSPPID:
		out[0] = '\0';
		if (row_is_inside(row))
			snprintf(out, size, "%d", row->inside_ppid);
		break;
	case COL_NSUID:
		if (row_is_inside(row))
			snprintf(out, size, row->inside_uid < 0 ? "?" : "%lld",
				 (long long)row->inside_uid);
		break;
	default:
		break;
	}
}

/* One side of a row. Returns nothing: the word at the end may cut the name, not the numbers. */
static void draw_side(const struct model *model, const struct row *row,
		      const struct order_item *item, bool right, int y, int x, int width,
		      const struct layout *l, int chosen, enum style style, struct grid *grid)
{
	char text[96];
	int end = x + width;
	const char *word = row_word(row);

	for (int c = right ? COL_NSPID : COL_PID; c < (right ? COL_NSCOMM : COL_COMM); c++) {
		int w = tree_column_width((enum column)c, l->wide);
		if (w == 0)
			continue;
		cell_text(row, (enum column)c, text, sizeof(text));
		int n = (int)strlen(text) < w ? (int)strlen(text) : w - 1;
		grid_text(grid, y, x + w - 1 - n, n, chosen == c ? ST_KEY : style, text);
		x += w;
	}
	bool name = !right || row_is_inside(row);
	int word_x = end - (int)strlen(word) - (*word ? 1 : 0);
	if (name) {
		x = draw_branch(grid, y, x, item, style);
		if (word_x - x < 6) { /* no room for both: the other pane says it */
			word = "";
			word_x = end;
		}
		bool here = chosen == (right ? COL_NSCOMM : COL_COMM);
		x = grid_text(grid, y, x, word_x - x - (*word != 0), here ? ST_KEY : style,
			      row->comm) +
		    1;
	}
	if (right) {
		right_note(model, row, word_x - x, text, sizeof(text));
		if (text[0])
			grid_text(grid, y, x, word_x - x, style, text);
	}
	if (*word && word_x >= x - 1)
		grid_text(grid, y, word_x, -1, style, word);
}

/* "HOST name pid:[..1836]": of the three only the name may be cut. */
static void draw_heading(struct grid *grid, int y, int x, int width, const char *side,
			 const char *name, const char *after, bool active)
{
	int room = width - 2 - (int)strlen(side) - (int)strlen(after);

	grid_heading(grid, y, x, width, side, active);
	x = grid_text(grid, y, x + 1 + (int)strlen(side), room, active ? ST_STRONG : ST_HEAD, name);
	grid_text(grid, y, x, -1, active ? ST_STRONG : ST_HEAD, after);
}

static void pid_namespace(char *out, size_t size, unsigned inode, bool shared, bool brief)
{
	const char *digits = short_inode(inode);

	if (brief)
		snprintf(out, size, " pid:%s%s", digits + (inode ? 2 : 0), shared ? " SHARED" : "");
	else
		snprintf(out, size, " pid:[%s]%s", digits, shared ? " SHARED" : "");
}

static void draw_headings(const struct model *model, const struct view *view,
			  const struct layout *l, int half, struct grid *grid)
{
	const struct ns_row *pid = &model->ns[NS_PID];
	int y = l->tree_y, x = half + 1, width = grid->width - x;
	bool brief = grid->width < 78;
	char after[48], host[32];

	pid_namespace(after, sizeof(after), model->ns_host[NS_PID], false, brief);
	snprintf(host, sizeof(host), "stand-in of %s", model->stand_in_of);
	draw_heading(grid, y, 0, half, "HOST ", model->stand_in ? host : model->host_name, after,
		     view->pane == PANE_TREE);
	grid_put(grid, y, half, ST_HEAD, 0x252c, '+');
	pid_namespace(after, sizeof(after), pid->inside, pid->verdict == NS_SHARED, brief);
	if (model->found || model->ended)
		draw_heading(grid, y, x, width, "INSIDE ", model->box.name, after, false);
	else
		grid_heading(grid, y, x, width,
			     view->waiting[0] ? "INSIDE: nobody yet"
					      : "INSIDE: nothing picked (F2)",
			     false);
}

/* The heading of a column of names: in the compact picture it says the side as well. */
static void draw_name_title(const struct model *model, const struct layout *l, bool right, int y,
			    int x, int end, struct grid *grid)
{
	char text[80] = "COMMAND";

	if (l->compact && right)
		snprintf(text, sizeof(text), "INSIDE %s",
			 model->found || model->ended ? model->box.name : "");
	else if (l->compact)
		snprintf(text, sizeof(text), "ON THE HOST");
	if (x + grid_columns(text) > end && !right)
		snprintf(text, sizeof(text), l->compact ? "HOST" : "CMD");
	if (right)
		grid_text(grid, y, x, end - x, ST_STRONG, text);
	else
		grid_whole(grid, y, x, end, ST_STRONG, "%s", text);
}

static void draw_heads(const struct model *model, const struct view *view,
		       const struct order *order, const struct layout *l, int half,
		       struct grid *grid)
{
	int y = l->heads_y, x = 0;

	if (!l->compact)
		draw_headings(model, view, l, half, grid);
	for (int c = 0; c < COLUMNS; c++) {
		int w = tree_column_width((enum column)c, l->wide);
		const char *name = columns[c].title;
		if (c == COL_NSPID)
			x = half + 1;
		if (w > 0)
			grid_text(grid, y, x + w - 1 - (int)strlen(name), -1, ST_STRONG, name);
		if (w < 0) {
			bool right = c == COL_NSCOMM;
			int end = right ? grid->width
					: render_more(grid, y, half - 1, half - x - 6, view,
						      l->tree_rows, order->count) -
						  1;
			draw_name_title(model, l, right, y, x, end, grid);
		}
		x += w > 0 ? w : 0;
	}
	grid_put(grid, y, half, ST_HEAD, 0x2502, '|');
}

void render_tree(const struct model *model, const struct view *view, const struct order *order,
		 const struct layout *l, struct grid *grid)
{
	/* The host's side has more columns where there is room for them. */
	int half = (grid->width - 1) / 2 + (l->wide ? 6 : -1);

	draw_heads(model, view, order, l, half, grid);
	for (int i = 0; i < l->tree_rows; i++) {
		int y = l->rows_y + i, at = view->top + i;
		grid_put(grid, y, half, ST_HEAD, 0x2502, '|');
		if (at >= order->count)
			continue;
		const struct row *row = &model->rows[order->item[at].row];
		bool cursor = view->cursor == row->pid;
		enum style style = cursor ? ST_CURSOR : row_style(row);
		int chosen = cursor && view->pane == PANE_TREE ? view->item[PANE_TREE] : -1;
		if (cursor) {
			grid_paint(grid, y, 0, grid->width, ST_CURSOR);
			grid_put(grid, y, half, ST_CURSOR, 0x2502, '|');
		}
		draw_side(model, row, &order->item[at], false, y, 0, half, l, chosen, style, grid);
		draw_side(model, row, &order->item[at], true, y, half + 1, grid->width - half - 1,
			  l, chosen, style, grid);
		if (cursor) {
			grid_text(grid, y, 0, 1, ST_CURSOR, ">");
			grid_text(grid, y, half + 1, 1, ST_CURSOR, ">");
		}
	}
}
