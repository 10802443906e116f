/*
 * links.h: what a network namespace has: links, addresses, routes (given).
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct link {
	int index;
	char name[IF_NAMESIZE];
	char kind[16];	     /* "veth", "bridge", "sit", ...; "" for lo and hardware */
	unsigned flags;	     /* IFF_UP, IFF_LOWER_UP, ...; netdevice(7) */
	int master;	     /* index of the bridge that it is plugged into; 0: none */
	int peer;	     /* index of the other end (veth); in that one's namespace; 0: none */
	bool peer_elsewhere; /* that index counts in another network namespace */
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
};

struct link_address {
	int link;      /* index */
	char text[64]; /* "10.0.0.2/24", "fe80::1/64" */
};

struct link_route {
	int link;
	char destination[64]; /* "default", "10.0.0.0/24" */
	char gateway[48];     /* "" : on the link itself */
};

/* Each calls fn for every one in the socket's namespace (main routing table only), stops calling
 * when it returns non-zero and returns that. -1 with errno of rtnl_list. */
int link_each(int netlink, int (*fn)(const struct link *link, void *arg), void *arg);
int address_each(int netlink, int (*fn)(const struct link_address *address, void *arg), void *arg);
int route_each(int netlink, int (*fn)(const struct link_route *route, void *arg), void *arg);

/* One link by name. Returns 0, or -1 with errno ENODEV. */
int link_read(int netlink, const char *name, struct link *link);

/* Removes a link; a veth's other end goes with it. Returns 0, or -1 with errno: ENODEV, EPERM,
 * EOPNOTSUPP (lo, hardware). */
int link_delete(int netlink, const char *name);

/* Moves a link into another network namespace (an open /proc/PID/ns/net): it arrives down and
 * without addresses. Returns 0 or -1 with errno. */
int link_move(int netlink, const char *name, int netns);
