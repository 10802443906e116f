/*
 * resource_files.h: limits that few ask for: a file of the group and what is written to it.
 */
#pragma once

#include "step05_cgroup_cpu/given/cgroup_group.h"

enum { RESOURCE_FILE = 80, RESOURCE_TEXT = 128 };

/* One file in one layout. or_else: what the same limit is called with another scheduler of block
 * devices; "" where there is no other name. */
struct resource_place {
	char file[RESOURCE_FILE], text[RESOURCE_TEXT];
	char or_else[RESOURCE_FILE], or_text[RESOURCE_TEXT];
};

struct resource_file {
	enum cgroup_controller controller;
	const char *field;	     /* "linux.resources.cpu.burst", for messages */
	struct resource_place in[2]; /* of version 1 and of version 2; file "": it has none */
};

/* Which controllers these need, as CG() bits. */
unsigned resource_files_need(const struct resource_file *files, int count);

/* Writes them, in their order. Returns 0, or -1 with errno, recorded: ENOTSUP, this host's version
 * of cgroups has no such limit; ENOENT, the kernel gives the group no such file; or of the write.
 * Source: Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst of the kernel. */
int resource_files_write(const struct cgroup *group, const struct resource_file *files, int count);
