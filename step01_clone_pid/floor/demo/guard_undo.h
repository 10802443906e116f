/*
 * guard_undo.h: the guard's ledger, and how it is worked off; for the guard's own files.
 */
#pragma once

#include "guard.h"

#include <stdbool.h>
#include <sys/types.h>

enum { LEDGER_ENTRIES = 128 };

struct ledger {
	bool term_is_handled; /* guard_hand_on_term() */
	struct ledger_entry {
		const struct guard_kind *kind; /* NULL: free */
		bool kept; /* entered before the scene began: for the demo's life */
		char what[500];
	} entry[LEDGER_ENTRIES];
};

extern struct ledger *ledger; /* NULL: not below a guard */

/* What was entered up to now stays until the demo's end. */
void ledger_keep(struct ledger *book);

/* Calls the kinds' before(); all: for what is kept as well. */
void ledger_before(const struct ledger *book, bool all);

/* Removes what was entered since ledger_keep(), the last entered first; what is gone already is
 * fine. What goes last is left for ledger_undo_all(). */
void ledger_undo(struct ledger *book);

/* Removes everything that the ledger names. */
void ledger_undo_all(struct ledger *book);

/* Calls fn for every descendant of this process, by number, with a descriptor of /proc. Nothing is
 * called where no /proc can be opened. (guard_family.c) */
void guard_each_descendant(void (*fn)(int procfd, pid_t pid, void *arg), void *arg);
