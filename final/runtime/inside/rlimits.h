/*
 * rlimits.h: the resource limits of a container's process.
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* Sets every resource limit of process pid, the caller's child, to what process.rlimits says, else
 * to the value that a login would have, so that `ulimit` in the caller's shell does not reach into
 * the container. The caller's hard limit bounds what the spec does not name: without
 * CAP_SYS_RESOURCE it cannot be raised. Call it before the ids change. Returns 0, or -1 with errno:
 * EPERM (the spec asks for more than the hard limit), EINVAL. Source: getrlimit(2). */
int rlimits_set(pid_t pid, const struct spec_process *process);
