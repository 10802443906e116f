/*
 * term_guard.h: the terminal is given back also when we crash.
 */
#pragma once

/* Remembers the terminal's modes, before ncurses changes them. */
void term_guard_keep(void);

/* Signals that ask us to end are noted from here on; those of a crash give the terminal back
 * first. */
void term_guard_arm(void);
void term_guard_disarm(void);

/* The signal that asks us to end, or 0. */
int term_guard_signal(void);
