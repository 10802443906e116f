/*
 * detail.h: the list that Enter opens: what a cell has no room for.
 */
#pragma once

#include "final/inspector/view/view.h"

enum { DETAIL_MOST = 192 };

struct detail {
	int count;
	char text[DETAIL_MOST][112];
};

/* Adds the line "LABELtext", cut where it is too long; no more than DETAIL_MOST of them. */
void detail_add(struct detail *detail, const char *label, const char *text);

/* How many lines the list of the chosen pane has, and each of them ("" past the end). Static text.
 */
int detail_lines(const struct view *view, const struct model *model);
const char *detail_line(const struct view *view, const struct model *model, int line);
