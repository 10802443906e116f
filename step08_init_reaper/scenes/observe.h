/*
 * observe.h: processes as step 8's scenes look at them, from the host's /proc.
 */
#pragma once

#include "step01_clone_pid/floor/meet/procfs.h"

#include <stdbool.h>

/* The state letter in PID/stat; 0: no such process. */
char state_of(pid_t pid);

/* Waits until the process is in that state (0: gone), 5 s at most. Returns whether it is. */
bool await_state(pid_t pid, char state);

/* The children of a process, as PID/stat says, lowest number first; up to max into list (may be
 * NULL). Returns how many there are. */
int children_of(pid_t parent, struct proc_stat *list, int max);

/* How many of its children are zombies. */
int zombie_children(pid_t parent);

/* The number of a process in the innermost PID namespace that it is in; 0: none, it is gone. */
pid_t number_inside(pid_t pid);

/* The number of pid's parent, as the namespace of pid has it: 0 where the parent has none there. */
pid_t parent_inside(pid_t pid);

/* A wait status in words: "40", "signal 9". buf: 24 bytes. Returns buf. */
const char *status_text(int wait_status, char *buf, size_t size);

/* Zeroed memory that is shared with the children made from now on; ends the scene where there is
 * none. */
void *shared_notes(size_t size);

void nap_ms(long ms);

/* Milliseconds of a clock that only goes forward. */
long clock_ms(void);

/* Waits for signals and acts on none but those that kill; for a child that is there to be looked
 * at. */
void sleep_for_ever(void) __attribute__((noreturn));
