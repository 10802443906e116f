/*
 * order.c: sorting, and the tree.
 */
#define _GNU_SOURCE
#include "order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *sort_name(enum sort sort)
{
	static const char *const names[] = { "PID", "%CPU", "memory", "PID inside", "name" };
	return names[sort];
}

bool row_matches(const struct row *row, const char *text)
{
	char number[16];

	if (!*text || strcasestr(row->comm, text))
		return true;
	snprintf(number, sizeof(number), "%d", row->pid);
	if (strcmp(number, text) == 0)
		return true;
	snprintf(number, sizeof(number), "%d", row->inside);
	return row->inside && strcmp(number, text) == 0;
}

struct sorting {
	const struct model *model;
	enum sort sort;
};

static int compare(const void *a, const void *b, void *arg)
{
	const struct sorting *sorting = arg;
	const struct row *left = &sorting->model->rows[((const struct order_item *)a)->row];
	const struct row *right = &sorting->model->rows[((const struct order_item *)b)->row];
	double difference = 0;

	switch (sorting->sort) {
	case SORT_CPU:
		difference = right->cpu - left->cpu;
		break;
	case SORT_MEMORY:
		difference = (double)(right->rss_kb - left->rss_kb);
		break;
	case SORT_INSIDE: /* who has no number inside comes last */
		difference = (left->inside ? left->inside : 1e9) -
			     (right->inside ? right->inside : 1e9);
		break;
	case SORT_NAME:
		difference = (double)strcmp(left->comm, right->comm);
		break;
	default:
		break;
	}
	if (difference == 0)
		difference = left->pid - right->pid;
	return difference < 0 ? -1 : difference > 0;
}

static void flat(const struct model *model, const struct order_wish *wish, struct order *order)
{
	struct sorting sorting = { model, wish->sort };

	for (int i = 0; i < model->rows_count; i++)
		if (row_matches(&model->rows[i], wish->filter))
			order->item[order->count++] = (struct order_item){ .row = i };
	if (order->count)
		qsort_r(order->item, (size_t)order->count, sizeof(*order->item), compare, &sorting);
}

enum { DEEPEST = 31 };

/* Links of the tree, by index of rows; -1: none. */
struct links {
	int *first, *last, *next;
};

/* stack: room for as many as there are rows, for a chain of forks may be as long. What is deeper
 * than the trunk has bits is shown at that depth. */
static void walk(const struct links *links, int root, int *stack, struct order *order)
{
	int depth = 0;

	stack[0] = root;
	while (depth >= 0) {
		int at = stack[depth], shown = depth < DEEPEST ? depth : DEEPEST;
		uint32_t trunk = 0;
		for (int d = 1; d <= shown; d++)
			if (links->next[stack[d]] >= 0)
				trunk |= 1U << d;
		order->item[order->count++] = (struct order_item){ at, shown, trunk };
		if (links->first[at] >= 0) {
			stack[++depth] = links->first[at];
			continue;
		}
		while (depth > 0 && links->next[stack[depth]] < 0)
			depth--;
		if (depth == 0)
			break;
		stack[depth] = links->next[stack[depth]];
	}
}

/* Hangs row i below its parent's other children. */
static void hang(const struct model *model, int i, struct links *links, int *parent)
{
	const struct row *row = &model->rows[i], *mother = model_row(model, row->ppid);

	/* A child is younger than its parent; a number given again is not its parent. */
	if (!mother || mother == row || mother->start > row->start)
		return;
	int m = parent[i] = (int)(mother - model->rows);
	if (links->first[m] < 0)
		links->first[m] = i;
	else
		links->next[links->last[m]] = i;
	links->last[m] = i;
}

static int tree(const struct model *model, struct order *order)
{
	int n = model->rows_count;
	int *memory = malloc((size_t)(n ? n : 1) * 5 * sizeof(int));

	if (!memory)
		return -1;
	struct links links = { memory, memory + n, memory + (ptrdiff_t)2 * n };
	int *parent = memory + (ptrdiff_t)3 * n, *stack = memory + (ptrdiff_t)4 * n;
	memset(memory, -1, (size_t)n * 4 * sizeof(int));
	/* Those who have ended come after the living: what is new shall not be pushed off the
	 * screen. */
	for (int i = 0; i < n; i++)
		if (!model->rows[i].ended)
			hang(model, i, &links, parent);
	for (int i = 0; i < n; i++)
		if (model->rows[i].ended)
			hang(model, i, &links, parent);
	for (int i = 0; i < n; i++)
		if (parent[i] < 0)
			walk(&links, i, stack, order);
	free(memory);
	return 0;
}

int order_rows(const struct model *model, const struct order_wish *wish, struct order *order)
{
	order->count = 0;
	if (order->room < model->rows_count) {
		struct order_item *item = reallocarray(order->item, (size_t)model->rows_count,
						       sizeof(*item));
		if (!item)
			return -1;
		order->item = item;
		order->room = model->rows_count;
	}
	if (!wish->flat && !*wish->filter && wish->sort == SORT_PID)
		return tree(model, order);
	flat(model, wish, order);
	return 0;
}

void order_free(struct order *order)
{
	free(order->item);
	*order = (struct order){ 0 };
}

int order_find(const struct order *order, const struct model *model, pid_t pid)
{
	for (int i = 0; i < order->count; i++)
		if (model->rows[order->item[i].row].pid == pid)
			return i;
	return -1;
}
