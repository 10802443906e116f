/*
 * keys.c: acts, and the keys that walk among them.
 */
#define _GNU_SOURCE
#include "say.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

volatile sig_atomic_t interrupted;

/* After Ctrl-Z and `fg` the shell has set the terminal as it likes it: keys are looked at singly
 * again. Asked for every time round, it needs no handler of SIGCONT. */
static void by_single_keys(const struct termios *saved)
{
	struct termios now, raw = *saved;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* ISIG stays: Ctrl-C works */
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcgetattr(0, &now) == 0 && now.c_lflag != raw.c_lflag)
		tcsetattr(0, TCSADRAIN, &raw);
}

/* What follows ESC, at once or not at all. Page Down and Right are what a presenter's remote
 * control sends for "on", Page Up and Left for "back". Returns the key that they stand for. */
static unsigned char special_key(void)
{
	static const struct {
		const char *sent;
		unsigned char key;
	} keys[] = { { "[6~", ' ' }, { "[C", ' ' }, { "OC", ' ' },
		     { "[5~", 'b' }, { "[D", 'b' }, { "OD", 'b' } };
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

int read_key(void)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	struct termios saved;
	bool tty = tcgetattr(0, &saved) == 0;
	unsigned char key = 0;
	ssize_t n = -1;

	saved.c_lflag |= tty ? (tcflag_t)(ICANON | ECHO)
			     : 0; /* a scene that was killed left it raw */
	while (!interrupted) {
		if (tty)
			by_single_keys(&saved);
		/* With a time limit: Ctrl-C may come between the test and the call. */
		int ready = poll(&input, 1, 200);
		if (ready == 0 || (ready < 0 && errno == EINTR))
			continue;
		n = read(0, &key, 1);
		if (!((n < 0 && (errno == EINTR || errno == EAGAIN)) ||
		      (n == 1 && !tty && key == '\n')))
			break;
	}
	if (n == 1 && key == '\033')
		key = special_key();
	if (tty)
		tcsetattr(0, TCSADRAIN, &saved);
	return n == 1 && !interrupted ? tolower(key) : 0;
}

enum key wait_key(void)
{
	static const char keys[] = " [space: on  b: back  r: again  s: skip  q: quit]";
	int key;

	if (live())
		emit("%s%s%s", tint("dim"), keys, tint(""));
	do
		key = read_key();
	while (key && !strchr(" \n\rbrsq", key));
	if (live())
		emit("\r\033[K");
	switch (key) {
	case 'b':
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

int acts_begun(void)
{
	return *act_count;
}

void acts_reset(void)
{
	*act_count = 0;
}

void act(const char *format, ...)
{
	char text[1024];
	int number = ++*act_count;

	/* Before the first act there is nothing to look at yet. */
	if (manner.pause && number > 1 && number > manner.skip_acts) {
		enum key key = wait_key();
		if (key != KEY_ON)
			_exit((int)key);
	}
	if (format) {
		FORMAT_INTO(text);
		say("%s", text);
	}
}
