/*
 * options.h: the command line.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { OPTIONS_ROOTS = 16 };

struct options {
	const char *wanted; /* CONTAINER or PID; "" */
	const char *other;  /* --vs; NULL */
	const char *roots[OPTIONS_ROOTS];
	int roots_count;
	bool once, json, mouse, presenter, all;
	int width, height;
	double interval;
	int ticks;     /* 0: not said */
	int64_t clock; /* ms; -1: the real one */
	const char *record, *replay;
};

/* Parses. Returns -1 to go on, else the exit status to leave with (0 after --help, 2 after a
 * mistake, which has been printed). */
int options_read(int argc, char **argv, struct options *options);
