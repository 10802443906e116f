/*
 * demo.h: the options of a step's program (options.c), as demo.c uses them.
 */
#pragma once

#include "scene.h"

struct options {
	bool all, list, pause, predict, explain, json;
	const char *scene, *broken;
	const char *log; /* --log FILE: the JSON objects, besides the narration */
	const char *hostname, *cpu, *memory, *pids; /* for -- CMD */
	const char **volumes;			    /* ends with NULL */
	char **argv;				    /* the command after --, or NULL */
};

/* Parses and checks. Returns -1 to go on, or the exit status: 0 after --help, 2 after a message
 * about bad usage. */
int options_parse(int argc, char **argv, const struct demo *demo, struct options *options);

/* An option of -- CMD, and the step that brings it. The last one has no help. */
struct run_option {
	int code, step;
	const char *help;
};

extern const struct run_option run_options[];

/* --help, on standard output. Returns the exit status, 1 if it cannot be written. (list.c) */
int print_help(const struct demo *demo);

/* --list: every scene of the demo, a few lines or (json) one object each. Returns 0. (list.c) */
int list_scenes(const struct demo *demo, const char *only, bool json);
