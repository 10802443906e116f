/*
 * between.h: a process that is born in namespaces which exist already.
 */
#pragma once

#include "step01_clone_pid/clone_pid.h"

/* As spawn(), but after enter(arg), which changes the namespaces of who calls it. The caller stays
 * where it is: a forked process calls enter() and clones the new one with CLONE_PARENT, so that it is
 * the caller's child.
 * Returns 0, or -1 with errno of enter(), spawn(), fork(2) or pipe(2); the failure record is the
 * other process's own. Source: clone(2), CLONE_PARENT. */
int spawn_between(struct spawn *process, int (*enter)(void *arg), void *arg);
