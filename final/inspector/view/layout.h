/*
 * layout.h: which part of the screen is where.
 */
#pragma once

#include <stdbool.h>

/* Below 16 rows the picture is the compact one; two containers side by side (--vs) need them. */
enum { LAYOUT_MIN_WIDTH = 60, LAYOUT_MIN_HEIGHT = 10, LAYOUT_FULL_HEIGHT = 16 };

/* y of each part's heading, and how many rows follow it; rows 0: not shown. Compact there are no
 * headings: one line says namespaces (or what Tab has chosen instead), the next ones the cgroup. */
struct layout {
	bool wide;    /* 100 columns and more */
	bool tall;    /* 34 rows and more */
	bool compact; /* fewer than 16 rows */
	int tree_y, tree_rows;
	int heads_y, rows_y; /* the tree's column titles and its first row */
	int step;	     /* from one row to the next: 2 is far apart */
	int ns_y, ns_rows;
	int cgroup_y, cgroup_rows;
	int id_y, id_rows;
	int why_y, why_rows;
	int log_y, log_rows;
	int keys_y;
};

/* rows: how many the tree has. Returns false if it is too small for anything. */
bool layout_make(int width, int height, bool presenter, int rows, struct layout *layout);
