/*
 * boxes.h: everything here that looks like a container, and which process belongs to one.
 */
#pragma once

#include "scan.h"

/* The host's namespaces: PID 1's; where we may not look at those, our own. */
void host_namespaces(int procfd, uint32_t host[NS_KINDS]);

/* Which of its namespaces (bits of enum ns_kind) are not the host's, as far as we can see. Below a
 * demo's stand-in (stand_in.h): not the stand-in's; where all are, not the host's. */
unsigned own_kinds(const struct scan *scan, const struct process *p, const uint32_t host[NS_KINDS]);

/* What a process and its box are compared with: a stand-in, or NULL for the real host. That a
 * stand-in's own box is compared with itself (everything is shared) is for the caller to say. */
const struct process *compared_with(const struct scan *scan, const struct process *p);

/* Finds them all, the newest first: whoever is number 1 in a PID namespace, and the first process
 * of every other group that shares a namespace which is not the host's. Returns how many. */
int boxes_find(const struct scan *scan, int procfd, const uint32_t host[NS_KINDS],
	       struct box *boxes, int max);

/* The box that a process belongs to: the init of its PID namespace, else its group, else itself. */
bool box_of(const struct scan *scan, int procfd, const uint32_t host[NS_KINDS],
	    const struct process *p, struct box *out);

/* Which namespace holds a box together: pid if it has its own, else mnt, else the first own; -1:
 * none. */
int box_key(const struct box *box);

/* What process p has to do with the box of init; shares becomes the bits for REL_SHARES. */
enum relation relation_of(const struct scan *scan, const struct process *p,
			  const struct process *init, const struct box *box, unsigned *shares);
