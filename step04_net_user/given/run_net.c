/*
 * run_net.c: ids and a network for `-- CMD`.
 */
#define _GNU_SOURCE
#include "run_net.h"
#include "guard_link.h"
#include "links.h"
#include "net_up.h"
#include "step04_net_user/net_user.h"
#include "rtnetlink.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int run_map_ids(struct run *run)
{
	bool root = facts_cap(host_facts_of(FACTS_SELF), CAP_SETUID) &&
		    facts_cap(host_facts_of(FACTS_SELF), CAP_SETGID) && run->uid == 0 &&
		    !host_facts_of(FACTS_SELF)->in_user_ns;
	struct id_map uid = { 0, run->uid, root ? 65536 : 1 },
		      gid = { 0, run->gid, root ? 65536 : 1 };
	struct id_maps maps = {
		.uid = &uid, .gid = &gid, .uids = 1, .gids = 1, .deny_setgroups = !root
	};
	int procfd = proc_open();

	if (procfd < 0)
		return -1;
	int result = -1;
	if (proc_shows(procfd, run->child.pid, run->child.pidfd))
		result = id_maps_write(procfd, run->child.pid, &maps);
	else
		sys_failure_set(errno, "proc_shows", "/proc/self/fdinfo/PIDFD", NULL, NULL);
	close_keeping_errno(procfd);
	/* Only now: without ids the child is 65534, and so are the files that it makes. */
	return result < 0 ? -1 : stage_reach(&run->stages, STAGE_MAPPED);
}

int run_take_ids(struct run *run)
{
	if (stage_await(&run->stages, STAGE_MAPPED, -1, -1) < 0)
		return -1;
	facts_forget(); /* they were those of the old ids */
	return id_become(0, 0);
}

/* Both sides make the same of the token: a /30, its first address for the host and its second for
 * the container. */
struct addresses {
	char link[IF_NAMESIZE], host[24], container[24], gateway[24];
};

static void plan(struct addresses *plan)
{
	unsigned net = (unsigned)strtoul(guard_token(), NULL, 36) & 0x7fff; /* 32768 nets of four */
	unsigned high = 18 + (net >> 14), middle = (net >> 6) & 255, low = (net & 63) * 4;

	snprintf(plan->link, sizeof(plan->link), "mb%.12s", guard_token());
	snprintf(plan->host, sizeof(plan->host), "198.%u.%u.%u/30", high, middle, low + 1);
	snprintf(plan->container, sizeof(plan->container), "198.%u.%u.%u/30", high, middle,
		 low + 2);
	snprintf(plan->gateway, sizeof(plan->gateway), "198.%u.%u.%u", high, middle, low + 1);
}

static int lay_cable(int netlink, pid_t pid)
{
	struct addresses addresses = { 0 };
	char path[40];
	int netns;

	plan(&addresses);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	if ((netns = SYS(open(path, O_RDONLY | O_CLOEXEC), path)) < 0)
		return -1;
	int slot = guard_link(addresses.link);
	int result = veth_into(netlink, addresses.link, "eth0", netns);
	close_keeping_errno(netns);
	if (result < 0 && errno == EOPNOTSUPP) {
		sys_failure_clear(); /* a kernel without veth: lo is what there is */
		guard_forget(slot);
		return 0;
	}
	if (result < 0 || address_add(netlink, addresses.link, addresses.host) < 0)
		return -1;
	return link_up(netlink, addresses.link);
}

int run_link(struct run *run)
{
	int result = 0;

	if (run->uid == 0 && !host_facts_of(FACTS_SELF)->in_user_ns &&
	    facts_cap(host_facts_of(FACTS_SELF), CAP_NET_ADMIN)) {
		int netlink = rtnl_open();
		if (netlink < 0)
			return -1;
		result = lay_cable(netlink, run->child.pid);
		close_keeping_errno(netlink);
	}
	return result < 0 ? -1 : stage_reach(&run->stages, STAGE_LINKED);
}

int run_net_up(struct run *run)
{
	struct addresses addresses = { 0 };
	struct link link;

	if (stage_await(&run->stages, STAGE_LINKED, -1, -1) < 0)
		return -1;
	int netlink = rtnl_open();
	if (netlink < 0)
		return -1;
	plan(&addresses);
	int result = link_read(netlink, "eth0", &link) == 0
			     ? net_up("eth0", addresses.container, addresses.gateway)
			     : link_up(netlink, "lo"); /* no cable was laid */
	close_keeping_errno(netlink);
	return result;
}
