/*
 * source.c: one tick, from whatever there is.
 */
#define _GNU_SOURCE
#include "source.h"
#include "final/inspector/text/message.h"
#include "final/inspector/model/model_json.h"
#include "final/inspector/model/record_line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int complain(const char *what, const char *path, const char *advice)
{
	fprintf(stderr, "inspector: %s %s: %s. %s\n", what, for_terminal(path), strerror(errno),
		advice);
	return -1;
}

static int open_recording(struct source *s, const char *path)
{
	/* A lesson's recording is not overwritten by a slip of the hand. */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return complain("--record", path,
				"Give the name of a file that does not exist yet.");
	s->recording = fdopen(fd, "w");
	if (!s->recording)
		close(fd);
	return s->recording ? 0 : complain("--record", path, "");
}

/* Returns the kind of what cannot be a recording; NULL: a file or a pipe. */
static const char *no_recording(mode_t mode)
{
	return S_ISREG(mode) || S_ISFIFO(mode) ? NULL
	       : S_ISDIR(mode)		       ? "a directory"
	       : S_ISCHR(mode)		       ? "a character device"
	       : S_ISBLK(mode)		       ? "a block device"
					       : "a socket";
}

/* What it is, is asked before it is opened: opening a device can have an effect of its own. */
static int open_replay(struct source *s, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && no_recording(st.st_mode)) {
		fprintf(stderr,
			"inspector: --replay %s: this is %s; a recording is a file or a pipe. Make "
			"one with --record FILE.\n",
			for_terminal(path), no_recording(st.st_mode));
		return -1;
	}
	s->replay = fopen(path, "re");
	return s->replay ? 0 : complain("--replay", path, "Make one with --record FILE.");
}

int source_open(struct source *s, const struct options *o, const char *wanted)
{
	memset(s, 0, sizeof(*s));
	s->options = o;
	s->collector.rootfd = s->collector.procfd = -1;
	if (o->replay)
		return open_replay(s, o->replay);
	if (collector_open(&s->collector, o->roots_count ? o->roots[0] : NULL) < 0)
		return complain("cannot read", o->roots_count ? o->roots[0] : "/proc",
				"It must be a directory that holds proc.");
	s->collector.all = o->all;
	collector_want(&s->collector, wanted);
	return o->record ? open_recording(s, o->record) : 0;
}

void source_close(struct source *s)
{
	collector_close(&s->collector);
	if (s->recording)
		fclose(s->recording);
	if (s->replay)
		fclose(s->replay);
	free(s->line);
	free(s->next);
}

static double monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int64_t wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* When the line was recorded, without parsing all of it. */
static int64_t clock_of(const char *line)
{
	const char *at = strstr(line, "\"clock_ms\":");

	return at ? strtoll(at + 11, NULL, 10) : 0;
}

/* A recording goes at its own pace; a gap in it is not waited out. Its numbers may be any. */
static int64_t pause_between(const char *line, const char *next)
{
	int64_t pause;

	if (__builtin_sub_overflow(clock_of(next), clock_of(line), &pause) || pause < 50)
		return 50;
	return pause > 5000 ? 5000 : pause;
}

static int bad_line(const struct source *s, int line, const char *why)
{
	fprintf(stderr, "inspector: --replay %s: line %d %s.\n", for_terminal(s->options->replay),
		line, why);
	return -1;
}

/* The line after this one, into s->next. */
static int read_ahead(struct source *s)
{
	int line = s->lines + 1;

	switch (record_line(s->replay, &s->next, &s->next_room)) {
	case RECORD_LINE:
		s->lines++;
		return 0;
	case RECORD_END:
		s->over = true;
		return 0;
	case RECORD_LONG:
		return bad_line(s, line, "is longer than 16 MiB, which no look of inspector is");
	case RECORD_NUL:
		return bad_line(s, line,
				"holds a NUL byte; a recording is text, a line of JSON each look");
	case RECORD_ERROR:
		break;
	}
	return complain("--replay", s->options->replay, "");
}

static int replay_tick(struct source *s, struct model *model)
{
	if (s->ticks == 0 && read_ahead(s) < 0)
		return -1;
	if (s->ticks == 0 && s->over) {
		fprintf(stderr, "inspector: --replay %s: there is nothing in it.\n",
			for_terminal(s->options->replay));
		return -1;
	}
	if (s->over)
		return 0;
	char *line = s->line;
	size_t room = s->line_room;
	s->line = s->next, s->line_room = s->next_room;
	s->next = line, s->next_room = room;
	int at = s->lines;
	if (model_from_json(s->line, model) < 0)
		return bad_line(s, at, "is not a look of inspector --record");
	if (read_ahead(s) < 0)
		return -1;
	s->wait_ms = s->over ? 1000 : pause_between(s->line, s->next);
	return 0;
}

static int live_tick(struct source *s, struct model *model)
{
	const struct options *o = s->options;
	double seconds = monotonic();
	int64_t clock = wall_ms();

	if (o->roots_count) { /* a fixture's time goes on by the interval */
		int at = s->ticks < o->roots_count ? s->ticks : o->roots_count - 1;
		if (s->ticks && collector_reopen(&s->collector, o->roots[at]) < 0)
			return complain("--proc-root", o->roots[at], "");
		seconds = s->ticks * o->interval;
	}
	if (o->clock >= 0)
		clock = o->clock + (int64_t)(s->ticks * o->interval * 1000);
	model->interval = o->interval;
	if (collector_tick(&s->collector, clock, seconds, model) < 0)
		return complain("reading", "/proc", "");
	return 0;
}

int source_tick(struct source *s, struct model *model)
{
	int result = s->replay ? replay_tick(s, model) : live_tick(s, model);

	s->ticks++;
	/* Nobody wants to see the waiting for a container again. */
	bool there = model->found || model->ended || s->replay || !*s->collector.wanted;
	if (result == 0 && s->recording && there &&
	    (model_to_json(model, s->recording) < 0 || fflush(s->recording) != 0))
		result = complain("--record", s->options->record,
				  "What is written so far can be replayed.");
	return result;
}
