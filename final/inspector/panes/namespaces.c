/*
 * namespaces.c: eight kinds of namespaces: own or shared, in words.
 */
#define _GNU_SOURCE
#include "pane.h"
#include "final/inspector/view/draw.h"

#include <stdio.h>
#include <string.h>

static const struct why_words words[NS_KINDS] = {
	[NS_PID] = { .title = "pid namespace",
		     .text = "Numbers processes anew from 1. Those outside see the ones inside, "
			     "never the other way round; when its PID 1 ends, all end.",
		     .command = "ls -l /proc/self/ns/pid /proc/%3$d/ns/pid",
		     .lesson = LESSON_1 },
	[NS_MNT] = { .title = "mnt namespace",
		     .text = "Has a table of mounts of its own, so that mounts and pivot_root(2) "
			     "in there leave the host's alone.",
		     .command = "diff /proc/self/mountinfo /proc/%3$d/mountinfo",
		     .lesson = LESSON_2 },
	[NS_UTS] = { .title = "uts namespace",
		     .text = "Has a host name and NIS domain name of its own.",
		     .command = "nsenter -t %3$d -u hostname",
		     .lesson = LESSON_3 },
	[NS_IPC] = { .title = "ipc namespace",
		     .text = "Has System V objects and POSIX message queues of its own: keys and "
			     "names of the host do not exist in there.",
		     .command = "nsenter -t %3$d -i ipcs",
		     .lesson = LESSON_3 },
	[NS_NET] = { .title = "net namespace",
		     .text = "Has links, addresses, routes and ports of its own; it begins with lo "
			     "alone, and that is down.",
		     .command = "nsenter -t %3$d -n ip addr",
		     .lesson = LESSON_4 },
	[NS_USER] = { .title = "user namespace",
		      .text = "Maps user and group ids: root in there may be an ordinary user of "
			      "the host, and its capabilities hold inside only.",
		      .command = "cat /proc/%3$d/uid_map /proc/%3$d/gid_map",
		      .lesson = LESSON_4 },
	[NS_CGROUP] = { .title = "cgroup namespace",
			.text = "Shows the cgroup in which its creator was as the root /: paths of "
				"the host's groups cannot be seen.",
			.command = "cat /proc/%3$d/cgroup",
			.lesson = LESSON_5 },
	[NS_TIME] = { .title = "time namespace",
		      .text = "Shifts CLOCK_MONOTONIC and CLOCK_BOOTTIME, for processes that move "
			      "between machines. The wall clock is never virtual.",
		      .command = "cat /proc/%3$d/timens_offsets",
		      .lesson = LESSON_4 },
};

static const enum style verdict_style[] = {
	[NS_OWN] = ST_OWN, [NS_SHARED] = ST_SHARED, [NS_DENIED] = ST_ALERT, [NS_ABSENT] = ST_DIM
};

/* "1836 != 2190 own", "1836 == SHARED": the sign and the word both say it. */
static int draw_verdict(const struct model *model, int kind, int y, int x, bool dots,
			enum style key, struct grid *grid)
{
	const struct ns_row *ns = &model->ns[kind];
	enum style style = verdict_style[ns->verdict];
	unsigned host = ns->base ? ns->base : model->ns_host[kind];

	grid_printf(grid, y, x, 7, key, "%-6s", ns_info[kind].name);
	x = grid_text(grid, y, x + 7, -1, ST_PLAIN, short_inode(host, dots));
	if (!model->found && !model->ended)
		return x;
	switch (ns->verdict) {
	case NS_OWN:
		return grid_printf(grid, y, x + 1, -1, style, "!= %s own",
				   ns->inside ? short_inode(ns->inside, dots) : "denied");
	case NS_SHARED:
		return grid_text(grid, y, x + 1, -1, style, "== SHARED");
	case NS_DENIED:
		return grid_text(grid, y, x + 1, -1, style, "?? denied");
	default:
		return grid_text(grid, y, x + 1, -1, style, "-- no such kind");
	}
}

static void draw_who(const struct model *model, int kind, int y, int x, int width,
		     struct grid *grid)
{
	const struct ns_row *ns = &model->ns[kind];

	if (ns->verdict == NS_OWN && ns->others)
		grid_printf(grid, y, x, width, ST_JOINED, "%d in it, +%d: %s", ns->members,
			    ns->others, ns->who);
	else if (ns->verdict == NS_OWN && ns->inside)
		grid_printf(grid, y, x, width, ST_DIM, "%d in it, nobody else", ns->members);
	else if (ns->verdict == NS_SHARED)
		grid_printf(grid, y, x, width, ST_DIM, "WITH %s and %d others",
			    model->stand_in ? "STAND-IN" : "HOST", ns->others);
}

/* One line: "ns   own pid mnt uts  SHARED cgroup time". */
static void draw_compact(const struct model *model, const struct view *view, int y,
			 struct grid *grid)
{
	static const struct {
		enum ns_verdict verdict;
		const char *word;
	} groups[] = { { NS_OWN, "own" }, { NS_SHARED, "SHARED" }, { NS_DENIED, "denied" } };
	bool active = view->pane == PANE_NS;
	int x = grid_text(grid, y, 1, -1, active ? ST_CURSOR : ST_STRONG, "ns") + 2;

	if (!model->found && !model->ended) {
		grid_text(grid, y, x + 1, -1, ST_DIM, "-");
		return;
	}
	for (int g = 0; g < 3; g++) {
		bool any = false;
		for (int k = 0; k < NS_KINDS; k++) {
			if (model->ns[k].verdict != groups[g].verdict)
				continue;
			if (!any)
				x = grid_text(grid, y, x + 1, -1, ST_STRONG, groups[g].word);
			any = true;
			bool here = active && view->item[PANE_NS] == k;
			x = grid_text(grid, y, x + 1, -1,
				      here ? ST_CURSOR : verdict_style[groups[g].verdict],
				      ns_info[k].name);
		}
		x += any;
	}
	if (model->stand_in)
		grid_whole(grid, y, x + 1, grid->width, ST_SHARED, "host: stand-in of %s",
			   model->stand_in_of);
}

static void draw_title(const struct model *model, int y, bool active, struct grid *grid)
{
	char text[96];

	if (model->stand_in)
		snprintf(text, sizeof(text),
			 grid->width < 78 ? "NAMESPACES  host: stand-in of %s"
					  : "NAMESPACES host: stand-in of %s   != own   == SHARED  "
					    " ?? denied",
			 model->stand_in_of);
	else
		snprintf(text, sizeof(text),
			 grid->width < 78 ? "NAMESPACES  != own  == SHARED WITH HOST"
					  : "NAMESPACES host/container   != own    == SHARED WITH "
					    "HOST    ?? denied");
	grid_heading(grid, y, 0, grid->width, text, active);
}

static void draw(const struct model *model, const struct view *view, const struct order *order,
		 const struct layout *l, struct grid *grid)
{
	(void)order;
	if (l->compact) {
		draw_compact(model, view, l->ns_y, grid);
		return;
	}
	bool active = view->pane == PANE_NS;
	int down = l->ns_rows,
	    across = (NS_KINDS + down) / down > 3 ? 3 : (NS_KINDS + down - 1) / down;
	int width = grid->width / across;

	draw_title(model, l->ns_y, active, grid);
	for (int k = 0; k < NS_KINDS; k++) {
		int y = l->ns_y + 1 + k % down, x = k / down * width;
		bool here = active && view->item[PANE_NS] == k;
		if (here)
			grid_text(grid, y, x, 1, ST_CURSOR, ">");
		int end = draw_verdict(model, k, y, x + 1, down == 4, here ? ST_CURSOR : ST_STRONG,
				       grid);
		if (l->wide)
			draw_who(model, k, y, end + 2, x + width - end - 3, grid);
	}
	if (down == 3)
		grid_printf(grid, l->ns_y + 3, 2 * width + 1, width - 1,
			    model->denied ? ST_ALERT : ST_DIM, "%d read, %d denied",
			    model->processes, model->denied);
	else if (grid->width >= 78)
		grid_printf(grid, l->ns_y, grid->width - 25, 24, ST_HEAD, " %d read, %d denied ",
			    model->processes, model->denied);
	else
		grid_printf(grid, l->ns_y, grid->width - 16, 15, ST_HEAD, " %d denied ",
			    model->denied);
}

static void detail(const struct model *model, const struct view *view, struct detail *l)
{
	char text[112];

	(void)view;
	for (int k = 0; k < NS_KINDS; k++) {
		const struct ns_row *ns = &model->ns[k];
		snprintf(text, sizeof(text), "%-6s %s %u  inside %u  %s  %d of it in, %d others %s",
			 ns_info[k].name, model->stand_in ? "stand-in" : "host", ns->base,
			 ns->inside, ns_verdict_name(ns->verdict), ns->members, ns->others,
			 ns->others ? ns->who : "");
		detail_add(l, "", text);
	}
}

static const char *verdict_words(const struct model *model, enum ns_verdict verdict)
{
	if (model->stand_in && verdict == NS_OWN)
		return "Here: its own, not that of the demo's stand-in for the host. ";
	if (model->stand_in && verdict == NS_SHARED)
		return "Here: SHARED with the demo's stand-in for the host. ";
	return verdict == NS_OWN      ? "Here: its own. "
	       : verdict == NS_SHARED ? "Here: SHARED with the host, so this is not isolated. "
	       : verdict == NS_DENIED ? "Here: denied, it is another user's process. "
				      : "This kernel has no such kind. ";
}

static void why(const struct model *model, const struct view *view, struct why_cell *out)
{
	int kind = view->item[PANE_NS];
	bool there = model->found || model->ended;

	why_answer(out, &words[kind], there ? verdict_words(model, model->ns[kind].verdict) : "",
		   model, view);
}

const struct pane namespaces_pane = {
	.cells = NS_KINDS,
	.draw = draw,
	.detail = detail,
	.why = why,
	.keys = pane_cell_keys,
};
