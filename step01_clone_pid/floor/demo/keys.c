/*
 * keys.c: acts, and the keys that walk among them.
 */
#define _GNU_SOURCE
#include "page.h"
#include "say.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

volatile sig_atomic_t interrupted;

static struct termios as_found; /* the terminal, before keys were looked at singly */

/* Keys are looked at singly. Asked for every time round, since a shell sets the terminal as it
 * likes it after Ctrl-Z and `fg`. */
static void by_single_keys(void)
{
	struct termios now, raw = as_found;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* ISIG stays: Ctrl-C works */
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcgetattr(0, &now) == 0 && now.c_lflag != raw.c_lflag)
		tcsetattr(0, TCSADRAIN, &raw);
}

/* What follows ESC, at once or not at all. Page Down and Right are what a presenter's remote
 * control sends for "on", Page Up and Left for "back". Returns the key that they stand for. */
static int special_key(void)
{
	static const struct {
		const char *sent;
		int key;
	} keys[] = { { "[6~", TYPED_ON },   { "[C", TYPED_ON },	  { "OC", TYPED_ON },
		     { "[5~", TYPED_BACK }, { "[D", TYPED_BACK }, { "OD", TYPED_BACK } };
	char sent[8] = "";

	for (size_t n = 0; n + 1 < sizeof(sent) &&
			   poll(&(struct pollfd){ .fd = 0, .events = POLLIN }, 1, 50) > 0 &&
			   read(0, &sent[n], 1) == 1;
	     n++)
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (strcmp(sent, keys[i].sent) == 0)
				return keys[i].key;
	return '?'; /* some key, but none of ours */
}

static volatile sig_atomic_t continued;

static void on_continue(int signal_number)
{
	(void)signal_number;
	continued = 1;
}

/* While a key is waited for at a terminal, the end of a Ctrl-Z is noticed: what the shell has
 * written stands below the line of keys. */
static void notice_continue(bool yes)
{
	static struct sigaction before;
	struct sigaction now = { .sa_handler = on_continue };

	if (yes)
		sigaction(SIGCONT, &now, &before);
	else
		sigaction(SIGCONT, &before, NULL);
}

/* Waits for one byte. 1, 0 at the end of input or after Ctrl-C, -1: the program was stopped and
 * goes on. */
static int read_byte(bool tty, unsigned char *key)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };

	while (!interrupted) {
		outcome->waits_for_key++; /* that time is not the scene's */
		if (tty)
			by_single_keys();
		if (continued)
			return -1;
		/* With a time limit: Ctrl-C may come between the test and the call. */
		int ready = poll(&input, 1, 200);
		if (ready == 0 || (ready < 0 && errno == EINTR))
			continue;
		ssize_t n = read(0, key, 1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n != 1 || tty || *key != '\n')
			return n == 1 && !interrupted;
	}
	return 0;
}

int read_key(void (*prompt)(const void *about), const void *about)
{
	bool tty = tcgetattr(0, &as_found) == 0;
	unsigned char byte = 0;
	int got, key = 0;

	/* A scene that was killed left it raw. */
	as_found.c_lflag |= tty ? (tcflag_t)(ICANON | ECHO) : 0;
	if (tty) {
		/* What was typed before the question is no answer to it. Only at a terminal: into
		 * a pipe all keys are written in advance. */
		by_single_keys();
		tcflush(0, TCIFLUSH);
		notice_continue(true);
	}
	do {
		continued = 0;
		prompt(about);
		got = read_byte(tty, &byte);
	} while (got < 0);
	if (got)
		key = byte == '\033' ? special_key() : tolower(byte);
	if (tty) {
		notice_continue(false);
		tcsetattr(0, TCSADRAIN, &as_found);
	}
	return interrupted ? 0 : key;
}

/* The line of keys; the short one where the terminal has no room for it. */
static void show_keys(const void *about)
{
	const char *const *lines = about;

	if (live())
		emit_now("\r\033[K%s%s%s", tint("dim"), lines[page_is_narrow(strlen(lines[0]) + 1)],
			 tint(""));
}

static enum key wait_with(const char *const lines[2])
{
	int key;

	do
		key = read_key(show_keys, lines);
	while (key && key < TYPED_ON && !strchr(" \n\rbrsq", key));
	if (live())
		emit_now("\r\033[K");
	switch (key) {
	case 'b':
	case TYPED_BACK:
		return KEY_BACK;
	case 'r':
		return KEY_AGAIN;
	case 's':
		return KEY_SKIP;
	case 'q':
		return KEY_QUIT;
	default:
		return interrupted ? KEY_QUIT : KEY_ON;
	}
}

enum key wait_key(const char *what)
{
	char line[80], brief[40];
	const char *const lines[] = { line, brief };
	enum key key = KEY_ON;

	/* First what had no room, a page at a time. */
	while (page_is_full() && key == KEY_ON) {
		key = wait_with((const char *const[]){
			" [space: more  b: back  r: again  s: skip  q: quit]",
			" [space: more  b r s  q: quit]" });
		if (key == KEY_ON)
			page_turn();
	}
	snprintf(line, sizeof(line), " [space: %s  b: back  r: again  s: skip  q: quit]", what);
	snprintf(brief, sizeof(brief), " [space: %s  b r s  q: quit]", what);
	return key == KEY_ON ? wait_with(lines) : key;
}

int acts_begun(void)
{
	return *act_count;
}

void acts_reset(void)
{
	*act_count = 0;
}

/* A key that leads elsewhere ends the scene, whichever of its processes has read it. */
static void leave_for(enum key key)
{
	outcome->key = key;
	_exit((int)key);
}

void act(const char *format, ...)
{
	char text[1024];
	int number = ++*act_count;

	/* Before the first act there is nothing to look at yet. */
	if (manner.pause && number > 1) {
		enum key key = number > manner.skip_acts ? wait_key("on") : KEY_ON;
		if (key != KEY_ON)
			leave_for(key);
		page_act();
	}
	if (format) {
		FORMAT_INTO(text);
		say("%s", text);
	}
}
