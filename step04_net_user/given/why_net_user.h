/*
 * why_net_user.h: rows of the why-table for maps of ids and for networks (given).
 */
#pragma once

#include "step01_clone_pid/floor/call/why.h"

/* For why_register(). */
extern struct why_table why_net_user;
