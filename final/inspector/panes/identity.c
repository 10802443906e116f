/*
 * identity.c: who it is, and what its root is made of.
 */
#define _GNU_SOURCE
#include "pane.h"
#include "final/inspector/view/draw.h"
#include "final/inspector/read/identity.h"

#include <stdio.h>
#include <string.h>

enum item { IDI_MAP, IDI_CAPS, IDI_SECCOMP, IDI_NNP, IDI_HOSTNAME, IDI_ROOT, IDI_ITEMS };

static const struct why_words words[IDI_ITEMS] = {
	[IDI_MAP] = { .title = "uid map",
		      .text = "\"0->100000 x65536\": the 65536 ids from 0 on inside are those from "
			      "100000 on outside. One line 0->0 xall is the host's own map: root "
			      "inside is root.",
		      .command = "cat /proc/%3$d/uid_map",
		      .lesson = LESSON_4 },
	[IDI_CAPS] = { .title = "capabilities",
		       .text = "The pieces of root's power that init has now (CapEff). In a user "
			       "namespace of its own they hold for that namespace only. Enter "
			       "lists them.",
		       .command = "grep CapEff /proc/%3$d/status",
		       .lesson = LESSON_4 },
	[IDI_SECCOMP] = { .title = "seccomp",
			  .text = "A filter judges every system call before the kernel carries it "
				  "out; what it forbids fails or kills. It can only be made "
				  "tighter.",
			  .command = "grep Seccomp /proc/%3$d/status",
			  .lesson = LESSON_8 },
	[IDI_NNP] = { .title = "no_new_privs",
		      .text = "With 1, execve(2) can give nothing more: set-user-ID bits and file "
			      "capabilities are ignored, for good and for all children.",
		      .command = "grep NoNewPrivs /proc/%3$d/status",
		      .lesson = LESSON_8 },
	[IDI_HOSTNAME] = { .title = "host name on both sides",
			   .text = "gethostname(2) answers from the caller's uts namespace. To "
				   "know the inner name somebody has to go in.",
			   .command = "hostname; nsenter -t %3$d -u hostname",
			   .lesson = LESSON_3 },
	[IDI_ROOT] = { .title = "root directory",
		       .text = "What the container has as /. An overlay shows read-only lower "
			       "layers with one writable upper directory over them; deleting "
			       "leaves a whiteout in upper.",
		       .command = "grep ' / / ' /proc/%3$d/mountinfo",
		       .lesson = LESSON_6 },
};

static int item(const struct view *view, enum item which, int y, int x, struct grid *grid,
		const char *text, enum style style)
{
	bool here = view->pane == PANE_IDENTITY && view->item[PANE_IDENTITY] == (int)which;

	if (x > 1 && x + grid_columns(text) > grid->width - 1) { /* does not fit: Enter lists it */
		grid_cut_mark(grid, y, grid->width - 1, here ? ST_CURSOR : ST_DIM);
		return x;
	}
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
		snprintf(text, sizeof(text), "root: denied (its mountinfo)");
	else if (strcmp(id->root_fs, "overlay") == 0)
		snprintf(text, sizeof(text), "root overlay  %d lower  upper %s%s", id->lowers.count,
			 id->upper ? id->upper : "(none: read-only)",
			 id->root_read_only ? "  read-only" : "");
	else
		snprintf(text, sizeof(text), "root %s %s%s", id->root_fs, id->root_source,
			 id->root_read_only ? "  read-only" : "");
	char more[64];
	snprintf(more, sizeof(more), "  vol %d  masked %d  (Enter: list)", id->volumes.count,
		 id->masked.count);
	int room = grid->width - 1 - (int)strlen(more);
	if (grid->width < 78) {
		snprintf(more, sizeof(more), "  (Enter: list)");
		room = grid->width - 1 - (int)strlen(more);
	}
	bool here = view->pane == PANE_IDENTITY && view->item[PANE_IDENTITY] == IDI_ROOT;
	int x = grid_text(grid, y, 1, room, here ? ST_CURSOR : ST_PLAIN, text);
	grid_text(grid, y, x, -1, ST_DIM, more);
}

static int draw_process(const struct identity *id, const struct view *view, int y,
			struct grid *grid)
{
	char text[sizeof(id->uid_map) + 8];
	int x = 1;

	snprintf(text, sizeof(text), "uid %s", id->uid_map[0] ? id->uid_map : "-");
	x = item(view, IDI_MAP, y, x, grid, text, ST_PLAIN);
	if (id->cap_eff >= 0)
		snprintf(text, sizeof(text), "caps %d/%d",
			 __builtin_popcountll((unsigned long long)id->cap_eff), 41);
	else
		snprintf(text, sizeof(text), "caps -");
	x = item(view, IDI_CAPS, y, x, grid, text, ST_PLAIN);
	snprintf(text, sizeof(text), "seccomp %s", seccomp_word(id->seccomp));
	x = item(view, IDI_SECCOMP, y, x, grid, text, ST_PLAIN);
	snprintf(text, sizeof(text), id->no_new_privs < 0 ? "nnp -" : "nnp %d", id->no_new_privs);
	return item(view, IDI_NNP, y, x, grid, text, ST_PLAIN);
}

static void draw_hostname(const struct model *model, const struct view *view, int y, int x,
			  struct grid *grid)
{
	char text[64];

	const char *host = model->stand_in ? model->stand_in_name : model->host_name;
	snprintf(text, sizeof(text), "host \"%.20s\"->\"%.20s\"", host[0] ? host : "?",
		 model->id.hostname[0] ? model->id.hostname : "?");
	item(view, IDI_HOSTNAME, y, x, grid, text, ST_PLAIN);
}

/* In the place of the namespaces' line, while it is the pane that Tab has chosen. */
static void draw_compact(const struct model *model, const struct view *view, int y,
			 struct grid *grid)
{
	int chosen = view->item[PANE_IDENTITY];

	for (int x = 0; x < grid->width; x++)
		grid_put(grid, y, x, ST_PLAIN, ' ', ' ');
	if (chosen == IDI_ROOT)
		draw_root(&model->id, view, y, grid);
	else if (chosen == IDI_HOSTNAME)
		draw_hostname(model, view, y, 1, grid);
	else
		draw_process(&model->id, view, y, grid);
}

static void draw(const struct model *model, const struct view *view, const struct order *order,
		 const struct layout *l, struct grid *grid)
{
	int y = l->id_y;
	bool there = model->found || model->ended;

	(void)order;
	if (l->compact && view->pane == PANE_IDENTITY && there)
		draw_compact(model, view, l->ns_y, grid);
	if (!l->id_rows)
		return;
	grid_heading(grid, y, 0, grid->width, "IDENTITY / ROOT", view->pane == PANE_IDENTITY);
	if (!there)
		return;
	int x = draw_process(&model->id, view, y + 1, grid);
	if (l->id_rows > 2)
		draw_hostname(model, view, y + 3, 1, grid);
	else
		draw_hostname(model, view, y + 1, x, grid);
	draw_root(&model->id, view, y + 2, grid);
}

static void list(struct detail *l, const char *title, const struct named_list *list)
{
	char head[64];

	snprintf(head, sizeof(head), "%s (%d):", title, list->count);
	detail_add(l, head, "");
	for (int i = 0; i < list->count && i < MODEL_LIST; i++)
		detail_add(l, "  ", list->item[i]);
	if (list->count > MODEL_LIST)
		detail_add(l, "  ...", "");
}

static void capabilities(struct detail *l, int64_t mask)
{
	char head[64];

	if (mask < 0) {
		detail_add(l, "CapEff is not to be read", "");
		return;
	}
	snprintf(head, sizeof(head), "CapEff %016llx", (unsigned long long)mask);
	detail_add(l, head, "");
	for (int i = 0; i < CAPABILITIES; i++)
		if (mask & (1LL << i))
			detail_add(l, "  cap_", capability_name(i));
}

static void detail(const struct model *model, const struct view *view, struct detail *l)
{
	const struct identity *id = &model->id;

	if (view->item[PANE_IDENTITY] == IDI_CAPS) {
		capabilities(l, id->cap_eff);
		return;
	}
	detail_add(l, "uid_map ", id->uid_map);
	detail_add(l, "gid_map ", id->gid_map);
	detail_add(l, "root ", id->root_fs);
	detail_add(l, "upper ", id->upper ? id->upper : "(none)");
	list(l, "lower layers, the lowest first", &id->lowers);
	list(l, "volumes", &id->volumes);
	list(l, "masked paths", &id->masked);
}

static void why(const struct model *model, const struct view *view, struct why_cell *out)
{
	why_answer(out, &words[view->item[PANE_IDENTITY]], "", model, view);
}

const struct pane identity_pane = {
	.cells = IDI_ITEMS,
	.draw = draw,
	.detail = detail,
	.why = why,
	.keys = pane_cell_keys,
};
