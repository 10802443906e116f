/*
 * inside.h: the child's half of launch.c.
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* struct spawn's fn; arg: the struct container. Ends in execve, or hands its failure up and returns
 * 125, 126 or 127. */
int inside_main(void *arg);

/* Has the parent something to do between the mounts and pivot_root? Then both sides meet there. */
bool inside_waits_for_hooks(const struct spec *spec);
