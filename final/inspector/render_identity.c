/*
 * render_identity.c: who it is, and what its root is made of.
 */
#define _GNU_SOURCE
#include "render.h"

#include <stdio.h>
#include <string.h>

static int item(const struct view *view, enum id_item which, int y, int x, struct grid *grid,
		const char *text, enum style style)
{
	bool here = view->pane == PANE_IDENTITY && view->item[PANE_IDENTITY] == (int)which;

	if (x > 1 && x + (int)strlen(text) > grid->width)
		return x; /* does not fit: Enter lists it */
	return grid_text(grid, y, x, -1, here ? ST_CURSOR : style, text) + 2;
}

static const char *seccomp_word(int mode)
{
	return mode == 0 ? "off" : mode == 1 ? "strict" : mode == 2 ? "filter" : "-";
}

static void draw_root(const struct identity *id, const struct view *view, int y, struct grid *grid)
{
	char text[400];

	if (!id->root_fs[0])
		snprintf(text, sizeof(text), "root: denied (its mountinfo is not ours to read)");
	else if (strcmp(id->root_fs, "overlay") == 0)
		snprintf(text, sizeof(text), "root overlay  lower %d layer%s  upper %s%s",
			 id->lowers.count, id->lowers.count == 1 ? "" : "s",
			 id->upper ? id->upper : "(none: read-only)",
			 id->root_read_only ? "  read-only" : "");
	else
		snprintf(text, sizeof(text), "root %s %s%s", id->root_fs, id->root_source,
			 id->root_read_only ? "  read-only" : "");
	char more[64];
	snprintf(more, sizeof(more), "  vol %d  masked %d  (Enter: list)", id->volumes.count,
		 id->masked.count);
	int room = grid->width - 1 - (int)strlen(more);
	bool here = view->pane == PANE_IDENTITY && view->item[PANE_IDENTITY] == IDI_ROOT;
	int x = grid_text(grid, y, 1, room, here ? ST_CURSOR : ST_PLAIN, text);
	grid_text(grid, y, x, -1, ST_DIM, more);
}

void render_identity(const struct model *model, const struct view *view, const struct layout *l,
		     struct grid *grid)
{
	const struct identity *id = &model->id;
	char text[256];
	int y = l->id_y, x = 1;

	if (!l->id_rows)
		return;
	grid_heading(grid, y, 0, grid->width, "IDENTITY / ROOT", view->pane == PANE_IDENTITY);
	if (!model->found && !model->ended)
		return;
	snprintf(text, sizeof(text), "uid %s", id->uid_map[0] ? id->uid_map : "-");
	x = item(view, IDI_MAP, y + 1, x, grid, text, ST_PLAIN);
	if (id->cap_eff >= 0)
		snprintf(text, sizeof(text), "caps %d/%d",
			 __builtin_popcountll((unsigned long long)id->cap_eff), 41);
	else
		snprintf(text, sizeof(text), "caps -");
	x = item(view, IDI_CAPS, y + 1, x, grid, text, ST_PLAIN);
	snprintf(text, sizeof(text), "seccomp %s", seccomp_word(id->seccomp));
	x = item(view, IDI_SECCOMP, y + 1, x, grid, text, ST_PLAIN);
	snprintf(text, sizeof(text), id->no_new_privs < 0 ? "nnp -" : "nnp %d", id->no_new_privs);
	x = item(view, IDI_NNP, y + 1, x, grid, text, ST_PLAIN);
	int hx = x, hy = y + 1;
	if (l->id_rows > 2)
		hx = 1, hy = y + 3;
	snprintf(text, sizeof(text), "host \"%.20s\"->\"%.20s\"", model->host_name,
		 id->hostname[0] ? id->hostname : "?");
	item(view, IDI_HOSTNAME, hy, hx, grid, text, ST_PLAIN);
	draw_root(id, view, y + 2, grid);
}
