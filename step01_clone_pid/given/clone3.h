/*
 * clone3.h: children that clone(2) cannot make (given).
 */
#pragma once

#include "step01_clone_pid/clone_pid.h"

/* As spawn() of clone_pid.h, but by clone3(2), which can do two things more:
 *
 *   cgroup is a descriptor of a v2 cgroup's directory: the child is born in that cgroup
 *   (CLONE_INTO_CGROUP). -1: it is born in its parent's. The descriptor stays the caller's.
 *
 *   sp->flags may contain CLONE_NEWTIME: the child is born in a new time namespace, with the
 *   offsets of its parent's.
 *
 * Where clone3(2) is missing (ENOSYS: an old kernel, valgrind, some seccomp filters), spawn()
 * makes the child, if neither of the two is asked for.
 * Returns 0, or -1 with errno as spawn(), and ENOTSUP (clone3(2) is missing, and one of the two
 * is asked for), EBADF (cgroup is no cgroup's directory), EACCES (no right to put a process into
 * it), EBUSY (it hands out controllers, so that it can have no processes). */
int spawn_clone3(struct spawn *sp, int cgroup);
