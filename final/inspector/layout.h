/*
 * layout.h: which part of the screen is where.
 */
#pragma once

#include <stdbool.h>

enum { LAYOUT_MIN_WIDTH = 60, LAYOUT_MIN_HEIGHT = 16 };

/* y of each part's heading, and how many rows follow it; rows 0: not shown. */
struct layout {
	bool wide; /* 100 columns and more */
	bool tall; /* 34 rows and more */
	int tree_y, tree_rows;
	int ns_y, ns_rows;
	int cgroup_y, cgroup_rows;
	int id_y, id_rows;
	int why_y, why_rows;
	int log_y, log_rows;
	int keys_y;
};

/* Returns false if it is too small for anything. */
bool layout_make(int width, int height, bool presenter, struct layout *layout);
