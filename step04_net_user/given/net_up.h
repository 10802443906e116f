/*
 * net_up.h: the container's side of its network (given).
 */
#pragma once

/* In the network namespace of the caller: sets lo up, gives link the address ("10.0.0.2/24") and
 * sets it up, and adds the default route through gateway, unless that is NULL.
 * Returns 0, or -1 with errno of rtnl_open() and net_user.h's functions. */
int net_up(const char *link, const char *address, const char *gateway);
