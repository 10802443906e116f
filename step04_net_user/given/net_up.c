/*
 * net_up.c: the calls by which a container makes its network usable, in their order.
 */
#include "net_up.h"
#include "rtnetlink.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step04_net_user/net_user.h"

int net_up(const char *link, const char *address, const char *gateway)
{
	int result = -1, netlink = rtnl_open();

	if (netlink < 0)
		return -1;
	if (link_up(netlink, "lo") < 0)
		goto bad;
	/* The route to a network is there only while a link that leads to it is up. */
	if (address_add(netlink, link, address) < 0 || link_up(netlink, link) < 0)
		goto bad;
	if (gateway && route_default(netlink, gateway) < 0)
		goto bad;
	result = 0;
bad:
	close_keeping_errno(netlink);
	return result;
}
