/*
 * boxes.c: containers by their namespaces' inodes.
 *
 * Linux has no such thing as a container. What there is: processes whose namespaces are not the
 * host's. A process that is number 1 in a PID namespace begins one; where the PID namespace is
 * the host's, the processes that share a mount namespace (or another) make one.
 */
#define _GNU_SOURCE
#include "boxes.h"
#include "kind.h"
#include "stand_in.h"
#include "whole.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void host_namespaces(int procfd, uint32_t host[NS_KINDS])
{
	uint32_t own[NS_KINDS];

	ns_links_read(procfd, 1, host);
	ns_links_read(procfd, 0, own);
	for (int k = 0; k < NS_KINDS; k++)
		if (!host[k])
			host[k] = own[k];
}

static unsigned differences(const struct process *p, const uint32_t from[NS_KINDS], int levels)
{
	unsigned own = 0;

	for (int k = 0; k < NS_KINDS; k++)
		if (p->ns[k] && from[k] && p->ns[k] != from[k])
			own |= 1U << k;
	/* NSpid may be read by all, the links only by the owner. */
	if (p->levels > levels)
		own |= 1U << NS_PID;
	return own;
}

const struct process *compared_with(const struct scan *scan, const struct process *p)
{
	const struct process *host = stand_in_of(scan, p);

	/* What has nothing of its own there (a process in a group of step 5) is the scene's. */
	return host && differences(p, host->ns, host->levels) ? host : NULL;
}

unsigned own_kinds(const struct scan *scan, const struct process *p, const uint32_t host[NS_KINDS])
{
	const struct process *stand_in = compared_with(scan, p);

	return stand_in ? differences(p, stand_in->ns, stand_in->levels) : differences(p, host, 1);
}

static int key_of(unsigned own)
{
	if (own & (1U << NS_PID))
		return NS_PID;
	for (int k = NS_MNT; k < NS_KINDS; k++)
		if (own & (1U << k))
			return k;
	return -1;
}

int box_key(const struct box *box)
{
	return key_of(box->own);
}

static bool is_init(const struct process *p)
{
	return p->levels > 1 && p->nspid[p->levels - 1] == 1;
}

/* Who made it, where the cgroup's name does not say: one of the first ancestors outside. */
static void kind_of_parents(const struct scan *scan, const struct process *p, struct box *box)
{
	static const char *const makers[][2] = { { "minibox", "minibox" },
						 { "bwrap", "bubblewrap" },
						 { "unshare", "unshare" },
						 { "conmon", "podman" },
						 { "systemd-nspawn", "nspawn" } };

	for (int i = 0; p && i < 4; i++, p = scan_find(scan, p->ppid)) {
		if (strncmp(p->comm, "step0", 5) == 0) {
			snprintf(box->kind, sizeof(box->kind), "%.6s", p->comm);
			return;
		}
		for (size_t m = 0; m < sizeof(makers) / sizeof(*makers); m++)
			if (strcmp(p->comm, makers[m][0]) == 0) {
				snprintf(box->kind, sizeof(box->kind), "%s", makers[m][1]);
				return;
			}
	}
}

/* An id is what the manager knows it by, a name what people do. Podman's stands in the command line
 * of conmon, the parent of the container's first process. */
static void name_by_people(const struct scan *scan, int procfd, const struct process *p,
			   struct box *box)
{
	const struct process *parent = scan_find(scan, p->ppid);
	static struct whole kept;
	char path[32];

	if (name_is_id(box->name))
		snprintf(box->id, sizeof(box->id), "%.12s", box->name);
	if (!parent || strcmp(parent->comm, "conmon") != 0)
		return;
	snprintf(path, sizeof(path), "%d/cmdline", parent->pid);
	ssize_t n = whole_read(&kept, procfd, path);
	if (n > 0)
		name_of_conmon(kept.text, (size_t)n, box->name, sizeof(box->name));
}

static void describe(const struct scan *scan, int procfd, const struct process *p, unsigned own,
		     struct box *box)
{
	static struct whole kept;
	char path[32];

	*box = (struct box){ .init = p->pid, .start = p->start, .own = own };
	snprintf(box->comm, sizeof(box->comm), "%s", p->comm);
	snprintf(box->kind, sizeof(box->kind), own ? "unshare" : "process");
	snprintf(box->name, sizeof(box->name), "%s", p->comm);
	snprintf(path, sizeof(path), "%d/cgroup", p->pid);
	if (!own)
		return;
	kind_of_parents(scan, p, box);
	if (strncmp(box->kind, "step0", 5) == 0)
		return;
	if (whole_read(&kept, procfd, path) > 0)
		kind_of_cgroup(kept.text, box->kind, sizeof(box->kind), box->name,
			       sizeof(box->name));
	name_by_people(scan, procfd, p, box);
}

static int by_age(const void *a, const void *b)
{
	const struct box *left = a, *right = b;

	if (left->start != right->start)
		return left->start < right->start ? 1 : -1;
	return (left->init < right->init) - (left->init > right->init);
}

/* The box among the first count that holds p by its key namespace. */
static struct box *holder(const struct scan *scan, struct box *boxes, int count,
			  const struct process *p, unsigned own)
{
	for (int i = 0; i < count; i++) {
		const struct process *init = scan_find(scan, boxes[i].init);
		int key = box_key(&boxes[i]);
		/* What has a box inside the stand-in is not a part of the stand-in's. */
		if (compared_with(scan, p) == init)
			continue;
		if (p->ns[key] && p->ns[key] == init->ns[key])
			return &boxes[i];
		/* Somebody who joined all but the PID namespace makes no container of his own. */
		for (int k = 0; key == NS_PID && k < NS_KINDS; k++)
			if ((own & boxes[i].own & (1U << k)) && p->ns[k] == init->ns[k])
				return &boxes[i];
	}
	return NULL;
}

int boxes_find(const struct scan *scan, int procfd, const uint32_t host[NS_KINDS],
	       struct box *boxes, int max)
{
	int count = 0;

	for (int i = 0; i < scan->count && count < max; i++)
		if (is_init(&scan->table[i]))
			describe(scan, procfd, &scan->table[i],
				 own_kinds(scan, &scan->table[i], host), &boxes[count++]);
	for (int i = 0; i < scan->count; i++) {
		const struct process *p = &scan->table[i];
		unsigned own = own_kinds(scan, p, host);
		/* The kernel's own threads (children of kthreadd) contain nothing. */
		if (!own || p->state == 'Z' || p->ppid == 2)
			continue;
		struct box *box = holder(scan, boxes, count, p, own);
		if (box)
			box->processes++;
		else if (!(own & (1U << NS_PID)) && count < max) {
			describe(scan, procfd, p, own, &boxes[count]);
			boxes[count++].processes = 1;
		}
	}
	qsort(boxes, (size_t)count, sizeof(*boxes), by_age);
	return count;
}

bool box_of(const struct scan *scan, int procfd, const uint32_t host[NS_KINDS],
	    const struct process *p, struct box *out)
{
	unsigned own = own_kinds(scan, p, host);
	int key = key_of(own);
	const struct process *first = p, *stand_in = compared_with(scan, p);

	for (int i = 0; key >= 0 && i < scan->count; i++) {
		const struct process *q = &scan->table[i];
		if (!p->ns[key] || q->ns[key] != p->ns[key] || compared_with(scan, q) != stand_in)
			continue;
		if (key == NS_PID ? is_init(q) && q->levels == p->levels
				  : q->start < first->start ||
					    (q->start == first->start && q->pid < first->pid))
			first = q;
	}
	describe(scan, procfd, first, own_kinds(scan, first, host), out);
	return true;
}

/* Is one of p's ancestors the given process? Bounded: a fixture may hold a circle. */
static bool descends(const struct scan *scan, const struct process *p, const struct process *from)
{
	for (int i = 0; p && p->ppid > 0 && i < 64; i++) {
		if (p->ppid == from->pid)
			return true;
		p = scan_find(scan, p->ppid);
	}
	return false;
}

static enum relation by_pid_namespace(const struct scan *scan, const struct process *p,
				      const struct process *init)
{
	uint32_t ns = init->ns[NS_PID];

	if (p->levels < init->levels)
		return REL_HOST;
	if (ns && p->ns[NS_PID] == ns) {
		const struct process *parent = scan_find(scan, p->ppid);
		/* Who was born inside has a parent inside: its own, or init, which adopts. */
		return parent && parent->levels >= init->levels ? REL_MEMBER : REL_JOINED;
	}
	if ((!ns || !p->ns[NS_PID] || p->levels > init->levels) && descends(scan, p, init))
		return REL_MEMBER; /* not ours to look at, or a namespace in the namespace */
	return REL_HOST;
}

enum relation relation_of(const struct scan *scan, const struct process *p,
			  const struct process *init, const struct box *box, unsigned *shares)
{
	int key = box_key(box);
	enum relation relation = REL_HOST;

	*shares = 0;
	if (p == init)
		return REL_INIT;
	if (key == NS_PID)
		relation = by_pid_namespace(scan, p, init);
	else if ((key >= 0 && p->ns[key] && p->ns[key] == init->ns[key]) || descends(scan, p, init))
		relation = REL_MEMBER;
	if (relation != REL_HOST)
		return relation;
	for (int k = 0; k < NS_KINDS; k++)
		if ((box->own & (1U << k)) && p->ns[k] && p->ns[k] == init->ns[k])
			*shares |= 1U << k;
	if (p->pid == init->ppid)
		return REL_PARENT;
	return *shares ? REL_SHARES : REL_HOST;
}
