/*
 * facts_read.h: between facts.c and facts_mounts.c; of no use to others.
 */
#pragma once

#include "facts.h"

/* Opens a file whose size nobody knows (mountinfo, modules.dep) for getline(3). NULL: not there. */
FILE *facts_lines(int root, const char *path);

/* Fills what /proc/self/mountinfo below root tells. etc_bound: /etc/hosts and the like are mounts,
 * as in a container. */
void facts_mounts(int root, struct host_facts *facts, bool *etc_bound);
