/*
 * layout.c: the sections' heights. What there is more of goes to the tree, a third to the log.
 */
#include "layout.h"

#include <string.h>

/* Far apart as long as everybody is seen so; closer together before somebody is left out. */
static void presenter_layout(int height, int rows, struct layout *l)
{
	bool loose = height >= 20; /* empty lines between the parts */

	l->cgroup_rows = height >= 12 ? 2 : 1;
	l->heads_y = loose ? 2 : 1;
	l->rows_y = loose ? 4 : 2;
	int area = loose ? height - 12 : height - 5 - l->cgroup_rows;
	l->step = 2 * rows <= area ? 2 : 1;
	l->tree_rows = (loose && l->step == 1 ? area - 1 : area) / l->step;
	l->ns_y = l->rows_y + area;
	l->ns_rows = 2;
	l->cgroup_y = l->ns_y + 2 + loose;
}

/* Beside a demo in the same terminal: what is left then is rows of processes and the bars. */
static void compact_layout(int height, struct layout *l)
{
	l->heads_y = 1;
	l->rows_y = 2;
	l->cgroup_rows = height >= 14 ? 3 : height >= 12 ? 2 : 1;
	l->ns_rows = 1;
	l->tree_rows = height - 4 - l->cgroup_rows;
	l->ns_y = l->rows_y + l->tree_rows;
	l->cgroup_y = l->ns_y;
}

bool layout_make(int width, int height, bool presenter, int rows, struct layout *l)
{
	memset(l, 0, sizeof(*l));
	if (width < LAYOUT_MIN_WIDTH || height < LAYOUT_MIN_HEIGHT)
		return false;
	l->wide = width >= 100;
	l->tall = height >= 34;
	l->compact = height < LAYOUT_FULL_HEIGHT;
	l->keys_y = height - 1;
	l->step = 1;
	if (presenter || l->compact) {
		if (presenter)
			presenter_layout(height, rows, l);
		else
			compact_layout(height, l);
		return true;
	}
	l->ns_rows = width < 78 || l->wide ? 4 : 3;
	l->cgroup_rows = l->tall ? 4 : 3;
	l->id_rows = l->tall ? 3 : height >= 23 ? 2 : 0;
	l->why_rows = l->tall ? 4 : 0;
	l->log_rows = l->tall ? 4 : height >= 19 ? (height >= 23 ? 2 : 1) : 0;
	int fixed = 4; /* title, two head lines of the tree, keys */
	const int parts[] = { l->ns_rows, l->cgroup_rows, l->id_rows, l->why_rows, l->log_rows };
	for (int i = 0; i < 5; i++)
		fixed += parts[i] ? parts[i] + 1 : 0;
	l->tree_rows = height - fixed;
	if (l->tall && l->tree_rows > 14) {
		int more = (l->tree_rows - 14) / 3;
		l->log_rows += more;
		l->tree_rows -= more;
	}
	l->tree_y = 1;
	l->heads_y = 2;
	l->rows_y = 3;
	l->ns_y = l->rows_y + l->tree_rows;
	l->cgroup_y = l->ns_y + 1 + l->ns_rows;
	l->id_y = l->cgroup_y + 1 + l->cgroup_rows;
	l->why_y = l->id_y + (l->id_rows ? l->id_rows + 1 : 0);
	l->log_y = l->why_y + (l->why_rows ? l->why_rows + 1 : 0);
	return true;
}
