/*
 * why_cgroup.h: rows of the why-table for cgroups and their files (given).
 */
#pragma once

#include "step01_clone_pid/floor/call/why.h"

/* For why_register(). */
extern struct why_table why_cgroup;
