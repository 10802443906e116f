/*
 * net_user.h: step 4's piece. Ids and a network for a container.
 *
 * A new user namespace has no ids until its maps are written. A new network namespace has
 * one link, lo, which is down; nothing leads out of it. Both come from outside: a process
 * in the parent namespace writes the maps, and makes a veth pair, two links with a cable
 * between them, of which one is inside.
 *
 * netlink is a socket of rtnl_open() (rtnetlink.h). It speaks for the network namespace in
 * which it was opened, whoever uses it. To set something up inside, the child opens a
 * socket of its own.
 *
 * Each system call is made by SYS() (floor/call/sys.h): the first that fails is recorded, with the
 * path, process or name that it was about.
 */
#pragma once

#include "step04_net_user/given/id_map.h"

#include <sys/types.h>

/* Writes the id maps of process pid, the first process of a new user namespace: these files
 * below procfd (a descriptor of the directory /proc), in this order, each with one write(2):
 *
 *	PID/setgroups	"deny"; only if maps->deny_setgroups
 *	PID/uid_map	the lines of maps->uid, as id_map_text() makes them
 *	PID/gid_map	the lines of maps->gid
 *
 * The kernel takes each map once. Without CAP_SETGID outside it takes gid_map only after "deny".
 * If a write fails, what was written before stays. The child must wait meanwhile: until its map
 * is written its id is 65534. This function only writes; the caller tells the child.
 *
 * Returns 0, or -1 with errno: EPERM (the user namespace is no child of the caller's; an id is
 * not the caller's own, and it has no CAP_SETUID or CAP_SETGID; setgroups is not denied; the map
 * is written already), EINVAL (id_map_text() refuses the lines; those of gid are looked at last),
 * E2BIG (more than 4095 bytes of text), ENOENT or ESRCH (the process is gone).
 * Source: user_namespaces(7). */
int id_maps_write(int procfd, pid_t pid, const struct id_maps *maps);

/* Sets the link called name up ("lo", "eth0"), as `ip link set NAME up` does.
 * Returns 0, or -1 with errno: ENODEV (there is no such link), EPERM (no CAP_NET_ADMIN over this
 * network namespace).
 * Source: rtnetlink(7), RTM_NEWLINK; IFF_UP: netdevice(7). */
int link_up(int netlink, const char *name);

/* Makes a veth pair. The link `here` is made in the socket's network namespace, the link `there`
 * in the network namespace netns, a descriptor of an open /proc/PID/ns/net. Both are down and
 * have no address. When one is deleted, or its namespace ends, the other is deleted too. A name
 * has 1 to 15 bytes, no blank and no slash. The kernel checks that too, but of a name that is too
 * long it says ERANGE; here it is EINVAL. The manual pages do not show the message. It is
 *
 *	RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, an empty struct ifinfomsg
 *	IFLA_IFNAME			here
 *	IFLA_LINKINFO			what kind of link: a nest
 *	    IFLA_INFO_KIND		"veth"
 *	    IFLA_INFO_DATA		a nest
 *	        VETH_INFO_PEER		the other link: a nest that begins with a struct ifinfomsg
 *	            IFLA_IFNAME		there
 *	            IFLA_NET_NS_FD	netns: it is made in that namespace, and never moved
 *
 * Returns 0, or -1 with errno: EEXIST (one of the names is in use where it was to be made),
 * EPERM (no CAP_NET_ADMIN over both namespaces), EOPNOTSUPP (the kernel has no veth), EINVAL
 * (this is no name, or netns is no network namespace), ENODEV.
 * Source: veth(4), rtnetlink(7). */
int veth_into(int netlink, const char *here, const char *there, int netns);

/* Gives the link an IPv4 address with the length of its network's prefix: "10.0.0.2/24". The
 * kernel adds the route to that network itself. A link loses its addresses when it is moved to
 * another network namespace. Nothing may stand before or after the two numbers. The message,
 * RTM_NEWADDR, has the address twice: as IFA_LOCAL, and as IFA_ADDRESS, which is the other end's on
 * a point-to-point link only.
 * Returns 0, or -1 with errno: EINVAL (address has another form), EEXIST (the link has this
 * address), ENODEV (there is no such link), EPERM.
 * Source: rtnetlink(7), RTM_NEWADDR. */
int address_add(int netlink, const char *link, const char *address);

/* Adds the default route: what no other route takes is sent to gateway, an IPv4 address in the
 * network of a link that is up. Without NLM_F_CREATE | NLM_F_EXCL in the message, RTM_NEWROUTE, the
 * kernel would refuse the first route, or add a second one.
 * Returns 0, or -1 with errno: ENETUNREACH (no link that is up leads to gateway), EEXIST (there
 * is a default route), EINVAL (gateway is no IPv4 address), EPERM.
 * Source: rtnetlink(7), RTM_NEWROUTE. */
int route_default(int netlink, const char *gateway);
