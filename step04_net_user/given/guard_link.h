/*
 * guard_link.h: network links in the guard's ledger (given); floor/demo/guard.h.
 */
#pragma once

/* Enters a link of the host's network namespace, by name, before it is made: it is deleted (of a
 * veth pair both ends go). Returns as guard_enter(). */
int guard_link(const char *name);
