/*
 * page.c: what of a scene is on the screen, and what waits.
 */
#define _GNU_SOURCE
#include "page.h"
#include "say.h"
#include "step01_clone_pid/floor/meet/wrap.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* A scene is at most 16 lines of 76 columns; with the key line and an answer it needs this. */
enum { WHOLE_ROWS = 22, WHOLE_COLUMNS = PROJECTOR + 1, SMALLEST = 4 };

static struct page {
	bool in_use, head_open, full;
	size_t rows, columns; /* of the terminal, when the page began */
	size_t used;	      /* rows that are written */
	size_t head_length;
	char head[2048];
	size_t kept_length; /* of kept, may be more than it holds */
	char kept[24576];   /* has NULs where a process was killed while it wrote */
} * page;

bool page_setup(void)
{
	void *shared = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);

	if (shared == MAP_FAILED)
		return false;
	page = shared;
	return true;
}

/* The presenter may make the window larger at any time. */
static void measure(void)
{
	struct winsize window = { 0 };

	ioctl(1, TIOCGWINSZ, &window);
	page->rows = window.ws_row ? window.ws_row : WHOLE_ROWS;
	page->columns = terminal_width(1);
	if (!page->columns)
		page->columns = WHOLE_COLUMNS;
}

static size_t columns_of(const char *line, size_t length)
{
	size_t columns = 0;

	for (size_t i = 0; i < length; i++) {
		if (line[i] == '\033')
			while (i + 1 < length && !strchr("mKJHA", line[i]))
				i++;
		else
			columns += (line[i] & 0xc0) != 0x80;
	}
	return columns;
}

/* Rows of one line without its newline: escape codes have no width. */
static size_t rows_of(const char *line, size_t length)
{
	size_t columns = columns_of(line, length);

	if (length >= 4 && memcmp(line, "\033[", 2) == 0 &&
	    line[2 + strspn(line + 2, "0123456789")] == 'A')
		return 0; /* redraw(): over the line before */
	return columns ? (columns + page->columns - 1) / page->columns : 1;
}

size_t page_rows(const char *line)
{
	size_t width = terminal_width(1), columns = 1 + columns_of(line, strlen(line));

	return width ? (columns + width - 1) / width : 1;
}

/* The last row is for the keys. */
static size_t room(void)
{
	return page->rows > SMALLEST ? page->rows - 1 : SMALLEST - 1;
}

static bool keep(const char *text, size_t length)
{
	size_t at = __atomic_fetch_add(&page->kept_length, length, __ATOMIC_SEQ_CST);

	if (at + length > sizeof(page->kept))
		return false;
	memcpy(page->kept + at, text, length);
	return true;
}

size_t page_fit(const char *text, size_t length)
{
	size_t fit = 0;

	if (!page || !page->in_use)
		return length;
	while (fit < length && !page->full) {
		const char *end = memchr(text + fit, '\n', length - fit);
		size_t take = end ? (size_t)(end - text) - fit : length - fit;
		size_t rows = rows_of(text + fit, take);
		if (page->used + rows > room()) {
			page->full = true;
			break;
		}
		page->used += rows;
		fit += take + (end ? 1 : 0);
	}
	if (page->head_open && page->head_length + length < sizeof(page->head)) {
		memcpy(page->head + page->head_length, text, length);
		page->head_length += length;
	}
	if (fit < length && !keep(text + fit, length - fit))
		return length; /* rather scrolled off than lost */
	return fit;
}

bool page_is_full(void)
{
	return page && page->in_use && page->full;
}

/* An empty page with the head on it, unless that would leave hardly any room. */
static void clear(void)
{
	size_t length = page->head_length;

	measure();
	page->used = 0;
	page->full = false;
	page->kept_length = 0;
	emit_now("\033[H\033[2J");
	size_t fit = page_fit(page->head, length);
	if (fit < length || page->used + 2 > room()) {
		page->used = 0;
		page->full = false;
		page->kept_length = 0;
	} else {
		emit_now("%.*s", (int)length, page->head);
	}
}

void page_begin(void)
{
	if (!manner.pause || !live())
		return;
	page->head_open = false;
	page->head_length = 0;
	page->in_use = true;
	clear();
}

void page_head_begins(void)
{
	page->head_length = 0;
	page->head_open = page->in_use;
}

void page_head_ends(void)
{
	page->head_open = false;
}

void page_turn(void)
{
	static char rest[sizeof(page->kept)];
	size_t length = page->kept_length, n = 0;

	if (length > sizeof(rest))
		length = sizeof(rest);
	for (size_t i = 0; i < length; i++)
		if (page->kept[i])
			rest[n++] = page->kept[i];
	memset(page->kept, 0, length);
	clear();
	/* A line that is longer than a whole page is written all the same. */
	size_t fit = page_fit(rest, n);
	emit_now("%.*s", (int)(fit ? fit : n), rest);
	if (!fit) {
		page->full = false;
		page->kept_length = 0;
	}
}

void page_act(void)
{
	if (!page->in_use)
		return;
	measure();
	if (page->rows < WHOLE_ROWS || page->columns < WHOLE_COLUMNS)
		clear();
}

void page_end(void)
{
	page->in_use = false;
}

bool page_is_narrow(size_t columns)
{
	size_t width = manner.tty ? terminal_width(1) : 0;

	return width && width < columns;
}
