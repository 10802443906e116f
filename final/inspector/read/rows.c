/*
 * rows.c: from the table of processes to the rows of the screen.
 */
#define _GNU_SOURCE
#include "rows.h"
#include "final/inspector/text/printable.h"
#include "step04_net_user/given/id_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct old_rows {
	struct row *rows;
	int count;
};

/* Which of its numbers a process has in the container: NSpid lists them from ours inwards. */
static pid_t inside_number(const struct process *p, const struct process *init)
{
	return p->levels >= init->levels && init->levels > 0 ? p->nspid[init->levels - 1] : 0;
}

/* As uid_map says it: what no line names is nobody, -1. */
static int64_t inside_uid(const struct id_map *map, int lines, unsigned uid)
{
	for (int i = 0; i < lines; i++)
		if (uid >= map[i].outside && uid - map[i].outside < map[i].count)
			return (int64_t)map[i].inside + (uid - map[i].outside);
	return -1;
}

static void fill(struct row *row, const struct process *p)
{
	row->pid = p->pid;
	row->ppid = p->ppid;
	row->start = p->start;
	memcpy(row->comm, p->comm, sizeof(row->comm));
	row->state = p->state;
	row->uid = p->uid;
	row->levels = p->levels;
	memcpy(row->nspid, p->nspid, sizeof(row->nspid));
	row->cpu = p->cpu;
	row->rss_kb = p->rss_kb;
	row->born = p->born;
	row->exit_code = p->exit_code;
	row->inside_uid = -1;
}

static const struct row *row_before(const struct old_rows *old, pid_t pid, unsigned long long start)
{
	struct model view = { .rows = old->rows, .rows_count = old->count };
	const struct row *row = model_row(&view, pid);

	return row && row->start == start && !row->ended ? row : NULL;
}

static const char *name_of(const struct row *row, char text[64])
{
	return printable(row->comm, text, 64);
}

static void exit_words(int code, char *out, size_t size)
{
	if (code < 0)
		snprintf(out, size, "ended");
	else if (WIFSIGNALED(code))
		snprintf(out, size, "killed by signal %d", WTERMSIG(code));
	else
		snprintf(out, size, "exited %d", WEXITSTATUS(code));
}

static void log_zombie(struct model *model, const struct row *row)
{
	const struct row *parent = model_row(model, row->ppid);
	char name[64], mother[64] = "", words[32];

	exit_words(row->exit_code, words, sizeof(words));
	if (parent)
		name_of(parent, mother);
	model_change(model, CH_ZOMBIE, "%d %s %s, %d %s has not wait()ed for it", row->pid,
		     name_of(row, name), words, row->ppid, mother);
}

static void log_births(struct model *model, const struct old_rows *old)
{
	for (int i = 0; i < model->rows_count; i++) {
		const struct row *row = &model->rows[i];
		const struct row *was = row_before(old, row->pid, row->start);
		char name[64], mother[64] = "";
		if (!row_is_inside(row) || row->ended)
			continue;
		if (!was && row->born == 0) {
			const struct row *parent = model_row(model, row->ppid);
			if (parent)
				name_of(parent, mother);
			model_change(model, CH_BORN, "%d = ns %d %s, parent %d %s", row->pid,
				     row->inside, name_of(row, name), row->ppid, mother);
		}
		if (row->state == 'Z' && was && was->state != 'Z')
			log_zombie(model, row);
	}
}

/* Who was in the container and is no more is shown for a few ticks. */
static int keep_ended(struct collector *c, struct model *model, const struct old_rows *old)
{
	char name[64], words[32];

	for (int i = 0; i < old->count; i++) {
		const struct row *was = &old->rows[i];
		const struct process *p = was->ended ? NULL : scan_find(&c->scan, was->pid);
		if ((p && p->start == was->start) || !row_is_inside(was) ||
		    was->ended >= MODEL_FRESH)
			continue;
		struct row *row = model_add_row(model);
		if (!row)
			return -1;
		*row = *was;
		row->ended++;
		row->cpu = -1;
		if (row->ended > 1)
			continue;
		exit_words(was->state == 'Z' ? was->exit_code : -1, words, sizeof(words));
		model_change(model, CH_ENDED, "%d = ns %d %s %s", was->pid, was->inside,
			     name_of(was, name), was->state == 'Z' ? "was waited for" : words);
	}
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	return (right->ended == 0) -
	       (left->ended == 0); /* a number given again: the living first */
}

/* The parent's number in the container's PID namespace: 0 where it has none there. A container
 * without a PID namespace of its own is in ours, and there everybody has a number, whoever is
 * outside. */
static void inside_parents(struct model *model, const struct process *init)
{
	for (int i = 0; i < model->rows_count; i++) {
		struct row *row = &model->rows[i];
		const struct row *parent = model_row(model, row->ppid);
		if (row->ended)
			continue;
		if (init && init->levels <= 1)
			row->inside_ppid = row_is_inside(row) ? row->ppid : 0;
		else
			row->inside_ppid = parent && row_is_inside(parent) ? parent->inside : 0;
	}
}

/* nsenter and its like: outside, but a child of theirs has joined. */
static bool brought_one_in(const struct collector *c, const struct process *p)
{
	for (int i = 0; i < c->joined_count; i++)
		if (c->joined[i] == p->pid)
			return true;
	return false;
}

/* The parents of those who are in the PID namespace with a parent outside of it. */
static void note_joined(struct collector *c, const struct process *init, const struct box *box)
{
	unsigned shares;

	c->joined_count = 0;
	for (int i = 0; init && i < c->scan.count && c->joined_count < JOINED_MOST; i++) {
		const struct process *p = &c->scan.table[i];
		if (p->levels >= init->levels && p->levels > 1 &&
		    relation_of(&c->scan, p, init, box, &shares) == REL_JOINED)
			c->joined[c->joined_count++] = p->ppid;
	}
}

static int add_rows(struct collector *c, const struct process *init, struct model *model)
{
	struct id_map map[340];
	int lines = init ? id_map_read(c->procfd, init->pid, "uid_map", map, 340) : 0;

	note_joined(c, init, &model->box);
	for (int i = 0; i < c->scan.count; i++) {
		const struct process *p = &c->scan.table[i];
		unsigned shares = 0;
		enum relation relation = init ? relation_of(&c->scan, p, init, &model->box, &shares)
					      : REL_HOST;
		if (relation == REL_HOST && init && brought_one_in(c, p))
			relation = REL_PARENT;
		if (relation == REL_HOST && !c->all && init)
			continue;
		struct row *row = model_add_row(model);
		if (!row)
			return -1;
		fill(row, p);
		row->relation = relation;
		row->shares = shares;
		if (init && row_is_inside(row)) {
			row->inside = inside_number(p, init);
			row->inside_uid = inside_uid(map, lines, p->uid);
		}
	}
	return 0;
}

int rows_update(struct collector *c, const struct process *init, struct model *model)
{
	struct old_rows old = { model->rows, model->rows_count };
	int result;

	model->rows = NULL;
	model->rows_count = model->rows_room = 0;
	if (c->ended)
		result = 0; /* its rows fade out and nothing takes their place yet */
	else
		result = add_rows(c, init, model);
	if (result == 0)
		result = keep_ended(c, model, &old);
	if (model->rows_count)
		qsort(model->rows, (size_t)model->rows_count, sizeof(*model->rows), by_pid);
	inside_parents(model, init);
	if (c->ticks && init)
		log_births(model, &old);
	free(old.rows);
	return result;
}
