/*
 * page.h: --pause on a small terminal. The claim stays in sight: every act begins a page with the
 * claim on top, and lines that have no room on it wait for the next stop, where they are shown in
 * pieces. The scene itself never waits for them: its experiment would be another one.
 *
 * The page is in shared memory, since a scene's children write as well.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Makes the shared page. false with errno if there is no memory. */
bool page_setup(void);

/* A scene begins: clears the screen and counts its lines from now on. */
void page_begin(void);

/* What is written between the two is repeated on top of each page. */
void page_head_begins(void);
void page_head_ends(void);

/* Before text is written: how much of it has room, in bytes of whole lines. The rest is kept for
 * page_turn(). All of it where no page is in use. */
size_t page_fit(const char *text, size_t length);

/* Are there lines that have had no room? */
bool page_is_full(void);

/* Clears the screen, repeats the head, and writes what has had no room, as much as there is room
 * for now. */
void page_turn(void);

/* An act begins: on a terminal that has no room for a whole scene, a page of its own. Lines that
 * were kept are dropped: they belong to an act that is passed over. */
void page_act(void);

/* The demo is over: what follows is written as it comes. */
void page_end(void);

/* Rows that a line takes on the terminal of descriptor 1, with the blank before it. */
size_t page_rows(const char *line);

/* Is the terminal too narrow for that many columns? false where it has no size. */
bool page_is_narrow(size_t columns);
