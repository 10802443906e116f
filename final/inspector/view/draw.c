/*
 * draw.c: numbers, rows and text as several panes and screens draw them.
 */
#define _GNU_SOURCE
#include "draw.h"

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

const char *short_inode(unsigned inode, bool dots)
{
	char *text = ring();

	if (inode)
		snprintf(text, 24, "%s%04u", dots ? ".." : "", inode % 10000);
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

double effective_quota(const struct cgroup_model *cg)
{
	return cg->tighter_quota >= 0 ? cg->tighter_quota : cg->quota;
}
