/*
 * pane.c: the table of panes, and what they have in common.
 */
#define _GNU_SOURCE
#include "pane.h"

const struct pane *const panes[PANES] = {
	[PANE_TREE] = &tree_pane,	[PANE_NS] = &namespaces_pane,
	[PANE_CGROUP] = &cgroup_pane,	[PANE_IDENTITY] = &identity_pane,
	[PANE_CHANGES] = &changes_pane,
};

void why_cell(const struct model *model, const struct view *view, struct why_cell *out)
{
	panes[view->pane]->why(model, view, out);
}

static void move_cell(struct view *view, int by)
{
	int count = panes[view->pane]->cells;

	view->item[view->pane] = (view->item[view->pane] + by + count) % count;
}

bool pane_cell_keys(struct view *view, const struct model *model, const struct order *order,
		    int key)
{
	(void)model, (void)order;
	switch (key) {
	case K_UP:
	case 'k':
	case K_LEFT:
	case 'h':
		move_cell(view, -1);
		return true;
	case K_DOWN:
	case 'j':
	case K_RIGHT:
	case 'l':
		move_cell(view, 1);
		return true;
	default:
		return false;
	}
}
