/*
 * tree.c: host and container side by side, one process a line.
 */
#define _GNU_SOURCE
#include "final/inspector/view/draw.h"
#include "tree.h"

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

static const struct why_words words[COLUMNS] = {
	[COL_PID] = { .title = "PID on the host",
		      .text = "The number that this process has in the host's PID namespace. The "
			      "same process has another one in every PID namespace below; the "
			      "kernel keeps both.",
		      .command = "grep NSpid /proc/%1$d/status",
		      .lesson = LESSON_1 },
	[COL_PPID] = { .title = "parent on the host",
		       .text = "Who made it by clone(2) or fork(2), or who has adopted it since: "
			       "the nearest subreaper or the init of its PID namespace.",
		       .command = "ps -o pid,ppid,comm -p %1$d,%2$d",
		       .lesson = LESSON_8 },
	[COL_STATE] = { .title = "state",
			.text = "R runs or waits for a CPU, S sleeps, D sleeps uninterruptibly, T "
				"is stopped, Z is a zombie: ended, but its parent has not asked "
				"for its status.",
			.command = "ps -o pid,stat,wchan,comm -p %1$d",
			.lesson = LESSON_8 },
	[COL_UID] = { .title = "user id on the host",
		      .text = "The user that the kernel judges file and signal permissions by on "
			      "the host. In a user namespace the same user may be called 0 inside.",
		      .command = "grep Uid /proc/%1$d/status; cat /proc/%1$d/uid_map",
		      .lesson = LESSON_4 },
	[COL_CPU] = { .title = "share of one CPU",
		      .text = "How much of one CPU it has used since the last picture, from utime "
			      "and stime in /proc/PID/stat. A quota of its cgroup shows here as a "
			      "ceiling.",
		      .command = "cut -d' ' -f14,15 /proc/%1$d/stat",
		      .lesson = LESSON_5 },
	[COL_RSS] = { .title = "resident memory",
		      .text = "Pages that it has in RAM. Shared pages are counted for each "
			      "process, so the sum may exceed what its memory cgroup is charged.",
		      .command = "grep VmRSS /proc/%1$d/status",
		      .lesson = LESSON_5 },
	[COL_COMM] = { .title = "command",
		       .text = "The name in /proc/PID/comm: that of the program of the last "
			       "execve(2), or what the process has called itself. At most 15 "
			       "bytes.",
		       .command = "cat /proc/%1$d/comm; tr '\\0' ' ' </proc/%1$d/cmdline",
		       .lesson = LESSON_1 },
	[COL_NSPID] = { .title = "PID inside",
			.text = "The number that it has in the container's PID namespace, where "
				"counting began at 1. getpid(2) in there returns this one. A dot: "
				"it is outside and has none.",
			.command = "grep NSpid /proc/%1$d/status",
			.lesson = LESSON_1 },
	[COL_NSPPID] = { .title = "parent inside",
			 .text = "The parent's number in there. 0: the parent is outside and has "
				 "no number in the container; so it is for PID 1 and for whoever "
				 "came in by setns(2).",
			 .command = "nsenter -t %3$d -p -m ps -o pid,ppid,comm",
			 .lesson = LESSON_1 },
	[COL_NSUID] = { .title = "user id inside",
			.text = "The host's user id seen through the container's uid_map. ?: no "
				"line of the map names it, so it reads as 65534, nobody.",
			.command = "cat /proc/%3$d/uid_map",
			.lesson = LESSON_4 },
	[COL_NSCOMM] = { .title = "the same process inside",
			 .text = "The same process once more, not a copy: a container is ordinary "
				 "processes of the host, seen through other namespaces.",
			 .command = "ls -l /proc/%1$d/ns",
			 .lesson = LESSON_1 },
};

static const struct why_words zombie = {
	.title = "zombie",
	.text = "It has ended and holds no memory; only its number and exit status are kept until "
		"its parent %2$d calls wait(2). Killing it does nothing: the dead cannot be "
		"killed.",
	.command = "ps -o pid,ppid,stat,comm -p %1$d",
	.lesson = LESSON_8
};
static const struct why_words joined = {
	.title = "joined from outside",
	.text = "It was put into the container's namespaces by setns(2), as nsenter and exec do. "
		"Its parent is outside and has no number in here, so its PPID reads 0.",
	.command = "grep -E 'NSpid|PPid' /proc/%1$d/status",
	.lesson = LESSON_1
};
static const struct why_words outside = {
	.title = "outside of the container",
	.text = "It is not in the container's PID namespace, so it has no number there; processes "
		"inside cannot see or signal it.",
	.command = "ls -l /proc/%1$d/ns/pid /proc/%3$d/ns/pid",
	.lesson = LESSON_1
};

int tree_column_width(enum column column, bool wide)
{
	return wide ? columns[column].wide : columns[column].narrow;
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
	snprintf(out, size, brief ? " pid:%s%s" : " pid:[%s]%s", short_inode(inode, !brief),
		 shared ? " SHARED" : "");
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

static void draw(const struct model *model, const struct view *view, const struct order *order,
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
		tree_draw_side(model, row, &order->item[at], false, y, 0, half, l, chosen, style,
			       grid);
		tree_draw_side(model, row, &order->item[at], true, y, half + 1,
			       grid->width - half - 1, l, chosen, style, grid);
		if (cursor) {
			grid_text(grid, y, 0, 1, ST_CURSOR, ">");
			grid_text(grid, y, half + 1, 1, ST_CURSOR, ">");
		}
	}
}

static void detail(const struct model *model, const struct view *view, struct detail *l)
{
	const struct row *row = model_row(model, view->cursor);
	char text[112];
	size_t used = 0;

	if (!row)
		return;
	snprintf(text, sizeof(text), "%d %s, parent %d, %s", row->pid, row->comm, row->ppid,
		 relation_name(row->relation));
	detail_add(l, "", text);
	used = (size_t)snprintf(text, sizeof(text), "NSpid:");
	for (int i = 0; i < row->levels && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, " %d", row->nspid[i]);
	detail_add(l, "", text);
}

static const struct why_words *words_of(const struct row *row, int column)
{
	if (row && row->state == 'Z' && column != COL_NSPID && column != COL_UID &&
	    column != COL_NSUID)
		return &zombie;
	if (row && row->relation == REL_JOINED && column >= COL_NSPID)
		return &joined;
	if (row && column >= COL_NSPID && !row_is_inside(row))
		return &outside;
	return &words[column];
}

static void why(const struct model *model, const struct view *view, struct why_cell *out)
{
	const struct row *row = model_row(model, view->cursor);

	why_answer(out, words_of(row, view->item[PANE_TREE]), "", model, view);
}

int tree_cell_to_ask(const struct row *row)
{
	return row && row->state == 'Z' && !row->ended ? COL_STATE : COL_NSPID;
}

/* Up and down go from process to process, left and right from cell to cell. */
static bool keys(struct view *view, const struct model *model, const struct order *order, int key)
{
	switch (key) {
	case K_UP:
	case 'k':
		view_move_cursor(view, model, order, -1);
		return true;
	case K_DOWN:
	case 'j':
		view_move_cursor(view, model, order, 1);
		return true;
	default:
		if (!pane_cell_keys(view, model, order, key))
			return false;
		view->cell_chosen = true;
		return true;
	}
}

const struct pane tree_pane = {
	.cells = COLUMNS,
	.draw = draw,
	.detail = detail,
	.why = why,
	.keys = keys,
};
