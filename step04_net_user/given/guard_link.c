/*
 * guard_link.c: how the guard deletes a link.
 */
#define _GNU_SOURCE
#include "guard_link.h"
#include "rtnetlink.h"
#include "step01_clone_pid/floor/demo/guard.h"

#include <linux/if_link.h>
#include <unistd.h>

static void delete_link(const char *name)
{
	struct ifinfomsg link = { 0 };
	struct rtnl_request request;
	int netlink = rtnl_open();

	if (netlink < 0)
		return;
	rtnl_begin(&request, RTM_DELLINK, 0, &link, sizeof(link));
	rtnl_put_text(&request, IFLA_IFNAME, name);
	rtnl_ask(netlink, &request); /* ENODEV: it went with its namespace, as it mostly does */
	close(netlink);
}

int guard_link(const char *name)
{
	static const struct guard_kind link = { .undo = delete_link };

	return guard_enter(&link, name);
}
