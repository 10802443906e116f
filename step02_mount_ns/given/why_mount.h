/*
 * why_mount.h: rows of the why-table for mounts and the root (given).
 */
#pragma once

#include "step01_clone_pid/floor/call/why.h"

/* For why_register(). */
extern struct why_table why_mount;
