/*
 * guard.h: whatever happens, the host stays as it was.
 *
 *	main (the PID that the user sees) -> guard -> the demo itself -> scenes
 *
 * The guard is the demo's parent and a subreaper, in a process group of its own
 * that no key at the terminal reaches. When the demo ends, or main dies, even by
 * kill -9, it ends every descendant that is left and removes what the ledger
 * names. When the guard itself is killed, main does the same; the demo dies with
 * its guard (PR_SET_PDEATHSIG), so there is always one of the two to clean up.
 *
 * The ledger is a page of shared memory: entering a thing is a memory write, done
 * *before* the thing is made, and no death in between loses it.
 */
#pragma once

#include <stdbool.h>

/* Runs body(arg) below a guard. Returns its exit status (128 + signal if it was killed), everything
 * removed. */
int guard_run(int (*body)(void *arg), void *arg);

/* The demo deals with SIGTERM itself from now on: the first one that main is sent is handed on to
 * it, another one, a second or more later, ends everything all the same. */
void guard_hand_on_term(void);

/* This run's token, hex digits, unique per run; $MINIBOX_TOKEN if that is set (tests). It stands in
 * every name that we make on the host: "minibox-TOKEN-...", or "mbTOKEN..." where there is little
 * room. */
const char *guard_token(void);

/* A kind of thing that the guard removes. Files and trees are the floor's; a higher step defines
 * its own, in static memory: the ledger holds its address, and main, guard and demo are forks of
 * one program. Both functions meet a thing half-made, or gone already; they try for a bounded time,
 * and print nothing. */
struct guard_kind {
	/* Called before the demo's processes are killed: for what keeps them from dying. Or NULL.
	 */
	void (*before)(const char *what);
	/* Removes it, after they are dead. */
	void (*undo)(const char *what);
	bool last; /* it stays until the demo ends, and goes after all of the other kinds */
};

/* Enters a thing, before it is made; it is removed when the demo ends at the latest. Returns a slot
 * to give to guard_forget(), or -1: ENOSPC (ledger full), ENAMETOOLONG, both recorded; or there is
 * no guard. */
int guard_enter(const struct guard_kind *kind, const char *what);
int guard_file(const char *path); /* a file or an empty directory */
int guard_tree(const char *path); /* a scratch directory and all in it, one file system, links not
				     followed */

/* It is gone already, properly. */
void guard_forget(int slot);

/* A fresh scratch directory, 0700, entered as a tree: $TMPDIR/minibox-TOKEN-XXXXXX. Returns 0 or -1
 * with errno. */
int guard_scratch(char *path, unsigned long size);

/* Around a scene: what is entered between the two is removed by the second, after every descendant
 * of the caller was ended. (What is of a kind that goes last stays until the demo ends.) */
void guard_scene_begins(void);
void guard_scene_ended(void);

/* Kills and reaps every descendant of this process but itself (it must be a subreaper to find
 * orphans). */
void guard_kill_descendants(void);
