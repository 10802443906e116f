/*
 * guard_undo.h: the guard's ledger, and how each kind of thing is removed.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum { LEDGER_ENTRIES = 128 };

enum ledger_kind {
	LEDGER_FREE,
	LEDGER_TAKEN, /* being written */
	LEDGER_FILE,
	LEDGER_TREE,
	LEDGER_CGROUP,
	LEDGER_LOOP,
	LEDGER_LINK,
	LEDGER_OTHER,
};

struct ledger {
	bool term_is_handled; /* guard_hand_on_term() */
	struct ledger_entry {
		int kind;
		bool kept; /* entered before the scene began: for the demo's life */
		char what[500];
		void (*undo)(const char *what); /* of LEDGER_OTHER: the guard is a fork of us, its
						   code is where ours is */
	} entry[LEDGER_ENTRIES];
};

extern struct ledger *ledger; /* NULL: not below a guard */

/* What was entered up to now stays until the demo's end. */
void ledger_keep(struct ledger *book);

/* Thaws the ledger's cgroups and kills what is in them; all: those that are kept as well. */
void ledger_thaw(const struct ledger *book, bool all);

/* Removes what was entered since ledger_keep(), the last entered first; what is gone already is
 * fine. LEDGER_OTHER is left for ledger_undo_all(). */
void ledger_undo(struct ledger *book);

/* Removes everything that the ledger names. */
void ledger_undo_all(struct ledger *book);

/* Calls fn for every descendant of this process, by number, with a descriptor of /proc. Nothing is
 * called where no /proc can be opened. (guard_family.c) */
void guard_each_descendant(void (*fn)(int procfd, pid_t pid, void *arg), void *arg);
