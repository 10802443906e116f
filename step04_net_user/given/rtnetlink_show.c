/*
 * rtnetlink_show.c: a message in words, for --explain.
 */
#define _GNU_SOURCE
#include "rtnetlink.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum form { TEXT, NUMBER, ADDRESS, NESTED, LINK_INSIDE };

/* The attributes that our requests use, by the kernel headers' names; others are shown as numbers.
 */
struct attribute {
	const char *name;
	const struct attribute *inside; /* NESTED: what it may hold; ends with a NULL name */
	int type;
	enum form form;
};

static const struct attribute no_attribute[] = { { 0 } };

static const struct attribute peer_attributes[] = {
	{ "IFLA_IFNAME", NULL, IFLA_IFNAME, TEXT },
	{ "IFLA_NET_NS_FD", NULL, IFLA_NET_NS_FD, NUMBER },
	{ 0 },
};

static const struct attribute veth_attributes[] = {
	{ "VETH_INFO_PEER", peer_attributes, VETH_INFO_PEER, LINK_INSIDE },
	{ 0 },
};

static const struct attribute info_attributes[] = {
	{ "IFLA_INFO_KIND", NULL, IFLA_INFO_KIND, TEXT },
	{ "IFLA_INFO_DATA", veth_attributes, IFLA_INFO_DATA, NESTED },
	{ 0 },
};

static const struct attribute link_attributes[] = {
	{ "IFLA_IFNAME", NULL, IFLA_IFNAME, TEXT },
	{ "IFLA_MASTER", NULL, IFLA_MASTER, NUMBER },
	{ "IFLA_NET_NS_FD", NULL, IFLA_NET_NS_FD, NUMBER },
	{ "IFLA_NET_NS_PID", NULL, IFLA_NET_NS_PID, NUMBER },
	{ "IFLA_LINKINFO", info_attributes, IFLA_LINKINFO, NESTED },
	{ 0 },
};

static const struct attribute address_attributes[] = {
	{ "IFA_LOCAL", NULL, IFA_LOCAL, ADDRESS },
	{ "IFA_ADDRESS", NULL, IFA_ADDRESS, ADDRESS },
	{ 0 },
};

static const struct attribute route_attributes[] = {
	{ "RTA_DST", NULL, RTA_DST, ADDRESS },
	{ "RTA_GATEWAY", NULL, RTA_GATEWAY, ADDRESS },
	{ "RTA_OIF", NULL, RTA_OIF, NUMBER },
	{ 0 },
};

static const struct message_type {
	int type;
	const char *name;
	size_t body;
	const struct attribute *attributes;
} message_types[] = {
	{ RTM_NEWLINK, "RTM_NEWLINK", sizeof(struct ifinfomsg), link_attributes },
	{ RTM_DELLINK, "RTM_DELLINK", sizeof(struct ifinfomsg), link_attributes },
	{ RTM_GETLINK, "RTM_GETLINK", sizeof(struct ifinfomsg), link_attributes },
	{ RTM_NEWADDR, "RTM_NEWADDR", sizeof(struct ifaddrmsg), address_attributes },
	{ RTM_DELADDR, "RTM_DELADDR", sizeof(struct ifaddrmsg), address_attributes },
	{ RTM_GETADDR, "RTM_GETADDR", sizeof(struct ifaddrmsg), address_attributes },
	{ RTM_NEWROUTE, "RTM_NEWROUTE", sizeof(struct rtmsg), route_attributes },
	{ RTM_DELROUTE, "RTM_DELROUTE", sizeof(struct rtmsg), route_attributes },
	{ RTM_GETROUTE, "RTM_GETROUTE", sizeof(struct rtmsg), route_attributes },
};

struct shower {
	void (*line)(const char *text, void *arg);
	void *arg;
};

static void tell(const struct shower *to, int depth, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void tell(const struct shower *to, int depth, const char *format, ...)
{
	char text[256];
	va_list args;

	int n = snprintf(text, sizeof(text), "   %*s", depth * 2, "");
	va_start(args, format);
	vsnprintf(text + n, sizeof(text) - (size_t)n, format, args);
	va_end(args);
	to->line(text, to->arg);
}

static const struct attribute *named(const struct attribute *among, int type)
{
	for (; among->name; among++)
		if (among->type == type)
			return among;
	return NULL;
}

static void show_attributes(const struct rtattr *attribute, int left, const struct attribute *known,
			    const struct shower *to, int depth);

static void show_value(const struct rtattr *attribute, const struct attribute *as,
		       const struct shower *to, int depth)
{
	const char *data = RTA_DATA(attribute);
	size_t size = RTA_PAYLOAD(attribute), body = 0;
	uint32_t number = 0;
	char address[INET6_ADDRSTRLEN] = "?";

	memcpy(&number, data, size < sizeof(number) ? size : sizeof(number));
	switch (as->form) {
	case TEXT:
		tell(to, depth, "%s \"%.*s\"", as->name, (int)strnlen(data, size), data);
		return;
	case NUMBER:
		tell(to, depth, "%s %u", as->name, number);
		return;
	case ADDRESS:
		if (size == 4 || size == 16)
			inet_ntop(size == 4 ? AF_INET : AF_INET6, data, address, sizeof(address));
		tell(to, depth, "%s %s", as->name, address);
		return;
	case LINK_INSIDE:
		body = NLMSG_ALIGN(sizeof(struct ifinfomsg));
		/* fall through */
	case NESTED:
		tell(to, depth, "%s%s holds", as->name, body ? " (a link message)" : "");
		if (size >= body)
			show_attributes((const struct rtattr *)(data + body), (int)(size - body),
					as->inside ? as->inside : no_attribute, to, depth + 1);
	}
}

static void show_attributes(const struct rtattr *attribute, int left, const struct attribute *known,
			    const struct shower *to, int depth)
{
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		int type = attribute->rta_type & NLA_TYPE_MASK;
		const struct attribute *as = named(known, type);
		if (as)
			show_value(attribute, as, to, depth);
		else
			tell(to, depth, "attribute %d, %d bytes", type,
			     (int)RTA_PAYLOAD(attribute));
	}
}

static void describe_body(const struct nlmsghdr *message, char *text, size_t size)
{
	const void *body = NLMSG_DATA(message);

	switch (message->nlmsg_type) {
	case RTM_NEWADDR:
	case RTM_DELADDR: {
		const struct ifaddrmsg *address = body;
		snprintf(text, size, "link %u  prefix /%u", address->ifa_index,
			 address->ifa_prefixlen);
		return;
	}
	case RTM_NEWROUTE:
	case RTM_DELROUTE: {
		const struct rtmsg *route = body;
		snprintf(text, size, "to %s/%u", route->rtm_dst_len ? "RTA_DST" : "any",
			 route->rtm_dst_len);
		return;
	}
	case RTM_NEWLINK:
	case RTM_DELLINK: {
		const struct ifinfomsg *link = body;
		int n = link->ifi_index ? snprintf(text, size, "link %d", link->ifi_index) : 0;
		if (link->ifi_change & IFF_UP)
			snprintf(text + n, size - (size_t)n, "  set %s",
				 link->ifi_flags & IFF_UP ? "up" : "down");
		return;
	}
	default:
		return;
	}
}

void rtnl_show(const struct nlmsghdr *message, void (*line)(const char *text, void *arg), void *arg)
{
	const struct shower to = { line, arg };
	bool get = (message->nlmsg_type & 3) == 2; /* of each four types the third asks */
	char body[64] = "";

	for (size_t i = 0; i < sizeof(message_types) / sizeof(*message_types); i++) {
		const struct message_type *type = &message_types[i];
		if (type->type != message->nlmsg_type ||
		    message->nlmsg_len < NLMSG_SPACE(type->body))
			continue;
		describe_body(message, body, sizeof(body));
		/* One bit means "list all" in a question and "replace" in an order. */
		tell(&to, 0, "netlink %s%s%s%s%s%s", type->name,
		     get && message->nlmsg_flags & NLM_F_DUMP ? " DUMP" : "",
		     !get && message->nlmsg_flags & NLM_F_CREATE ? " CREATE" : "",
		     !get && message->nlmsg_flags & NLM_F_EXCL ? " EXCL" : "", body[0] ? "  " : "",
		     body);
		show_attributes(
			(const struct rtattr *)((const char *)message + NLMSG_SPACE(type->body)),
			(int)(message->nlmsg_len - NLMSG_SPACE(type->body)), type->attributes, &to,
			1);
		return;
	}
	tell(&to, 0, "netlink message of type %u, %u bytes", message->nlmsg_type,
	     message->nlmsg_len);
}
