/*
 * abilities_try.h: the floor's own probes, for abilities.c alone.
 */
#pragma once

int try_user_ns(int unused);
int try_ptrace(int unused);
