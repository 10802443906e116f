/*
 * source.h: where models come from: the machine, a fixture, or a recording. And where they are
 * kept.
 */
#pragma once

#include "final/inspector/read/collect.h"
#include "options.h"

#include <stdio.h>

struct source {
	const struct options *options;
	struct collector collector;
	FILE *recording, *replay;
	int ticks;	 /* made so far */
	int lines;	 /* of the recording, read so far */
	bool over;	 /* the recording has ended */
	int64_t wait_ms; /* a recording's own pace: until its next look */
	char *line, *next;
	size_t line_room, next_room;
};

/* wanted: "" or a container. Returns 0, or -1 after a message on standard error. */
int source_open(struct source *source, const struct options *options, const char *wanted);
void source_close(struct source *source);

/* The next look. Returns 0, or -1 after a message. */
int source_tick(struct source *source, struct model *model);
