/*
 * tree.h: the tree's columns, for its two files and for the keys.
 */
#pragma once

#include "pane.h"

/* Cells of a process's row, the host's side and the container's. */
enum column {
	COL_PID,
	COL_PPID,
	COL_STATE,
	COL_UID,
	COL_CPU,
	COL_RSS,
	COL_COMM,
	COL_NSPID,
	COL_NSPPID,
	COL_NSUID,
	COL_NSCOMM,
	COLUMNS
};

/* How wide a column is; 0: not shown, -1: COL_COMM and COL_NSCOMM take the rest. */
int tree_column_width(enum column column, bool wide);

/* The cell that the user will ask about who has not chosen one: of a zombie its state, of the
 * living (row may be NULL) the number inside. */
int tree_cell_to_ask(const struct row *row);

/* One side of a row. chosen: the cell under the cursor, -1 none. */
void tree_draw_side(const struct model *model, const struct row *row, const struct order_item *item,
		    bool right, int y, int x, int width, const struct layout *l, int chosen,
		    enum style style, struct grid *grid);
