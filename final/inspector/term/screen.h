/*
 * screen.h: the terminal. Copies a grid to it, hands keys on, and leaves it as it was, whatever
 * happens.
 */
#pragma once

#include "final/inspector/view/grid.h"
#include "final/inspector/view/view.h"

/* Beside enum key: the terminal has another size now; a signal asks us to end; a mouse click; the
 * terminal has been hung up. */
enum screen_key { S_NOTHING = -1, S_RESIZED = 0x300000, S_SIGNAL, S_CLICK, S_GONE };

/* Takes over the terminal. note (size bytes): what the user should know ("TERM=foo is not known"),
 * or "". Returns 0, or -1 after a message on standard error. */
int screen_open(bool mouse, char *note, size_t size);

/* Gives it back. Safe to call twice. */
void screen_close(void);

void screen_size(int *width, int *height);
void screen_show(const struct grid *grid);
void screen_redraw(void); /* everything anew at the next show */

/* Waits for a key, at most ms. Returns enum key, a character, or enum screen_key. */
int screen_key(int ms);
int screen_click_row(void);

/* The signal behind S_SIGNAL. */
int screen_signal(void);
