/*
 * choose.c: from a name, a PID or nothing at all to one container.
 */
#define _GNU_SOURCE
#include "choose.h"
#include "final/inspector/text/printable.h"
#include "stand_in.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pid_t wanted_pid(const char *wanted)
{
	if (!*wanted || strspn(wanted, "0123456789") != strlen(wanted))
		return -1;
	errno = 0;
	long long number = strtoll(wanted, NULL, 10);
	return errno || number > INT_MAX ? 0 : (pid_t)number;
}

void collector_want(struct collector *c, const char *wanted)
{
	snprintf(c->wanted, sizeof(c->wanted), "%s", wanted);
	c->init = 0;
	c->ended = 0;
}

void collector_want_box(struct collector *c, const struct box *box)
{
	snprintf(c->wanted, sizeof(c->wanted), "%d", box->init);
	c->init = box->init;
	c->init_start = box->start;
	c->ended = 0;
}

static void take(struct collector *c, const struct box *box)
{
	c->init = box->init;
	c->init_start = box->start;
	c->ended = 0;
}

/* A PID may be any process of the container; its first one stands for it. */
static bool take_pid(struct collector *c, const char *text)
{
	struct box box;
	pid_t pid = wanted_pid(text);

	if (pid < 0)
		return false;
	const struct process *p = scan_find(&c->scan, pid);
	if (p && box_of(&c->scan, c->procfd, c->host, p, &box))
		take(c, &box);
	return true;
}

/* By its name or its id, or by how one of the two begins. */
static bool begins(const struct box *box, const char *wanted)
{
	size_t n = strlen(wanted);

	return strncmp(box->name, wanted, n) == 0 ||
	       (box->id[0] &&
		strncmp(box->id, wanted, n < strlen(box->id) ? n : strlen(box->id)) == 0);
}

/* Who started it: the demo's first process, or else the parent of the box's first. */
static const struct process *owner_of(const struct scan *scan, const struct box *box)
{
	const struct process *p = scan_find(scan, box->init);
	const struct process *parent = p ? scan_find(scan, p->ppid) : NULL;

	if (!parent)
		return p;
	for (int i = 0; i < 64 && is_demo(parent); i++) {
		p = scan_find(scan, parent->ppid);
		if (!p || !is_demo(p))
			break;
		parent = p;
	}
	return parent;
}

static bool is_mine(const struct collector *c, const struct box *box)
{
	const struct process *owner = owner_of(&c->scan, box);

	return c->uid == NOBODYS || (owner && owner->uid == c->uid);
}

static bool in_my_session(const struct collector *c, const struct box *box)
{
	const struct process *owner = owner_of(&c->scan, box);
	struct proc_stat stat;

	return c->session && owner && proc_stat_read(c->procfd, owner->pid, &stat) == 0 &&
	       stat.session == c->session;
}

/* How well a box answers to what is wanted. Of a kind: one with a PID namespace before another, for
 * there is most to see, and a demo's container before the demo's stand-in for the host. */
static int fitness(const struct collector *c, const struct box *box)
{
	const struct process *init = scan_find(&c->scan, box->init);
	bool kind = strcmp(box->kind, c->wanted) == 0, name = strcmp(box->name, c->wanted) == 0;

	if (!kind && !begins(box, c->wanted))
		return 0;
	return 1 + 64 * is_mine(c, box) + 32 * in_my_session(c, box) + 128 * name + 8 * !kind +
	       4 * (kind && !(init && init->stand_in)) + 2 * (kind && (box->own & 1U << NS_PID));
}

/* The best, of equals the newest, which stands first. *count: of how many. */
static const struct box *best_of(const struct collector *c, const struct box *boxes, int all,
				 int *count)
{
	const struct box *best = NULL;
	int most = 0;

	*count = 0;
	for (int i = 0; i < all; i++) {
		const struct process *init = scan_find(&c->scan, boxes[i].init);
		int fit = fitness(c, &boxes[i]);
		*count += fit > 0 && !(init && init->stand_in);
		if (fit > most) {
			most = fit;
			best = &boxes[i];
		}
	}
	return best;
}

static void tell_choice(struct collector *c, const struct box *box, int count)
{
	const struct process *owner = owner_of(&c->scan, box);
	char name[24];

	printable(c->wanted, name, sizeof(name));
	if (!is_mine(c, box))
		snprintf(c->note, sizeof(c->note), "%d is user %u's; no %s is yours", box->init,
			 owner ? owner->uid : 0, name);
	else if (count > 1)
		snprintf(c->note, sizeof(c->note), "%d chosen of %d %s: %s; F2 picks another",
			 box->init, count, name,
			 in_my_session(c, box) ? "of this session"
			 : c->uid == NOBODYS   ? "the newest"
					       : "your newest");
}

static void take_named(struct collector *c, const struct box *boxes, int all)
{
	int count;
	const struct box *best = best_of(c, boxes, all, &count);

	if (!best)
		return;
	take(c, best);
	tell_choice(c, best, count);
}

/* While one is followed a better one may come: mine in place of another user's, the container in
 * place of the stand-in that is there before it. */
static void take_better(struct collector *c, const struct box *boxes, int all)
{
	const struct process *init = scan_find(&c->scan, c->init);
	const struct box *now = NULL, *better = NULL;
	int count;

	if (wanted_pid(c->wanted) >= 0)
		return;
	for (int i = 0; i < all; i++) {
		const struct process *p = scan_find(&c->scan, boxes[i].init);
		if (boxes[i].init == c->init)
			now = &boxes[i];
		if (p && init->stand_in && stand_in_of(&c->scan, p) == init && !better)
			better = &boxes[i];
	}
	if (better)
		take(c, better);
	else if (now && *c->wanted && !is_mine(c, now)) {
		better = best_of(c, boxes, all, &count);
		if (better && is_mine(c, better)) {
			take(c, better);
			tell_choice(c, better, count);
		}
	}
}

static int bits(unsigned set)
{
	return __builtin_popcount(set);
}

/* Many a service has a mount namespace of its own and nobody would call it a container. */
static bool likely(const struct box *box)
{
	return (box->own & (1U << NS_PID)) ||
	       (bits(box->own) > 1 && strcmp(box->kind, "systemd") != 0);
}

void choose_box(struct collector *c, const struct box *boxes, int count)
{
	c->note[0] = '\0';
	if (c->init) {
		const struct process *p = scan_find(&c->scan, c->init);
		if (p && p->start == c->init_start) {
			c->ended = 0;
			take_better(c, boxes, count);
			return;
		}
		if (++c->ended < MODEL_FRESH)
			return;
		/* Gone. A number that the user gave will not come back as the same; a name may. */
		if (wanted_pid(c->wanted) >= 0) {
			c->ended = MODEL_FRESH;
			return;
		}
		c->init = 0;
		c->ended = 0;
	}
	if (take_pid(c, c->wanted))
		return;
	if (*c->wanted) {
		take_named(c, boxes, count);
		return;
	}
	for (int i = 0; i < count; i++)
		if (likely(&boxes[i])) {
			take(c, &boxes[i]);
			return;
		}
}
