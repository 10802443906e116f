/*
 * tree_row.c: one process's line, on the host's side or the container's.
 */
#define _GNU_SOURCE
#include "tree.h"
#include "final/inspector/view/draw.h"

#include <stdio.h>
#include <string.h>

/* Where there is no room for many words, fewer. */
static const char *note(int room, const char *words, const char *fewer)
{
	return (int)strlen(words) <= room ? words : fewer;
}

/* What the right pane says of a process that has no number in there, or another one still. */
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

/* The word at the end may cut the name, not the numbers. */
void tree_draw_side(const struct model *model, const struct row *row, const struct order_item *item,
		    bool right, int y, int x, int width, const struct layout *l, int chosen,
		    enum style style, struct grid *grid)
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
