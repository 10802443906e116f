/*
 * clone3.h: what clone(2) cannot carry (given; the lab piece is clone_pid.c).
 */
#pragma once

#include "step01_clone_pid/clone_pid.h"

/* As spawn(), by clone3(2): the child can be born in a v2 cgroup (CLONE_INTO_CGROUP), and in a time
 * namespace that unshare(2) made. Where clone3 is missing (ENOSYS: old kernels, valgrind, some
 * seccomp filters) it falls back to clone(2) and refuses with ENOTSUP what that would silently
 * ignore. Returns 0, or -1 with errno as spawn(). */
int spawn_clone3(struct spawn *sp);
