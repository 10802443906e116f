/*
 * links.c: reading what a network namespace has.
 */
#define _GNU_SOURCE
#include "links.h"
#include "rtnetlink.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

static void copy_text(char *out, size_t size, const struct rtattr *attribute)
{
	if (attribute)
		snprintf(out, size, "%.*s", (int)RTA_PAYLOAD(attribute),
			 (const char *)RTA_DATA(attribute));
}

static uint32_t number_of(const struct rtattr *attribute)
{
	uint32_t number = 0;

	if (attribute && RTA_PAYLOAD(attribute) >= sizeof(number))
		memcpy(&number, RTA_DATA(attribute), sizeof(number));
	return number;
}

/* ---- links ---- */

static void decode_link(const struct nlmsghdr *message, struct link *link)
{
	const struct ifinfomsg *body = NLMSG_DATA(message);
	const struct rtattr *counters = rtnl_find(message, sizeof(*body), IFLA_STATS64);
	const struct rtattr *info = rtnl_find(message, sizeof(*body), IFLA_LINKINFO);
	struct rtnl_link_stats64 stats = { 0 };

	*link = (struct link){ .index = body->ifi_index, .flags = body->ifi_flags };
	copy_text(link->name, sizeof(link->name), rtnl_find(message, sizeof(*body), IFLA_IFNAME));
	copy_text(link->kind, sizeof(link->kind), rtnl_find_in(info, IFLA_INFO_KIND));
	link->master = (int)number_of(rtnl_find(message, sizeof(*body), IFLA_MASTER));
	link->peer = (int)number_of(rtnl_find(message, sizeof(*body), IFLA_LINK));
	link->peer_elsewhere = rtnl_find(message, sizeof(*body), IFLA_LINK_NETNSID) != NULL;
	if (counters) /* kernels differ in how many counters there are */
		memcpy(&stats, RTA_DATA(counters),
		       RTA_PAYLOAD(counters) < sizeof(stats) ? RTA_PAYLOAD(counters)
							     : sizeof(stats));
	link->rx_packets = stats.rx_packets;
	link->tx_packets = stats.tx_packets;
	link->rx_bytes = stats.rx_bytes;
	link->tx_bytes = stats.tx_bytes;
}

struct each_link {
	int (*fn)(const struct link *link, void *arg);
	void *arg;
};

static int on_link(const struct nlmsghdr *message, void *arg)
{
	const struct each_link *each = arg;
	struct link link;

	if (message->nlmsg_type != RTM_NEWLINK ||
	    message->nlmsg_len < NLMSG_SPACE(sizeof(struct ifinfomsg)))
		return 0;
	decode_link(message, &link);
	return each->fn(&link, each->arg);
}

int link_each(int netlink, int (*fn)(const struct link *link, void *arg), void *arg)
{
	struct each_link each = { fn, arg };
	struct ifinfomsg body = { 0 };
	struct rtnl_request request;

	rtnl_begin(&request, RTM_GETLINK, NLM_F_DUMP, &body, sizeof(body));
	return SYS(rtnl_list(netlink, &request, on_link, &each), "links");
}

static int keep_link(const struct link *link, void *arg)
{
	*(struct link *)arg = *link;
	return 0;
}

int link_read(int netlink, const char *name, struct link *link)
{
	struct each_link each = { keep_link, link };
	struct ifinfomsg body = { 0 };
	struct rtnl_request request;

	rtnl_begin(&request, RTM_GETLINK, 0, &body, sizeof(body));
	rtnl_put_text(&request, IFLA_IFNAME, name);
	return SYS_MAY(rtnl_list(netlink, &request, on_link, &each), name,
		       ENODEV); /* "is it there?" is a question */
}

int link_delete(int netlink, const char *name)
{
	struct ifinfomsg link = { 0 };
	struct rtnl_request request;

	if ((link.ifi_index = rtnl_link_index(netlink, name)) < 0)
		return -1;
	rtnl_begin(&request, RTM_DELLINK, 0, &link, sizeof(link));
	return SYS(rtnl_ask(netlink, &request), name);
}

int link_move(int netlink, const char *name, int netns)
{
	struct ifinfomsg link = { 0 };
	struct rtnl_request request;

	if ((link.ifi_index = rtnl_link_index(netlink, name)) < 0)
		return -1;
	rtnl_begin(&request, RTM_NEWLINK, 0, &link, sizeof(link));
	rtnl_put_number(&request, IFLA_NET_NS_FD, (uint32_t)netns);
	return SYS(rtnl_ask(netlink, &request), name);
}

/* ---- addresses ---- */

static void copy_address(char *out, size_t size, int family, const struct rtattr *attribute)
{
	size_t need = family == AF_INET ? 4 : 16;

	*out = '\0';
	if (attribute && (family == AF_INET || family == AF_INET6) &&
	    RTA_PAYLOAD(attribute) >= need)
		inet_ntop(family, RTA_DATA(attribute), out, (socklen_t)size);
}

struct each_address {
	int (*fn)(const struct link_address *address, void *arg);
	void *arg;
};

static int on_address(const struct nlmsghdr *message, void *arg)
{
	const struct each_address *each = arg;
	const struct ifaddrmsg *body = NLMSG_DATA(message);
	char text[INET6_ADDRSTRLEN];

	if (message->nlmsg_type != RTM_NEWADDR || message->nlmsg_len < NLMSG_SPACE(sizeof(*body)))
		return 0;
	struct link_address address = { .link = (int)body->ifa_index };
	const struct rtattr *own = rtnl_find(message, sizeof(*body), IFA_LOCAL);
	copy_address(text, sizeof(text), body->ifa_family,
		     own ? own : rtnl_find(message, sizeof(*body), IFA_ADDRESS));
	snprintf(address.text, sizeof(address.text), "%s/%u", text, body->ifa_prefixlen);
	return each->fn(&address, each->arg);
}

int address_each(int netlink, int (*fn)(const struct link_address *address, void *arg), void *arg)
{
	struct each_address each = { fn, arg };
	struct ifaddrmsg body = { .ifa_family = AF_UNSPEC };
	struct rtnl_request request;

	rtnl_begin(&request, RTM_GETADDR, NLM_F_DUMP, &body, sizeof(body));
	return SYS(rtnl_list(netlink, &request, on_address, &each), "addresses");
}

/* ---- routes ---- */

struct each_route {
	int (*fn)(const struct link_route *route, void *arg);
	void *arg;
};

static int on_route(const struct nlmsghdr *message, void *arg)
{
	const struct each_route *each = arg;
	const struct rtmsg *body = NLMSG_DATA(message);
	char text[INET6_ADDRSTRLEN];

	/* The kernel keeps addresses of its own in the table "local"; people mean "main". */
	if (message->nlmsg_type != RTM_NEWROUTE ||
	    message->nlmsg_len < NLMSG_SPACE(sizeof(*body)) || body->rtm_table != RT_TABLE_MAIN)
		return 0;
	struct link_route route = { .link = (int)number_of(
					    rtnl_find(message, sizeof(*body), RTA_OIF)) };
	copy_address(text, sizeof(text), body->rtm_family,
		     rtnl_find(message, sizeof(*body), RTA_DST));
	if (body->rtm_dst_len == 0)
		snprintf(route.destination, sizeof(route.destination), "default");
	else
		snprintf(route.destination, sizeof(route.destination), "%s/%u", text,
			 body->rtm_dst_len);
	copy_address(route.gateway, sizeof(route.gateway), body->rtm_family,
		     rtnl_find(message, sizeof(*body), RTA_GATEWAY));
	return each->fn(&route, each->arg);
}

int route_each(int netlink, int (*fn)(const struct link_route *route, void *arg), void *arg)
{
	struct each_route each = { fn, arg };
	struct rtmsg body = { .rtm_family = AF_UNSPEC };
	struct rtnl_request request;

	rtnl_begin(&request, RTM_GETROUTE, NLM_F_DUMP, &body, sizeof(body));
	return SYS(rtnl_list(netlink, &request, on_route, &each), "routes");
}
