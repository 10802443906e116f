/*
 * docker_flags.h: options that docker's `run` has and ours has not, and why.
 */
#pragma once

struct docker_flag {
	const char *names;   /* "-d --detach" */
	const char *why;     /* a sentence */
	const char *instead; /* what to type */
};

/* The entry of this option ("-d", "--privileged"), or NULL: docker does not have it either. */
const struct docker_flag *docker_flag(const char *name);
