/*
 * run_flags.h: the command line of `minibox run`, docker's flags where it has them.
 */
#pragma once

#include "step05_cgroup_cpu/cgroup_limits.h"

#include <stdbool.h>

enum { RUN_MANY = 64 };

struct run_flags {
	const char *root;     /* --root DIR: the state directory */
	const char *name;     /* --name; NULL: the id alone */
	const char *hostname; /* NULL: the short id */
	const char *workdir;
	const char *rootfs; /* --rootfs DIR instead of an image */
	const char *image;
	char **command; /* NULL: the image's shell */
	const char *env[RUN_MANY];
	const char *volumes[RUN_MANY];
	int envs, volume_count;
	struct cgroup_limits limits;
	int64_t memory_swap;	/* memory and swap together; 0: not said, -1: no limit */
	bool by_cpus, by_quota; /* --cpus; --cpu-quota or --cpu-period: not both */
	bool init, explain, read_only;
	bool own_network;	   /* --network none */
	int terminal, interactive; /* -t, -i: 1 or 0; -1: not said */
};

/* Returns -1 to go on, else the exit status: 0 after --help, 125 after a message on bad usage
 * (docker's number). */
int run_flags_parse(int argc, char **argv, struct run_flags *flags);
