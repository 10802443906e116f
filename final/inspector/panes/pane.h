/*
 * pane.h: a part of the screen that Tab goes to. All that it knows stands in its own file: how it
 * is drawn, the list that Enter opens, what F7 says of each of its cells, what its keys do.
 */
#pragma once

#include "detail.h"
#include "final/inspector/view/grid.h"
#include "final/inspector/view/layout.h"
#include "why.h"

struct pane {
	int cells; /* how many the cursor goes through: view->item[] is one of them */

	/* Nothing where the layout has no room for it. */
	void (*draw)(const struct model *model, const struct view *view, const struct order *order,
		     const struct layout *l, struct grid *grid);
	void (*detail)(const struct model *model, const struct view *view, struct detail *out);
	void (*why)(const struct model *model, const struct view *view, struct why_cell *out);

	/* Returns false for a key that is none of the pane's. */
	bool (*keys)(struct view *view, const struct model *model, const struct order *order,
		     int key);
};

extern const struct pane tree_pane, namespaces_pane, cgroup_pane, identity_pane, changes_pane;

extern const struct pane *const panes[PANES];

/* The answer for the cell under the cursor. */
void why_cell(const struct model *model, const struct view *view, struct why_cell *out);

/* keys of a pane that has nothing but cells: every arrow goes to the next one or the one before. */
bool pane_cell_keys(struct view *view, const struct model *model, const struct order *order,
		    int key);
