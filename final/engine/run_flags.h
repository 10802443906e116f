/*
 * run_flags.h: the command line of `minibox run`, docker's flags where it has them.
 */
#pragma once

#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "step07_volumes/given/volume_text.h"

#include <stdbool.h>

enum { RUN_VOLUMES = 9000 }; /* a mount namespace takes 100000 mounts (sysctl fs.mount-max) */

/* One -v. */
struct run_volume {
	const char *text; /* as typed */
	struct volume volume;
};

struct run_flags {
	const char *root;     /* --root DIR: the state directory */
	const char *name;     /* --name; NULL: the id alone */
	const char *hostname; /* NULL: the short id */
	const char *workdir;
	const char *rootfs; /* --rootfs DIR instead of an image */
	const char *image;
	char **command;	  /* NULL: the image's shell */
	const char **env; /* as typed: "NAME", "NAME=value" */
	struct run_volume **volumes;
	int envs, volume_count;
	struct cgroup_limits limits;
	int64_t memory_swap; /* memory and swap together; 0: not said, -1: no limit */
	long cpus_quota_us;  /* what --cpus means, until limit_flags_check(); 0: not said */
	bool init, explain, read_only;
	bool own_network;	   /* --network none */
	int terminal, interactive; /* -t, -i: 1 or 0; -1: not said */
};

/* Returns -1 to go on, else the exit status: 0 after --help, 125 after a message on bad usage
 * (docker's number). Nothing is made by it. What it allocates lives as long as the process. */
int run_flags_parse(int argc, char **argv, struct run_flags *flags);
