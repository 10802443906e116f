/*
 * say.c: narration, evidence and judgement, from any process of a scene.
 *
 * Text goes out by write(2), unbuffered: scenes fork and clone freely, and a
 * buffer would be copied and printed twice.
 */
#define _GNU_SOURCE
#include "say.h"
#include "step01_clone_pid/floor/meet/escape.h"
#include "page.h"
#include "step01_clone_pid/floor/call/why.h"
#include "step01_clone_pid/floor/meet/wrap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <poll.h>
#include <unistd.h>

enum { LABEL_WIDTH = 11, LEFT_WIDTH = 28 };

struct manner manner;
struct outcome *outcome;
int *act_count;

bool say_setup(void)
{
	size_t size = sizeof(*outcome) + sizeof(*act_count) + 64;
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return false;
	outcome = shared;
	act_count = (int *)((char *)shared + ((sizeof(*outcome) + 15) & ~15UL));
	return page_setup();
}

/* Terminals that take 38;5;N for a colour: of those that do not, some blink. */
static bool has_256_colours(void)
{
	static const char *const families[] = { "xterm", "screen", "tmux",     "linux",
						"kitty", "foot",   "alacritty" };
	const char *term = getenv("TERM");

	for (size_t i = 0; term && i < sizeof(families) / sizeof(*families); i++)
		if (strncmp(term, families[i], strlen(families[i])) == 0)
			return true;
	return term && strstr(term, "256color");
}

/* Nobody knows the colour of the room's background. The first 16 colours are as the terminal's
 * theme has them, and the bright ones cannot be read on white; these three have a contrast of 3.9
 * and more to white and to black. */
const char *tint(const char *name)
{
	static const struct {
		const char *name, *code, *plain;
	} codes[] = {
		{ "bold", "\033[1m", "\033[1m" },
		{ "good", "\033[1;38;5;28m", "\033[1m" },    /* 008700 */
		{ "bad", "\033[1;38;5;160m", "\033[1;7m" },  /* d70000 */
		{ "warn", "\033[1;38;5;130m", "\033[1;7m" }, /* af5f00 */
		{ "dim", "\033[2m", "" },
		{ "", "\033[0m", "\033[0m" },
	};

	for (size_t i = 0; manner.colour && i < sizeof(codes) / sizeof(*codes); i++)
		if (strcmp(codes[i].name, name) == 0)
			return has_256_colours() ? codes[i].code : codes[i].plain;
	return "";
}

static void put_now(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(1, text, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) { /* somebody who shares it has set O_NONBLOCK */
			poll(&(struct pollfd){ .fd = 1, .events = POLLOUT }, 1, 1000);
			continue;
		}
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

static void put(const char *text, size_t length)
{
	put_now(text, page_fit(text, length));
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

void emit_now(const char *format, ...)
{
	static char text[32768]; /* a page; the demo and its scene write one after the other */
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_now(text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static size_t line_width(void)
{
	size_t width = manner.tty ? terminal_width(1) : 0;

	return width && width <= PROJECTOR ? width - 1 : PROJECTOR;
}

static void say_within(const char *word, const char *colour, const char *text, size_t width)
{
	char out[4096], safe[2048];
	size_t column = strlen(word) + 3;
	const char *gap = word[column - 4] == ':' ? " " : "  ";

	column -= gap[1] == '\0';
	wrap(out, sizeof(out), escape(safe, sizeof(safe), text, ""), column, column, width);
	emit(" %s%s%s%s%s\n", tint(colour), word, tint(""), gap, out);
}

void say_wrapped(const char *word, const char *colour, const char *text)
{
	say_within(word, colour, text, line_width());
}

void say_reason(const char *word, const char *colour, const char *text)
{
	say_within(word, colour, text, manner.tty ? line_width() : SIZE_MAX);
}

void say_by_hand(const char *line)
{
	char out[2048], safe[1500];

	escape(safe, sizeof(safe), line, "");
	wrap_shell(out, sizeof(out), safe, strlen(" by hand: "), 4, line_width());
	emit(" %sby hand:%s %s\n", tint("dim"), tint(""), out);
}

/* What the kernel gives, and what holds it: shown and never obeyed. A tab is two blanks. */
static void defuse(char *out, size_t size, const char *text)
{
	char blanks[4500];
	size_t n = 0;

	for (; *text && n + 3 < sizeof(blanks); text++)
		if (*text == '\t')
			blanks[n++] = ' ', blanks[n++] = ' ';
		else
			blanks[n++] = *text;
	blanks[n] = '\0';
	escape(out, size, blanks, "\n");
}

static size_t last_rows = 1; /* on the terminal, of the last line of this process: for redraw() */

/* One write for a whole line, so that lines of two processes do not mix. */
static void line(const char *before, const char *text, const char *after)
{
	char out[5000];

	if (manner.quiet)
		return;
	last_rows = live() ? page_rows(text) : 1;
	int n = snprintf(out, sizeof(out), " %s%s%s\n", before, text, after);
	put(out, n < (int)sizeof(out) ? (size_t)n : sizeof(out) - 1);
}

void say(const char *format, ...)
{
	char text[1024], safe[1100];

	FORMAT_INTO(text);
	defuse(safe, sizeof(safe), text);
	line("", safe, "");
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

void host_is_stand_in(void)
{
	say("HOST is a stand-in in namespaces of its own: yours stay as they are.");
}

void heads(const char *left, const char *right)
{
	char text[256];

	snprintf(text, sizeof(text), "%-*s%-*s%s", LABEL_WIDTH, "", LEFT_WIDTH, left, right);
	line(tint("bold"), text, tint(""));
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

/* Over as many rows as the line before has taken: a narrow terminal breaks it. */
void redraw(const char *format, ...)
{
	char text[512], safe[600], out[700];

	if (!live())
		return;
	FORMAT_INTO(text);
	escape(safe, sizeof(safe), text, "");
	int n = snprintf(out, sizeof(out), "\033[%zuA\r\033[J %s\n", last_rows, safe);
	last_rows = page_rows(safe);
	put(out, (size_t)n);
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
	char where[64] = "";

	if (!f->err)
		sys_failure_set(errno ? errno : EIO, "a call of the scene", "the scene", NULL,
				NULL);
	sys_failure_explain();
	if (f->file[0])
		snprintf(where, sizeof(where), " (%.40s:%d)", f->file, f->line);
	snprintf(outcome->reason, sizeof(outcome->reason), "%.120s: %.40s%s: %.172s", f->call,
		 strerror(f->err), where, f->cause);
	snprintf(outcome->remedy, sizeof(outcome->remedy), "%.299s", f->remedy);
	outcome->verdict = SCENE_FAILED;
	_exit(SCENE_ENDED);
}

pid_t scene_fork(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		sys_failure_set(errno, "fork", "the scene", NULL, NULL);
		fail_scene();
	}
	return pid;
}

bool broken(const char *name)
{
	return manner.broken && strcmp(manner.broken, name) == 0;
}
