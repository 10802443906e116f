/*
 * source.c: one tick, from whatever there is.
 */
#define _GNU_SOURCE
#include "source.h"
#include "model_json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int complain(const char *what, const char *path, const char *advice)
{
	fprintf(stderr, "inspector: %s %s: %s. %s\n", what, path, strerror(errno), advice);
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

int source_open(struct source *s, const struct options *o, const char *wanted)
{
	memset(s, 0, sizeof(*s));
	s->options = o;
	s->collector.rootfd = s->collector.procfd = -1;
	if (o->replay) {
		s->replay = fopen(o->replay, "re");
		return s->replay ? 0
				 : complain("--replay", o->replay, "Make one with --record FILE.");
	}
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
	const char *at = line ? strstr(line, "\"clock_ms\":") : NULL;

	return at ? strtoll(at + 11, NULL, 10) : 0;
}

/* A recording goes at its own pace; a gap in it is not waited out. */
static int replay_tick(struct source *s, struct model *model)
{
	if (!s->next && getline(&s->next, &s->next_room, s->replay) < 0) {
		fprintf(stderr, "inspector: %s: there is nothing in it.\n", s->options->replay);
		return -1;
	}
	if (s->over)
		return 0;
	char *line = s->line;
	size_t room = s->line_room;
	s->line = s->next, s->line_room = s->next_room;
	s->next = line, s->next_room = room;
	s->over = getline(&s->next, &s->next_room, s->replay) < 0;
	int64_t pause = s->over ? 1000 : clock_of(s->next) - clock_of(s->line);
	s->wait_ms = pause < 50 ? 50 : pause > 5000 ? 5000 : pause;
	if (model_from_json(s->line, model) == 0)
		return 0;
	fprintf(stderr, "inspector: %s: line %d is not a look of inspector --record.\n",
		s->options->replay, s->ticks + 1);
	return -1;
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
