/*
 * joined.h: a container's process that is born in namespaces which exist already.
 */
#pragma once

#include "launch.h"

/* As spawn() of c->process, but after the namespaces at spec->join have been entered. The caller
 * stays where it is (spawn_between()). Every path is opened before the first is entered.
 * Returns 0, or -1 with errno: of open(2); EINVAL (a path is no namespace, or one of another kind);
 * of join_namespaces() and spawn(); the failure record is the other process's own. */
int spawn_joined(struct container *c);
