/*
 * why_cell.h: F7. What is under the cursor, why it is so, the shell command that shows the same,
 * and the lesson that explains it.
 */
#pragma once

#include "final/inspector/view/view.h"

struct why_cell {
	char title[64];
	char text[400];	   /* one or two sentences */
	char command[160]; /* works in a shell on this host */
	char lesson[48];
};

/* Fills the answer for the cell under the cursor. */
void why_cell(const struct model *model, const struct view *view, const struct order *order,
	      struct why_cell *out);
