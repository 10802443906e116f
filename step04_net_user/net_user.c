/*
 * net_user.c: ids and a network, given from outside.
 */
#define _GNU_SOURCE
#include "net_user.h"
#include "step04_net_user/given/rtnetlink.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_map(int procfd, pid_t pid, const char *file, const struct id_map *map, int count)
{
	char path[32], text[4096];

	snprintf(path, sizeof(path), "%d/%s", pid, file);
	if (id_map_text(map, count, text, sizeof(text)) < 0)
		return -1;
	return write_file_at(procfd, path, text);
}

int id_maps_write(int procfd, pid_t pid, const struct id_maps *maps)
{
	char path[32];

	/* A group may have fewer rights than all others (rwx---r-x). A process that could leave
	 * that group would gain rights. So the kernel takes a gid_map of an ordinary user only
	 * where no process can drop groups any more. */
	snprintf(path, sizeof(path), "%d/setgroups", pid);
	if (maps->deny_setgroups && write_file_at(procfd, path, "deny") < 0)
		return -1;
	if (write_map(procfd, pid, "uid_map", maps->uid, maps->uids) < 0)
		return -1;
	return write_map(procfd, pid, "gid_map", maps->gid, maps->gids);
}

int link_up(int netlink, const char *name)
{
	struct rtnl_request request;
	struct ifinfomsg link = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };

	if ((link.ifi_index = rtnl_link_index(netlink, name)) < 0)
		return -1;
	rtnl_begin(&request, RTM_NEWLINK, 0, &link, sizeof(link));
	return SYS(rtnl_ask(netlink, &request), name);
}

/* The kernel says EINVAL of an empty name, a blank or a slash, but ERANGE of a name that is too long.
 * A name that does not fit into the request at all is EMSGSIZE. */
static int check_name(const char *name)
{
	if (*name && strlen(name) < IF_NAMESIZE)
		return 0;
	sys_failure_set(EINVAL, "veth_into", name, "A link's name has 1 to 15 bytes.", NULL);
	return -1;
}

int veth_into(int netlink, const char *here, const char *there, int netns)
{
	struct rtnl_request request;
	struct ifinfomsg link = { 0 };

	if (check_name(here) < 0 || check_name(there) < 0)
		return -1;
	/* IFLA_IFNAME                       this end
	 * IFLA_LINKINFO                     what kind of link
	 *   IFLA_INFO_KIND  "veth"
	 *   IFLA_INFO_DATA
	 *     VETH_INFO_PEER                the other end: a link message inside this one,
	 *       IFLA_IFNAME                 born in the other namespace, so that it never moves */
	rtnl_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
	rtnl_put_text(&request, IFLA_IFNAME, here);
	struct rtattr *info = rtnl_nest(&request, IFLA_LINKINFO, NULL, 0);
	rtnl_put_text(&request, IFLA_INFO_KIND, "veth");
	struct rtattr *data = rtnl_nest(&request, IFLA_INFO_DATA, NULL, 0);
	struct rtattr *peer = rtnl_nest(&request, VETH_INFO_PEER, &link, sizeof(link));
	rtnl_put_text(&request, IFLA_IFNAME, there);
	rtnl_put_number(&request, IFLA_NET_NS_FD, (uint32_t)netns);
	rtnl_nest_end(&request, peer);
	rtnl_nest_end(&request, data);
	rtnl_nest_end(&request, info);
	return SYS(rtnl_ask(netlink, &request), here);
}

static int no_address(const char *text)
{
	sys_failure_set(EINVAL, "inet_pton", text, "This is no IPv4 address of that form.",
			"An address is like 10.0.0.2/24, a gateway like 10.0.0.1.");
	return -1;
}

/* "10.0.0.2/24" -> address and prefix length. */
static int parse_address(const char *text, struct in_addr *address, unsigned char *prefix)
{
	char host[INET_ADDRSTRLEN], *end;
	const char *slash = strchr(text, '/');
	unsigned long bits = slash ? strtoul(slash + 1, &end, 10) : 33;

	if (!slash || slash[1] < '0' || slash[1] > '9' || *end || bits > 32 ||
	    slash - text >= (long)sizeof(host))
		return no_address(text);
	snprintf(host, sizeof(host), "%.*s", (int)(slash - text), text);
	*prefix = (unsigned char)bits;
	return inet_pton(AF_INET, host, address) == 1 ? 0 : no_address(text);
}

int address_add(int netlink, const char *link, const char *address)
{
	struct rtnl_request request;
	struct ifaddrmsg body = { .ifa_family = AF_INET, .ifa_scope = RT_SCOPE_UNIVERSE };
	struct in_addr ip;
	int index;

	if (parse_address(address, &ip, &body.ifa_prefixlen) < 0)
		return -1;
	if ((index = rtnl_link_index(netlink, link)) < 0)
		return -1;
	body.ifa_index = (unsigned)index;
	rtnl_begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	rtnl_put(&request, IFA_LOCAL, &ip, sizeof(ip));
	/* IFA_ADDRESS is the other end's on a point-to-point link; on all others it is the same
	 * once more. */
	rtnl_put(&request, IFA_ADDRESS, &ip, sizeof(ip));
	return SYS(rtnl_ask(netlink, &request), address);
}

int route_default(int netlink, const char *gateway)
{
	struct rtnl_request request;
	struct rtmsg body = { .rtm_family = AF_INET,
			      .rtm_dst_len = 0, /* no bit of the destination has to match: any */
			      .rtm_table = RT_TABLE_MAIN,
			      .rtm_protocol = RTPROT_BOOT,
			      .rtm_scope = RT_SCOPE_UNIVERSE,
			      .rtm_type = RTN_UNICAST };
	struct in_addr ip;

	if (inet_pton(AF_INET, gateway, &ip) != 1)
		return no_address(gateway);
	rtnl_begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	rtnl_put(&request, RTA_GATEWAY, &ip, sizeof(ip));
	return SYS(rtnl_ask(netlink, &request), gateway);
}
