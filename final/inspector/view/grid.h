/*
 * grid.h: a picture of cells, drawn into by the renderer, copied to a terminal by the screen or
 * printed as text. It knows no terminal.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What a cell means; the screen chooses colours or attributes for it. Never the only sign of
 * anything. */
enum style {
	ST_PLAIN,
	ST_DIM,
	ST_TITLE,
	ST_HEAD,
	ST_KEY,
	ST_OWN,
	ST_SHARED,
	ST_NEW,
	ST_ENDED,
	ST_ZOMBIE,
	ST_ALERT,
	ST_BAR,
	ST_STRONG,
	ST_JOINED,
	ST_CURSOR,
	ST_POPUP,
	STYLES
};

struct cell {
	uint32_t ch; /* 0: right half of a wide character */
	uint8_t style;
};

struct grid {
	int width, height;
	bool ascii; /* lines and bars of ASCII; other characters as ? */
	struct cell *cells;
};

/* Returns 0, or -1 with ENOMEM or EINVAL (no such size). grid_free() takes it back. */
int grid_make(struct grid *grid, int width, int height, bool ascii);
void grid_free(struct grid *grid);
void grid_clear(struct grid *grid);

/* Writes text at row y, column x, at most width columns (-1: to the edge); what does not fit is
 * cut, a wide character never in two, and the cut is seen: its last column is "…" ("~" in ASCII).
 * Text of others is made harmless. Returns the column after it. */
int grid_text(struct grid *grid, int y, int x, int width, enum style style, const char *text);
int grid_printf(struct grid *grid, int y, int x, int width, enum style style, const char *format,
		...) __attribute__((format(printf, 6, 7)));

/* The whole text, if it ends before column end, else nothing of it. Returns the column after it, or
 * x. */
int grid_whole(struct grid *grid, int y, int x, int end, enum style style, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* The sign of a cut. */
void grid_cut_mark(struct grid *grid, int y, int x, enum style style);

/* How many columns it takes. */
int grid_columns(const char *text);

/* One character that is not text: a line or block, with what stands for it in ASCII. */
void grid_put(struct grid *grid, int y, int x, enum style style, uint32_t ch, char ascii);

/* A run of it. */
void grid_line(struct grid *grid, int y, int x, int width, enum style style);

/* Gives cells another style, their text kept. */
void grid_paint(struct grid *grid, int y, int x, int width, enum style style);

/* A heading: a line with a title in it. */
void grid_heading(struct grid *grid, int y, int x, int width, const char *title, bool active);

/* [#####.....]: share of 0 to 1, below 0 is unknown. */
void grid_bar(struct grid *grid, int y, int x, int width, double share, enum style style);

/* Values as a line of blocks, the newest at the right; top: the value of a full block. */
void grid_history(struct grid *grid, int y, int x, int width, const float *values, int count,
		  double top);

/* The rows as lines of UTF-8 without blanks at their ends. */
void grid_print(const struct grid *grid, FILE *out);
