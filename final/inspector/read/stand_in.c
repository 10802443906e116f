/*
 * stand_in.c: which process stands for the host.
 */
#define _GNU_SOURCE
#include "stand_in.h"

#include <string.h>

enum { ANCESTORS = 64 }; /* bounded: a fixture may hold a circle */

bool is_demo(const struct process *p)
{
	return strncmp(p->comm, "step0", 5) == 0 && p->comm[5] >= '1' && p->comm[5] <= '8' &&
	       p->comm[6] == '_';
}

static bool is_stand_in(const struct scan *scan, const struct process *p)
{
	static const int kinds[] = { NS_MNT, NS_UTS, NS_IPC, NS_NET };
	const struct process *parent = is_demo(p) ? scan_find(scan, p->ppid) : NULL;

	if (!parent || strcmp(parent->comm, p->comm) != 0 || parent->levels != p->levels)
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		int k = kinds[i];
		if (!p->ns[k] || !parent->ns[k] || p->ns[k] == parent->ns[k])
			return false;
	}
	return true;
}

void stand_ins_mark(struct scan *scan)
{
	scan->stand_ins = 0;
	for (int i = 0; i < scan->count; i++) {
		struct process *p = &scan->table[i];
		p->stand_in = is_stand_in(scan, p);
		scan->stand_ins += p->stand_in;
	}
}

const struct process *stand_in_of(const struct scan *scan, const struct process *p)
{
	const struct process *outermost = NULL;

	for (int i = 0; scan->stand_ins && p && p->ppid > 0 && i < ANCESTORS; i++) {
		p = scan_find(scan, p->ppid);
		if (p && p->stand_in)
			outermost = p;
	}
	return outermost;
}
