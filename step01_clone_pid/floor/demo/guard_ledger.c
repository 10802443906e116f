/*
 * guard_ledger.c: entering what is about to be made on the host, by names that carry the token.
 */
#define _GNU_SOURCE
#include "guard.h"
#include "guard_undo.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct ledger *ledger; /* shared by main, guard, demo and every scene */
static char token[17];

const char *guard_token(void)
{
	unsigned random = 0;
	const char *given = getenv("MINIBOX_TOKEN");

	if (token[0])
		return token;
	/* Only letters and digits: the token becomes part of paths and link names. */
	if (given && given[0] && strlen(given) <= 8 &&
	    strspn(given, "0123456789abcdefghijklmnopqrstuvwxyz") == strlen(given)) {
		snprintf(token, sizeof(token), "%s", given);
		return token;
	}
	if (getrandom(&random, sizeof(random), 0) < 0)
		random = (unsigned)getpid() ^ (unsigned)time(NULL);
	snprintf(token, sizeof(token), "%08x", random);
	return token;
}

/* The kind of a slot that is being written. */
static const struct guard_kind taken;

int guard_enter(const struct guard_kind *kind, const char *what)
{
	if (!ledger)
		return -1; /* not below a guard: a unit test, or minibox, which keeps a record */
	if (strlen(what) >= sizeof(ledger->entry[0].what)) {
		sys_failure_set(ENAMETOOLONG, "guard", what,
				"The name is too long for the guard's ledger.", NULL);
		return -1;
	}
	for (int i = 0; i < LEDGER_ENTRIES; i++) {
		struct ledger_entry *entry = &ledger->entry[i];
		const struct guard_kind *unused = NULL;
		/* Scenes may have several processes: a slot is taken by one of them only. */
		if (!__atomic_compare_exchange_n(&entry->kind, &unused, &taken, false,
						 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			continue;
		strcpy(entry->what, what);
		entry->kept = false;
		__atomic_store_n(&entry->kind, kind, __ATOMIC_SEQ_CST); /* from now on it counts */
		return i;
	}
	sys_failure_set(ENOSPC, "guard", what, "The guard's ledger is full.", NULL);
	return -1;
}

void guard_forget(int slot)
{
	if (ledger && slot >= 0 && slot < LEDGER_ENTRIES)
		__atomic_store_n(&ledger->entry[slot].kind, NULL, __ATOMIC_SEQ_CST);
}

int guard_scratch(char *path, unsigned long size)
{
	const char *tmp = getenv("TMPDIR");
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	/* The name is chosen here and not by mkdtemp: it must be in the ledger before the directory
	 * is there. */
	int n = snprintf(path, size, "%s/minibox-%s-%x%x", tmp && tmp[0] == '/' ? tmp : "/tmp",
			 guard_token(), (unsigned)getpid(), (unsigned)now.tv_nsec & 0xfffff);
	if (n < 0 || (unsigned long)n >= size) {
		sys_failure_set(ENAMETOOLONG, "guard_scratch", tmp ? tmp : "/tmp",
				"The scratch directory's name has no room.", "export TMPDIR=/tmp");
		return -1;
	}
	int slot = guard_tree(path);
	if (slot < 0 && ledger)
		return -1; /* what is not in the ledger would stay for ever */
	if (SYS(mkdir(path, 0700), path) < 0) {
		guard_forget(slot);
		return -1;
	}
	return 0;
}
