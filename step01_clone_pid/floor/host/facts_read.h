/*
 * facts_read.h: between facts.c and facts_mounts.c; of no use to others.
 */
#pragma once

#include "facts.h"

/* Adds a word to a list such as facts->mounted, " ext4 proc ": once, and only where there is room.
 */
void facts_add_word(char *words, size_t size, const char *word);

/* Fills what /proc/self/mountinfo below root tells. etc_bound: /etc/hosts and the like are mounts,
 * as in a container. */
void facts_mounts(int root, struct host_facts *facts, bool *etc_bound);
