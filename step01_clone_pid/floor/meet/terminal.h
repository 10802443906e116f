/*
 * terminal.h: job control for a command that is PID 1 somewhere.
 *
 * A shell wants to be the foreground process group, and on its way out gives the
 * terminal back to the group that it found there. Our group has no number inside a new
 * PID namespace, so the command gets a group of its own, put in the foreground before
 * execve, and its watcher joins that group, to see the Ctrl-C that PID 1 does not feel.
 */
#pragma once

#include "step01_clone_pid/clone_pid.h"

#include <stdbool.h>

/* Has this process a handler for the signal, or does it wait for it blocked? If not, and it is PID
 * 1 of a namespace, the kernel drops the signal. Reads /proc: not for a signal handler. */
bool hears_signal(pid_t pid, int signal_number);

/* Is descriptor 0 a terminal whose foreground we are? Asked before the child is made: inside, our
 * group has no number. */
bool terminal_is_ours(void);

/* In the child, before execve: a process group of its own, in the foreground. */
void terminal_take(void);

/* In the parent, once the command runs: joins the child's group, so that Ctrl-C is seen here too.
 * The caller has SIGINT blocked and gives it to terminal_interrupted(). */
void terminal_watch(const struct spawn *child);

/* A Ctrl-C has come. The kernel drops a default action for PID 1, so the first one of a command
 * without a handler prints a hint and the second kills. No handler may call this: it reads /proc.
 */
void terminal_interrupted(const struct spawn *child);

/* Back in our own group (the one of terminal_is_ours()), and that in the foreground. */
void terminal_back(void);
