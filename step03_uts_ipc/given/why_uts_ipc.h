/*
 * why_uts_ipc.h: rows of the why-table for host names and IPC objects (given).
 */
#pragma once

#include "step01_clone_pid/floor/call/why.h"

/* For why_register(). */
extern struct why_table why_uts_ipc;
