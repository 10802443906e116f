/*
 * guard_undo.c: removing what a demo has made on the host.
 *
 * Everything here may meet a thing half-made, gone already, or busy for a
 * moment; it tries for a bounded time and never fails.
 */
#define _GNU_SOURCE
#include "guard_undo.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- the floor's own kinds ---- */

static void remove_file(const char *path)
{
	if (unlink(path) < 0)
		rmdir(path);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if (type == FTW_DP || type == FTW_D || type == FTW_DNR)
		rmdir(path);
	else
		unlink(path);
	return 0;
}

static int open_up(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type == FTW_D || type == FTW_DNR)
		chmod(path, (st->st_mode & 07777) | 0700); /* the kernel makes some with 0000 */
	return 0;
}

static void remove_tree(const char *path)
{
	/* nftw gives up when something vanishes under it, as when the kernel is still taking a
	 * mount down. 2 s, then we leave it. FTW_MOUNT: a file system that is mounted there is not
	 * ours to empty. */
	for (int round = 0; round < 200; round++) {
		nftw(path, open_up, 16, FTW_PHYS | FTW_MOUNT);
		nftw(path, open_up, 16, FTW_PHYS | FTW_MOUNT); /* what 0000 hid from the first */
		nftw(path, remove_entry, 16, FTW_PHYS | FTW_DEPTH | FTW_MOUNT);
		if (access(path, F_OK) < 0 && errno == ENOENT)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
}

int guard_file(const char *path)
{
	static const struct guard_kind file = { .undo = remove_file };

	return guard_enter(&file, path);
}

int guard_tree(const char *path)
{
	static const struct guard_kind tree = { .undo = remove_tree };

	return guard_enter(&tree, path);
}

/* ---- working the ledger off ---- */

/* The trace and the failure record are for what a demo does, and not for what is made good after
 * it. */
static void quietly(void (*fn)(const char *what), const char *what)
{
	struct failure before = *sys_failure();
	bool tracing = sys_tracing;

	sys_tracing = false;
	fn(what);
	sys_tracing = tracing;
	sys_failure_clear();
	if (before.err)
		sys_failure_adopt(&before);
}

void ledger_before(const struct ledger *book, bool all)
{
	for (int i = 0; i < LEDGER_ENTRIES; i++) {
		const struct ledger_entry *entry = &book->entry[i];
		/* Scenes are alive, and may forget it in this moment: read once. */
		const struct guard_kind *kind = __atomic_load_n(&entry->kind, __ATOMIC_SEQ_CST);
		if (kind && kind->before && (all || !entry->kept))
			quietly(kind->before, entry->what);
	}
}

void ledger_keep(struct ledger *book)
{
	for (int i = 0; i < LEDGER_ENTRIES; i++)
		book->entry[i].kept = book->entry[i].kind != NULL;
}

static void undo(struct ledger *book, bool last)
{
	for (int i = LEDGER_ENTRIES - 1; i >= 0; i--) {
		struct ledger_entry *entry = &book->entry[i];
		if (!entry->kind || entry->kept || (entry->kind->last && !last))
			continue;
		if (entry->kind->undo) /* none: its writer died in the middle, it was not made */
			quietly(entry->kind->undo, entry->what);
		entry->kind = NULL;
	}
}

void ledger_undo(struct ledger *book)
{
	undo(book, false);
}

void ledger_undo_all(struct ledger *book)
{
	for (int i = 0; i < LEDGER_ENTRIES; i++)
		book->entry[i].kept = false;
	undo(book, false);
	undo(book, true);
}
