/*
 * guard_undo.h: the guard's ledger, and how each kind of thing is removed.
 */
#pragma once

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
	struct ledger_entry {
		int kind;
		char what[500];
		void (*undo)(const char *what); /* of LEDGER_OTHER: the guard is a fork of us, its code is where ours is */
	} entry[LEDGER_ENTRIES];
};

/* Thaws the ledger's cgroups and kills what is in them. */
void ledger_thaw(const struct ledger *ledger);

/* Removes everything that the ledger names, the last entered first; what is gone already is fine.
 */
void ledger_undo(struct ledger *ledger);
