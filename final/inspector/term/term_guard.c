/*
 * term_guard.c: signals.
 *
 * After a crash ncurses cannot be trusted to clean up: what undoes it is worked out beforehand
 * (bytes and modes), so that the handler needs write(2) and tcsetattr(3) alone, which are
 * async-signal-safe.
 */
#define _GNU_SOURCE
#include "term_guard.h"

#include <curses.h>
#include <signal.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool kept;
static char undo[256];
static size_t undo_length;
static volatile sig_atomic_t asked;

static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS };
static const int ends[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static void on_crash(int signal)
{
	static const char words[] = "inspector: crashed; the terminal has been restored.\r\n";

	if (undo_length && write(STDOUT_FILENO, undo, undo_length) < 0)
		undo_length = 0;
	if (kept)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	if (write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
		kept = false;
	/* SA_RESETHAND has put the default back: die of it, so that the parent sees the truth. */
	raise(signal);
}

static void on_end(int signal)
{
	asked = signal;
}

void term_guard_keep(void)
{
	kept = tcgetattr(STDIN_FILENO, &before) == 0;
}

/* A capability's bytes without "$<5>" delays. */
static void add_undo(const char *name)
{
	const char *text = tigetstr(name);

	if (!text || text == (char *)-1)
		return;
	while (*text && undo_length < sizeof(undo)) {
		const char *end = text[0] == '$' && text[1] == '<' ? strchr(text, '>') : NULL;
		if (end)
			text = end + 1;
		else
			undo[undo_length++] = *text++;
	}
}

void term_guard_arm(void)
{
	struct sigaction action = { .sa_handler = on_crash,
				    .sa_flags = (int)(SA_RESETHAND | SA_NODEFER) };

	undo_length = 0;
	add_undo("sgr0");
	add_undo("rmkx");
	add_undo("cnorm");
	add_undo("rmcup");
	for (size_t i = 0; i < COUNT(crashes); i++)
		sigaction(crashes[i], &action, NULL);
	action = (struct sigaction){ .sa_handler = on_end }; /* no SA_RESTART: poll shall return */
	for (size_t i = 0; i < COUNT(ends); i++)
		sigaction(ends[i], &action, NULL);
}

void term_guard_disarm(void)
{
	for (size_t i = 0; i < COUNT(crashes); i++)
		signal(crashes[i], SIG_DFL);
	for (size_t i = 0; i < COUNT(ends); i++)
		signal(ends[i], SIG_DFL);
	undo_length = 0;
}

int term_guard_signal(void)
{
	return asked;
}
