/*
 * draw.h: numbers, rows and text as several panes and screens draw them.
 */
#pragma once

#include "grid.h"
#include "view.h"

/* "3 more", ended by column end, in at most room columns: rows that are not seen. Returns the
 * column where it begins; end if all are seen. */
int render_more(struct grid *grid, int y, int end, int room, const struct view *view, int rows,
		int count);

/* "..1836", the last digits of an inode, or "-"; where there is no room, without the dots that say
 * so. Static text, four in turn. */
const char *short_inode(unsigned inode, bool dots);

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

/* The quota that counts: a parent's where that is the tighter one; -1 none. */
double effective_quota(const struct cgroup_model *cg);
