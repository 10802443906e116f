/*
 * choose.h: which of the containers is looked at.
 */
#pragma once

#include "collect.h"

/* Settles c->init: what the user has named; else the newest that looks like a container, kept
 * until it has ended, and shown as ended for a few ticks more. */
void choose_box(struct collector *c, const struct box *boxes, int count);

/* The number, where CONTAINER is one; 0 for a number that no process can have; -1: it is a name. */
pid_t wanted_pid(const char *wanted);
