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

/* --list: every scene of the demo, a few lines or (json) one object each. Returns 0. (list.c) */
int list_scenes(const struct demo *demo, const char *only, bool json);
