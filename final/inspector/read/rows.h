/*
 * rows.h: the model's rows: the processes of the container, and those outside who have to do with
 * it.
 */
#pragma once

#include "collect.h"

/* Makes the rows anew from the scan and logs births, deaths and zombies. init: NULL while nothing
 * is looked at. Returns 0, or -1 with ENOMEM. */
int rows_update(struct collector *c, const struct process *init, struct model *model);
