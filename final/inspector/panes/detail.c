/*
 * detail.c: the list that Enter opens: what a cell has no room for.
 */
#define _GNU_SOURCE
#include "detail.h"
#include "final/inspector/text/printable.h"
#include "pane.h"

#include <stdio.h>

void detail_add(struct detail *l, const char *label, const char *text)
{
	char both[320];

	if (l->count == DETAIL_MOST)
		return;
	snprintf(both, sizeof(both), "%s%.250s", label, text);
	text_cut(l->text[l->count++], sizeof(*l->text), both, SIZE_MAX);
}

static struct detail *current(const struct view *view, const struct model *model)
{
	static struct detail lines;

	lines.count = 0;
	panes[view->pane]->detail(model, view, &lines);
	return &lines;
}

int detail_lines(const struct view *view, const struct model *model)
{
	return current(view, model)->count;
}

const char *detail_line(const struct view *view, const struct model *model, int line)
{
	struct detail *lines = current(view, model);

	return line >= 0 && line < lines->count ? lines->text[line] : "";
}
