/*
 * why_overlay.h: rows of the why-table for overlays (given).
 */
#pragma once

#include "step01_clone_pid/floor/call/why.h"

/* For why_register(). */
extern struct why_table why_overlay;
