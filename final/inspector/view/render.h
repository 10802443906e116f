/*
 * render.h: the model and the view as a picture. Pure: the same two give the same cells.
 */
#pragma once

#include "grid.h"
#include "layout.h"
#include "view.h"

/* Draws the whole screen. Too small a grid gets one sentence that says what it needs. */
void render(const struct model *model, const struct view *view, const struct order *order,
	    struct grid *grid);

/* Two containers side by side (--vs): one view, cursor in the left one. */
void render_vs(const struct model *left, const struct model *right, const struct view *view,
	       struct grid *grid);

/* One sentence that says what it needs. */
void render_too_small(struct grid *grid, int width, int height);

/* The parts that are no panes: the first line, the last one, F7's answer below the panes of a tall
 * screen, boxes over all of it, and presenter mode. The panes are in panes/. */
void render_title(const struct model *model, const struct view *view, struct grid *grid);
void render_keys(const struct view *view, const struct layout *l, struct grid *grid);
void render_why(const struct model *model, const struct view *view, const struct layout *l,
		struct grid *grid);
void render_popup(const struct model *model, const struct view *view, struct grid *grid);
void render_presenter(const struct model *model, const struct view *view, const struct order *order,
		      const struct layout *l, struct grid *grid);
