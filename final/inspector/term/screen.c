/*
 * screen.c: ncurses.
 */
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "screen.h"
#include "final/inspector/text/message.h"
#include "term_guard.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

static SCREEN *terminal;
static attr_t looks[STYLES];
static short pairs[STYLES];
static int click_row = -1;

/* Without colours weight and reverse video tell apart what matters; words say it all in any case.
 */
static void choose_looks(bool colour)
{
	static const struct {
		attr_t plain;
		short fore, back;
		attr_t coloured;
	} table[STYLES] = {
		[ST_PLAIN] = { A_NORMAL, -1, -1, A_NORMAL },
		[ST_DIM] = { A_NORMAL, -1, -1, A_DIM },
		[ST_TITLE] = { A_REVERSE, COLOR_BLACK, COLOR_CYAN, A_NORMAL },
		[ST_HEAD] = { A_NORMAL, COLOR_CYAN, -1, A_NORMAL },
		[ST_KEY] = { A_BOLD, COLOR_WHITE, COLOR_BLACK, A_BOLD },
		[ST_OWN] = { A_NORMAL, COLOR_GREEN, -1, A_NORMAL },
		[ST_SHARED] = { A_BOLD, COLOR_YELLOW, -1, A_BOLD },
		[ST_NEW] = { A_BOLD, COLOR_GREEN, -1, A_BOLD },
		[ST_ENDED] = { A_DIM, COLOR_BLUE, -1, A_NORMAL },
		[ST_ZOMBIE] = { A_BOLD, COLOR_MAGENTA, -1, A_BOLD },
		[ST_ALERT] = { A_BOLD, COLOR_RED, -1, A_BOLD },
		[ST_BAR] = { A_NORMAL, COLOR_GREEN, -1, A_NORMAL },
		[ST_STRONG] = { A_BOLD, -1, -1, A_BOLD },
		[ST_JOINED] = { A_UNDERLINE, COLOR_CYAN, -1, A_BOLD },
		[ST_CURSOR] = { A_REVERSE, COLOR_BLACK, COLOR_WHITE, A_NORMAL },
		[ST_POPUP] = { A_NORMAL, COLOR_WHITE, COLOR_BLUE, A_NORMAL },
	};

	for (int s = 0; s < STYLES; s++) {
		looks[s] = colour ? table[s].coloured : table[s].plain;
		pairs[s] = 0;
		if (!colour || (table[s].fore < 0 && table[s].back < 0))
			continue;
		pairs[s] = (short)(s + 1);
		init_pair(pairs[s], table[s].fore, table[s].back);
	}
}

/* What the environment says may be wrong: then a plain terminal is better than none. */
static SCREEN *open_terminal(char *note, size_t size)
{
	static const char *const plain[] = { "vt100", "ansi" };
	const char *term = getenv("TERM");
	SCREEN *screen = newterm(NULL, stdout, stdin);

	note[0] = '\0';
	for (size_t i = 0; !screen && i < 2; i++) {
		screen = newterm(plain[i], stdout, stdin);
		if (screen)
			snprintf(note, size, "TERM=%.30s is not known here: going on as %s.",
				 for_terminal(term && *term ? term : "(unset)"), plain[i]);
	}
	if (!screen)
		fprintf(stderr,
			"inspector: TERM=%s is not known here, nor is vt100: the terminal "
			"descriptions are missing.\n"
			"Install ncurses-base, or use: inspector --once\n",
			for_terminal(term && *term ? term : "(unset)"));
	return screen;
}

/* One line after the other is all that some can do: an editor's shell window, a teletype. */
static bool can_place(void)
{
	const char *place = tigetstr("cup"), *term = getenv("TERM");

	if (place && place != (char *)-1)
		return true;
	fprintf(stderr,
		"inspector: TERM=%s has no way to place text on a screen. For text use: inspector "
		"--once\n",
		for_terminal(term ? term : "(unset)"));
	return false;
}

int screen_open(bool mouse, char *note, size_t size)
{
	/* A shell that has exported them would freeze the size. */
	unsetenv("LINES");
	unsetenv("COLUMNS");
	term_guard_keep();
	signal(SIGWINCH, SIG_DFL); /* ncurses leaves it alone where the caller ignores it */
	terminal = open_terminal(note, size);
	if (!terminal)
		return -1;
	set_term(terminal);
	if (!can_place()) {
		endwin();
		delscreen(terminal);
		terminal = NULL;
		return -1;
	}
	set_escdelay(25);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	const char *no_color = getenv("NO_COLOR");
	bool colour = has_colors() && !(no_color && *no_color);
	if (colour) {
		start_color();
		use_default_colors();
	}
	choose_looks(colour);
	if (mouse)
		mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	term_guard_arm();
	return 0;
}

void screen_close(void)
{
	if (!terminal)
		return;
	endwin();
	term_guard_disarm();
	delscreen(terminal);
	terminal = NULL;
}

void screen_size(int *width, int *height)
{
	getmaxyx(stdscr, *height, *width);
}

void screen_redraw(void)
{
	clearok(curscr, TRUE);
}

void screen_show(const struct grid *grid)
{
	erase();
	for (int y = 0; y < grid->height && y < LINES; y++)
		for (int x = 0; x < grid->width && x < COLS; x++) {
			const struct cell *cell = &grid->cells[y * grid->width + x];
			wchar_t text[2] = { (wchar_t)cell->ch, 0 };
			cchar_t out;
			if (!cell->ch)
				continue;
			setcchar(&out, text, looks[cell->style], pairs[cell->style], NULL);
			mvadd_wch(y, x, &out);
		}
	refresh();
}

static int mouse_key(void)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return S_NOTHING;
	if (event.bstate & BUTTON4_PRESSED)
		return K_UP;
	if (event.bstate & BUTTON5_PRESSED)
		return K_DOWN;
	click_row = event.y;
	return S_CLICK;
}

int screen_click_row(void)
{
	return click_row;
}

static int translate(int key)
{
	static const int table[][2] = { { KEY_UP, K_UP },	  { KEY_DOWN, K_DOWN },
					{ KEY_LEFT, K_LEFT },	  { KEY_RIGHT, K_RIGHT },
					{ KEY_PPAGE, K_PAGE_UP }, { KEY_NPAGE, K_PAGE_DOWN },
					{ KEY_HOME, K_HOME },	  { KEY_END, K_END },
					{ KEY_ENTER, K_ENTER },	  { '\r', K_ENTER },
					{ '\n', K_ENTER },	  { '\t', K_TAB },
					{ KEY_BTAB, K_BACKTAB },  { KEY_BACKSPACE, K_BACKSPACE },
					{ 127, K_BACKSPACE },	  { 8, K_BACKSPACE },
					{ KEY_RESIZE, S_RESIZED } };

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i][0] == key)
			return table[i][1];
	if (key >= KEY_F(1) && key <= KEY_F(10))
		return K_F1 + key - KEY_F(1);
	return key == KEY_MOUSE ? mouse_key() : key < 256 ? key : S_NOTHING;
}

int screen_key(int ms)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	int key;

	if (term_guard_signal())
		return S_SIGNAL;
	key = getch(); /* also KEY_RESIZE, which no byte on the descriptor announces */
	if (key == ERR) {
		int ready = poll(&in, 1, ms);
		if (term_guard_signal())
			return S_SIGNAL;
		key = getch();
		/* Readable and yet nothing to read: the terminal is gone. */
		if (key == ERR && ready > 0 && (in.revents & (POLLHUP | POLLERR)))
			return S_GONE;
	}
	return key == ERR ? S_NOTHING : translate(key);
}

int screen_signal(void)
{
	return term_guard_signal();
}
