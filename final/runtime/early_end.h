/*
 * early_end.h: why a container's process ended before its command ran, where it could not say it
 * itself.
 */
#pragma once

#include "final/runtime/launch.h"

/* After a stage that did not come: if the process was killed by a signal, the failure record says
 * by which, and what in config.json does that. It is not waited for. Keeps errno. */
void early_end_explain(const struct container *container);
