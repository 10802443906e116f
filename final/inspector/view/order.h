/*
 * order.h: in which order rows are shown, and how they hang in the tree.
 */
#pragma once

#include "final/inspector/model/model.h"

enum sort { SORT_PID, SORT_CPU, SORT_MEMORY, SORT_INSIDE, SORT_NAME, SORTS };

struct order_wish {
	bool flat; /* no tree */
	enum sort sort;
	char filter[48];
};

struct order_item {
	int row;	/* index into model->rows */
	int depth;	/* 0: a root */
	uint32_t trunk; /* bit d: at depth d another sibling follows below */
};

struct order {
	int count, room;
	struct order_item *item;
};

/* Orders the model's rows. Returns 0, or -1 with ENOMEM; order_free() takes it back. */
int order_rows(const struct model *model, const struct order_wish *wish, struct order *order);
void order_free(struct order *order);

/* Where a process stands, -1 if it is not shown. */
int order_find(const struct order *order, const struct model *model, pid_t pid);

/* Does a row match what was typed: a part of its name, or one of its numbers? */
bool row_matches(const struct row *row, const char *text);

const char *sort_name(enum sort sort);
