/*
 * grid.c: cells.
 */
#define _GNU_SOURCE
#include "grid.h"
#include "final/inspector/text/printable.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 1000 };

int grid_make(struct grid *grid, int width, int height, bool ascii)
{
	if (width < 1 || height < 1 || width > LARGEST || height > LARGEST) {
		errno = EINVAL;
		return -1;
	}
	*grid = (struct grid){ .width = width, .height = height, .ascii = ascii };
	grid->cells = calloc((size_t)width * (size_t)height, sizeof(*grid->cells));
	if (!grid->cells)
		return -1;
	grid_clear(grid);
	return 0;
}

void grid_free(struct grid *grid)
{
	free(grid->cells);
	*grid = (struct grid){ 0 };
}

void grid_clear(struct grid *grid)
{
	for (int i = 0; i < grid->width * grid->height; i++)
		grid->cells[i] = (struct cell){ ' ', ST_PLAIN };
}

static struct cell *at(struct grid *grid, int y, int x)
{
	if (x < 0 || y < 0 || x >= grid->width || y >= grid->height)
		return NULL;
	return &grid->cells[y * grid->width + x];
}

static void set(struct grid *grid, int y, int x, uint32_t ch, enum style style)
{
	struct cell *cell = at(grid, y, x);

	if (!cell)
		return;
	/* Half of a wide character must not stay behind. */
	if (cell->ch == 0 && x > 0 && ch != 0)
		cell[-1].ch = ' ';
	if (ch && char_columns(cell->ch) == 2 && x + 1 < grid->width && cell[1].ch == 0)
		cell[1].ch = ' ';
	*cell = (struct cell){ ch, (uint8_t)style };
}

static void put_wide(struct grid *grid, int y, int x, uint32_t ch, int columns, enum style style)
{
	set(grid, y, x, ch, style);
	if (columns == 2 && x + 1 < grid->width)
		grid->cells[y * grid->width + x + 1] = (struct cell){ 0, (uint8_t)style };
}

int grid_text(struct grid *grid, int y, int x, int width, enum style style, const char *text)
{
	char safe[1024];
	const char *rest = printable(text, safe, sizeof(safe));
	int end = width < 0 || x + width > grid->width ? grid->width : x + width;
	int begin = x;
	uint32_t ch;

	while ((ch = utf8_next(&rest))) {
		int columns = char_columns(ch);
		if (columns == 0)
			continue;
		if (x + columns > end) {
			if (end <= begin || (ch == ' ' && !rest[strspn(rest, " ")]))
				break; /* no room at all; or blanks, which nobody misses */
			grid_cut_mark(grid, y, end - 1, style);
			return end;
		}
		/* A terminal in the C locale gets one ? for each column. */
		if (grid->ascii && ch > 0x7e) {
			for (int i = 0; i < columns; i++)
				set(grid, y, x + i, '?', style);
		} else {
			put_wide(grid, y, x, ch, columns, style);
		}
		x += columns;
	}
	return x;
}

int grid_printf(struct grid *grid, int y, int x, int width, enum style style, const char *format,
		...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return grid_text(grid, y, x, width, style, text);
}

int grid_columns(const char *text)
{
	char safe[1024];
	const char *rest = printable(text, safe, sizeof(safe));
	uint32_t ch;
	int columns = 0;

	while ((ch = utf8_next(&rest)))
		columns += char_columns(ch);
	return columns;
}

int grid_whole(struct grid *grid, int y, int x, int end, enum style style, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return x + grid_columns(text) > end ? x : grid_text(grid, y, x, -1, style, text);
}

void grid_cut_mark(struct grid *grid, int y, int x, enum style style)
{
	grid_put(grid, y, x, style, 0x2026, '~');
}

void grid_put(struct grid *grid, int y, int x, enum style style, uint32_t ch, char ascii)
{
	set(grid, y, x, grid->ascii ? (uint32_t)(unsigned char)ascii : ch, style);
}

void grid_line(struct grid *grid, int y, int x, int width, enum style style)
{
	for (int i = 0; i < width; i++)
		grid_put(grid, y, x + i, style, 0x2500, '-');
}

void grid_paint(struct grid *grid, int y, int x, int width, enum style style)
{
	for (int i = 0; i < width; i++)
		if (at(grid, y, x + i))
			at(grid, y, x + i)->style = (uint8_t)style;
}

void grid_heading(struct grid *grid, int y, int x, int width, const char *title, bool active)
{
	enum style style = active ? ST_STRONG : ST_HEAD;

	grid_line(grid, y, x, width, style);
	if (active)
		grid_put(grid, y, x, style, 0x25b6, '>');
	grid_text(grid, y, x + 1, width - 2, style, title);
}

void grid_bar(struct grid *grid, int y, int x, int width, double share, enum style style)
{
	int inner = width - 2;
	int full = share <= 0 ? 0 : share >= 1 ? inner : (int)(share * inner + 0.5);

	if (share > 0 && full == 0)
		full = 1;
	grid_text(grid, y, x, 1, ST_PLAIN, "[");
	for (int i = 0; i < inner; i++)
		if (i < full)
			grid_put(grid, y, x + 1 + i, style, 0x2588, '#');
		else
			grid_put(grid, y, x + 1 + i, ST_DIM, share < 0 ? ' ' : 0xb7,
				 share < 0 ? ' ' : '.');
	grid_text(grid, y, x + width - 1, 1, ST_PLAIN, "]");
}

void grid_history(struct grid *grid, int y, int x, int width, const float *values, int count,
		  double top)
{
	static const char ascii[] = "_.:-=+*#";

	for (int i = 0; i < width; i++) {
		int sample = count - width + i;
		if (sample < 0 || values[sample] < 0) { /* before us, or not known */
			grid_put(grid, y, x + i, ST_DIM, ' ', ' ');
			continue;
		}
		double share = top > 0 ? (double)values[sample] / top : 0;
		int level = share <= 0 ? 0 : share >= 1 ? 7 : (int)(share * 8);
		grid_put(grid, y, x + i, ST_BAR, 0x2581 + (uint32_t)level, ascii[level]);
	}
}

void grid_print(const struct grid *grid, FILE *out)
{
	for (int y = 0; y < grid->height; y++) {
		const struct cell *row = &grid->cells[y * grid->width];
		int end = grid->width;
		while (end > 0 && row[end - 1].ch == ' ')
			end--;
		for (int x = 0; x < end; x++) {
			char bytes[4] = "";
			if (row[x].ch)
				fwrite(bytes, 1, (size_t)utf8_put(bytes, row[x].ch), out);
		}
		fputc('\n', out);
	}
}
