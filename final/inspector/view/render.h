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

/* The parts, each in its file. */
void render_title(const struct model *model, const struct view *view, struct grid *grid);
void render_keys(const struct view *view, const struct layout *l, struct grid *grid);
void render_tree(const struct model *model, const struct view *view, const struct order *order,
		 const struct layout *l, struct grid *grid);
void render_namespaces(const struct model *model, const struct view *view, const struct layout *l,
		       struct grid *grid);
void render_cgroup(const struct model *model, const struct view *view, const struct layout *l,
		   struct grid *grid);
void render_identity(const struct model *model, const struct view *view, const struct layout *l,
		     struct grid *grid);
void render_changes(const struct model *model, const struct view *view, const struct layout *l,
		    struct grid *grid);
void render_why(const struct model *model, const struct view *view, const struct order *order,
		const struct layout *l, struct grid *grid);
void render_popup(const struct model *model, const struct view *view, const struct order *order,
		  struct grid *grid);
void render_presenter(const struct model *model, const struct view *view, const struct order *order,
		      const struct layout *l, struct grid *grid);

/* Which columns the tree shows, and how wide; COL_COMM and COL_NSCOMM take the rest. */
int tree_column_width(enum column column, bool wide);
const char *tree_column_title(enum column column);

/* "3 more", ended by column end, in at most room columns: rows that are not seen. Returns the
 * column where it begins; end if all are seen. */
int render_more(struct grid *grid, int y, int end, int room, const struct view *view, int rows,
		int count);

/* "..1836", the last digits of an inode, or "-". Static text, four in turn. */
const char *short_inode(unsigned inode);

/* "19.2M", "512K"; "-" for -1, "no limit". Static text, four in turn. */
const char *short_bytes(int64_t bytes);

/* Room for a line of the tree in front of the command; returns the column after it. */
int draw_branch(struct grid *grid, int y, int x, const struct order_item *item, enum style style);

/* The style that a row's condition asks for. */
enum style row_style(const struct row *row);

/* The word that says it ("NEW", "ZOMBIE", "ended", ""). */
const char *row_word(const struct row *row);

/* HH:MM:SS of a wall clock in ms, local time. Static text, four in turn. */
const char *clock_text(int64_t ms);

/* Breaks text into lines of at most width columns; calls for each. Returns how many. */
int draw_wrapped(struct grid *grid, int y, int x, int width, int most, enum style style,
		 const char *text);
