/*
 * ping.h: one ICMP echo, as ping(8) sends it (given); icmp(7).
 */
#pragma once

struct ping {
	int sent, received;
	double rtt_ms; /* of the last reply */
	int ttl;       /* of the last reply; 0: not told */
};

/* Sends count echo requests to an IPv4 address from the caller's network namespace and waits at
 * most timeout_ms for each reply. A raw socket (CAP_NET_RAW), or the kernel's ping socket where
 * net.ipv4.ping_group_range allows it. Fills result. Returns 0, also when nothing came back
 * (received says so), or -1 with errno: ENETUNREACH (no route), EPERM, EACCES (neither socket),
 * EINVAL (address). */
int ping(const char *address, int count, int timeout_ms, struct ping *result);
