/*
 * say.c: narration, evidence and judgement, from any process of a scene.
 *
 * Text goes out by write(2), unbuffered: scenes fork and clone freely, and a
 * buffer would be copied and printed twice.
 */
#define _GNU_SOURCE
#include "say.h"
#include "why.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

enum { LABEL_WIDTH = 11, LEFT_WIDTH = 28 };

struct manner manner;
struct outcome *outcome;
static int *acts;

bool say_setup(void)
{
	size_t size = sizeof(*outcome) + sizeof(*acts) + 64;
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return false;
	outcome = shared;
	acts = (int *)((char *)shared + ((sizeof(*outcome) + 15) & ~15UL));
	return true;
}

const char *tint(const char *name)
{
	static const struct {
		const char *name, *code;
	} codes[] = { { "bold", "\033[1m" },	{ "good", "\033[1;32m" }, { "bad", "\033[1;31m" },
		      { "warn", "\033[1;33m" }, { "dim", "\033[2m" },	  { "", "\033[0m" } };

	for (size_t i = 0; manner.colour && i < sizeof(codes) / sizeof(*codes); i++)
		if (strcmp(codes[i].name, name) == 0)
			return codes[i].code;
	return "";
}

static void put(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(1, text, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (outcome && !outcome->output_failed) {
				outcome->output_error = errno;
				outcome->output_failed = true;
			}
			return;
		}
		text += n;
		length -= (size_t)n;
	}
}

void emit(const char *format, ...)
{
	char text[16384];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* Kernel text is shown and never obeyed: an escape code in a process name stays harmless. */
static void defuse(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (const unsigned char *c = (const unsigned char *)text; *c && n + 5 < size; c++) {
		if (*c == '\t')
			out[n++] = ' ', out[n++] = ' ';
		else if ((*c < 0x20 && *c != '\n') || *c == 0x7f)
			n += (size_t)snprintf(out + n, 5, "\\x%02x", *c);
		else
			out[n++] = (char)*c;
	}
	out[n] = '\0';
}

#define FORMAT_INTO(text)                                                                          \
	do {                                                                                       \
		va_list args;                                                                      \
		va_start(args, format);                                                            \
		vsnprintf(text, sizeof(text), format, args);                                       \
		va_end(args);                                                                      \
	} while (0)

/* One write for a whole line, so that lines of two processes do not mix. */
static void line(const char *before, const char *text, const char *after)
{
	char out[5000];

	if (manner.quiet)
		return;
	int n = snprintf(out, sizeof(out), " %s%s%s\n", before, text, after);
	put(out, n < (int)sizeof(out) ? (size_t)n : sizeof(out) - 1);
}

void say(const char *format, ...)
{
	char text[1024];

	FORMAT_INTO(text);
	line("", text, "");
}

void show(const char *format, ...)
{
	char text[1024], safe[1100];

	FORMAT_INTO(text);
	defuse(safe, sizeof(safe), text);
	line("$ ", safe, "");
}

void evidence(const char *format, ...)
{
	char text[4096], safe[4500];

	FORMAT_INTO(text);
	defuse(safe, sizeof(safe), text);
	for (char *rest = safe, *one; (one = strsep(&rest, "\n"));)
		if (*one || rest)
			line("", one, "");
}

void heads(const char *left, const char *right)
{
	char text[256];

	snprintf(text, sizeof(text), "%-*s%-*s%s", LABEL_WIDTH, "", LEFT_WIDTH, left, right);
	line(tint("dim"), text, tint(""));
}

void row(const char *label, const char *format, ...)
{
	char text[512], safe[600], right[600], out[1300];

	FORMAT_INTO(text);
	char *tab = strchr(text, '\t');
	if (tab)
		*tab = '\0';
	defuse(safe, sizeof(safe), text);
	if (tab) {
		defuse(right, sizeof(right), tab + 1);
		snprintf(out, sizeof(out), "%-*s%-*s%s", LABEL_WIDTH, label, LEFT_WIDTH, safe,
			 right);
	} else {
		snprintf(out, sizeof(out), "%-*s%s", LABEL_WIDTH, label, safe);
	}
	line("", out, "");
}

bool live(void)
{
	return manner.tty && !manner.quiet;
}

void redraw(const char *format, ...)
{
	char text[512], out[600];

	if (!live())
		return;
	FORMAT_INTO(text);
	int n = snprintf(out, sizeof(out), "\033[1A\r\033[K %s\n", text);
	put(out, (size_t)n);
}

void json_escape(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (const unsigned char *c = (const unsigned char *)text; *c && n + 7 < size; c++) {
		if (*c == '"' || *c == '\\')
			out[n++] = '\\', out[n++] = (char)*c;
		else if (*c < 0x20 || *c == 0x7f)
			n += (size_t)snprintf(out + n, 7, "\\u%04x", *c);
		else
			out[n++] = (char)*c;
	}
	out[n] = '\0';
}

static bool is_number(const char *text)
{
	char *end;

	if (!isdigit((unsigned char)text[*text == '-']) ||
	    (text[0] == '0' && isalnum((unsigned char)text[1])))
		return false;
	if (text[strspn(text, "-0123456789.")])
		return false;
	strtod(text, &end);
	return *end == '\0' && end[-1] != '.';
}

void value(const char *key, const char *format, ...)
{
	char text[1024], escaped[2048];
	size_t used = strlen(outcome->values);

	FORMAT_INTO(text);
	json_escape(escaped, sizeof(escaped), text);
	const char *quote = is_number(text) ? "" : "\"";
	snprintf(outcome->values + used, sizeof(outcome->values) - used, "%s\"%s\": %s%s%s",
		 used ? ", " : "", key, quote, escaped, quote);
}

bool check(bool ok, const char *format, ...)
{
	char text[sizeof(outcome->reason)];

	outcome->checks++;
	if (!ok && outcome->verdict != SCENE_FAILED) {
		FORMAT_INTO(text);
		snprintf(outcome->reason, sizeof(outcome->reason), "%s", text);
		outcome->verdict = SCENE_FAILED;
	} else if (ok && outcome->verdict == SCENE_UNJUDGED) {
		outcome->verdict = SCENE_HELD;
	}
	return ok;
}

void verdict(const char *format, ...)
{
	FORMAT_INTO(outcome->summary);
}

void skip_scene(const char *remedy, const char *format, ...)
{
	FORMAT_INTO(outcome->reason);
	snprintf(outcome->remedy, sizeof(outcome->remedy), "%s", remedy ? remedy : "");
	outcome->verdict = SCENE_SKIPPED;
	_exit(SCENE_ENDED);
}

void fail_scene(void)
{
	const struct failure *f = sys_failure();

	if (!f->err)
		sys_failure_set(errno ? errno : EIO, "a call of the scene", "the scene", NULL,
				NULL);
	sys_failure_explain();
	snprintf(outcome->reason, sizeof(outcome->reason), "%.120s: %.40s (%.40s:%d): %.180s",
		 f->call, strerror(f->err), f->file, f->line, f->cause);
	snprintf(outcome->remedy, sizeof(outcome->remedy), "%.299s", f->remedy);
	outcome->verdict = SCENE_FAILED;
	_exit(SCENE_ENDED);
}

pid_t scene_fork(void)
{
	pid_t pid = SYS(fork(), "scene");

	if (pid < 0)
		fail_scene();
	return pid;
}

bool broken(const char *name)
{
	return manner.broken && strcmp(manner.broken, name) == 0;
}

/* ---- the keyboard ---- */

int read_key(void)
{
	struct termios saved, raw;
	bool tty = tcgetattr(0, &saved) == 0;
	unsigned char key;
	ssize_t n;

	if (tty) {
		raw = saved;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* ISIG stays: Ctrl-C works */
		raw.c_cc[VMIN] = 1;
		raw.c_cc[VTIME] = 0;
		tcsetattr(0, TCSADRAIN, &raw);
	}
	do
		n = read(0, &key, 1);
	while ((n < 0 && errno == EINTR) || (n == 1 && !tty && key == '\n'));
	if (tty)
		tcsetattr(0, TCSADRAIN, &saved);
	return n == 1 ? tolower(key) : 0;
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
		return KEY_ON;
	}
}

int acts_begun(void)
{
	return *acts;
}

void acts_reset(void)
{
	*acts = 0;
}

void act(const char *format, ...)
{
	char text[1024];
	int number = ++*acts;

	/* Before the first act there is nothing to look at yet. */
	if (manner.pause && number > 1 && number > manner.skip_acts) {
		enum key key = wait_key();
		if (key != KEY_ON)
			_exit((int)key);
	}
	if (format) {
		FORMAT_INTO(text);
		line("", text, "");
	}
}
