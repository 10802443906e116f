/*
 * choose.c: from a name, a PID or nothing at all to one container.
 */
#define _GNU_SOURCE
#include "choose.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void take_named(struct collector *c, const struct box *boxes, int count)
{
	const struct box *best = NULL;

	for (int i = 0; i < count; i++) {
		if (strcmp(boxes[i].name, c->wanted) == 0) {
			best = &boxes[i];
			break;
		}
		if (!best && begins(&boxes[i], c->wanted))
			best = &boxes[i];
	}
	/* Of a kind: the newest with a PID namespace, for there is most to see. */
	for (int i = 0; i < count; i++)
		if (strcmp(boxes[i].kind, c->wanted) == 0 &&
		    (!best || (!(best->own & 1U << NS_PID) && (boxes[i].own & 1U << NS_PID))))
			best = &boxes[i];
	if (best)
		take(c, best);
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
	if (c->init) {
		const struct process *p = scan_find(&c->scan, c->init);
		if (p && p->start == c->init_start) {
			c->ended = 0;
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
