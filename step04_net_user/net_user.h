/*
 * net_user.h: step 4's piece. Ids and a network of its own.
 *
 * A user namespace without maps has no ids, and a network namespace without links has
 * no way out. Somebody outside gives both: he writes the maps, and he makes
 * a veth pair, a cable with two plugs, of which one goes inside.
 *
 * netlink: a socket of rtnl_open() (rtnetlink.h). It speaks for the network namespace in which it
 * was opened, so "inside" is done with a socket that the child has opened.
 */
#pragma once

#include "step04_net_user/given/id_map.h"
#include "step01_clone_pid/floor/meet/stage.h"

#include <sys/types.h>

/* Gives process pid, the first in a new user namespace, its ids: writes PID/setgroups "deny" (if
 * maps->deny_setgroups: before gid_map, else the kernel refuses that), then PID/uid_map and
 * PID/gid_map below procfd (a descriptor of the proc directory), each in one write(2); they can be
 * written once. Then, and not earlier, tells the child that waits at STAGE_MAPPED. stages: NULL
 * where nobody waits. Returns 0, or -1 with errno: EPERM (not our child namespace; ids that are not
 * ours and no CAP_SETUID; setgroups not denied; written already), EINVAL (id_map_text), ENOENT,
 * ESRCH (it is gone), EPIPE (it died waiting). Source: user_namespaces(7). */
int id_maps_write(int procfd, pid_t pid, const struct id_maps *maps, struct stages *stages);

/* Sets a link up ("lo", "eth0"), as `ip link set NAME up`. A new network namespace has its lo,
 * down. Returns 0, or -1 with errno: ENODEV (no such link), EPERM (no CAP_NET_ADMIN over this
 * namespace). Source: rtnetlink(7), RTM_NEWLINK. */
int link_up(int netlink, const char *name);

/* Makes a veth pair: `here` in the socket's namespace, `there` in the namespace netns (an open
 * /proc/PID/ns/net). Both are down, without addresses: what is set before a link moves to another
 * namespace is lost. Either end's removal, and the end of either namespace, removes both. Names: 1
 * to 15 bytes, no blank, no /. Returns 0, or -1 with errno: EEXIST (a link of that name is there,
 * on either side), EPERM (CAP_NET_ADMIN over both namespaces), EOPNOTSUPP (a kernel without veth),
 * EINVAL (a name; no network namespace), ENODEV. Source: veth(4), rtnetlink(7). */
int veth_into(int netlink, const char *here, const char *there, int netns);

/* Gives a link an IPv4 address, "10.0.0.2/24": the kernel adds the route to that network by itself.
 * Returns 0, or -1 with errno: EINVAL (no such form), EEXIST (it has it already), ENODEV. Source:
 * rtnetlink(7), RTM_NEWADDR. */
int address_add(int netlink, const char *link, const char *address);

/* Sends what no other route takes to gateway, an IPv4 address that a link which is up can reach:
 * the default route. Returns 0, or -1 with errno: ENETUNREACH (no link leads there, or it is down),
 * EEXIST (there is one), EINVAL. Source: RTM_NEWROUTE. */
int route_default(int netlink, const char *gateway);
