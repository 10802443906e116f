/*
 * layout.c: the sections' heights. What there is more of goes to the tree, a third to the log.
 */
#include "layout.h"

#include <string.h>

static void presenter_layout(int height, struct layout *l)
{
	l->tree_y = 2;
	l->tree_rows = (height - 13) / 2;
	l->ns_y = 4 + 2 * l->tree_rows;
	l->ns_rows = 2;
	l->cgroup_y = l->ns_y + 4;
	l->cgroup_rows = 2;
	l->keys_y = height - 1;
}

bool layout_make(int width, int height, bool presenter, struct layout *l)
{
	memset(l, 0, sizeof(*l));
	if (width < LAYOUT_MIN_WIDTH || height < LAYOUT_MIN_HEIGHT)
		return false;
	l->wide = width >= 100;
	l->tall = height >= 34;
	if (presenter) {
		presenter_layout(height, l);
		return true;
	}
	l->ns_rows = width < 78 || l->wide ? 4 : 3;
	l->cgroup_rows = l->tall ? 4 : 3;
	l->id_rows = l->tall ? 3 : height >= 23 ? 2 : 0;
	l->why_rows = l->tall ? 4 : 0;
	l->log_rows = l->tall ? 4 : height >= 19 ? (height >= 23 ? 2 : 1) : 0;
	l->keys_y = height - 1;
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
	l->ns_y = l->tree_y + 2 + l->tree_rows;
	l->cgroup_y = l->ns_y + 1 + l->ns_rows;
	l->id_y = l->cgroup_y + 1 + l->cgroup_rows;
	l->why_y = l->id_y + (l->id_rows ? l->id_rows + 1 : 0);
	l->log_y = l->why_y + (l->why_rows ? l->why_rows + 1 : 0);
	return true;
}
