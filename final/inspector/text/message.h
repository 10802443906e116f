/*
 * message.h: text of others (arguments, paths, names of processes and groups) in our own messages.
 */
#pragma once

#include <stdbool.h>

/* Does the locale of LC_CTYPE write text as UTF-8? Call setlocale(3) first. */
bool locale_is_utf8(void);

/* The text as a message may show it on a terminal: control characters as ^[, others that do harm as
 * ?, cut at 400 bytes with "..." behind it. In a locale that is not UTF-8 everything outside of
 * ASCII is ?, because such a terminal takes a byte of a UTF-8 sequence for a control character. The
 * result stays valid until the fourth call after this one. */
const char *for_terminal(const char *text);
