/*
 * bridge.c: a switch inside the kernel.
 */
#define _GNU_SOURCE
#include "bridge.h"
#include "rtnetlink.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <linux/if_link.h>

int bridge_make(int netlink, const char *name)
{
	struct ifinfomsg link = { 0 };
	struct rtnl_request request;

	rtnl_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
	rtnl_put_text(&request, IFLA_IFNAME, name);
	struct rtattr *info = rtnl_nest(&request, IFLA_LINKINFO, NULL, 0);
	rtnl_put_text(&request, IFLA_INFO_KIND, "bridge");
	rtnl_nest_end(&request, info);
	return SYS(rtnl_ask(netlink, &request), name);
}

int bridge_plug(int netlink, const char *bridge, const char *link)
{
	struct ifinfomsg body = { 0 };
	struct rtnl_request request;
	int master;

	if ((master = rtnl_link_index(netlink, bridge)) < 0)
		return -1;
	if ((body.ifi_index = rtnl_link_index(netlink, link)) < 0)
		return -1;
	rtnl_begin(&request, RTM_NEWLINK, 0, &body, sizeof(body));
	rtnl_put_number(&request, IFLA_MASTER, (uint32_t)master);
	return SYS(rtnl_ask(netlink, &request), link);
}
