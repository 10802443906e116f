/*
 * abilities.c: links, ranges of ids, and the clock of this host.
 */
#define _GNU_SOURCE
#include "abilities.h"
#include "rtnetlink.h"
#include "sub_ids.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/host/facts.h"

#include <linux/if_link.h>
#include <sched.h>
#include <unistd.h>

/* A link of that kind, by a name that the kernel makes up, in a namespace that goes with us. */
static int make_link(const char *kind)
{
	struct ifinfomsg link = { 0 };
	struct rtnl_request request;

	if (probe_namespaces(CLONE_NEWNET) < 0)
		return -1;
	int netlink = rtnl_open();
	if (netlink < 0)
		return -1;
	rtnl_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
	struct rtattr *info = rtnl_nest(&request, IFLA_LINKINFO, NULL, 0);
	rtnl_put_text(&request, IFLA_INFO_KIND, kind);
	rtnl_nest_end(&request, info);
	if (rtnl_ask(netlink, &request) == 0)
		return 0;
	sys_failure_set(errno, "RTM_NEWLINK", kind, NULL, NULL);
	return -1;
}

static int try_veth(int unused)
{
	(void)unused;
	return make_link("veth");
}

static int try_bridge(int unused)
{
	(void)unused;
	return make_link("bridge");
}

static bool judge_sub_ids(int unused, struct verdict *out)
{
	struct sub_range range;

	(void)unused;
	if (host_facts_of(FACTS_SELF)->in_user_ns)
		return verdict_no(out, "newuidmap does not work from inside a user namespace.",
				  "Run it on the host.");
	if (!sub_ids_installed())
		return verdict_no(
			out, "newuidmap and newgidmap are not installed.",
			"Install the package uidmap (Debian, Ubuntu) or shadow-utils (Fedora).");
	if (sub_ids_read("/etc/subuid", geteuid(), &range, 1) <= 0 ||
	    sub_ids_read("/etc/subgid", geteuid(), &range, 1) <= 0)
		return verdict_no(out, "This user has no range in /etc/subuid and /etc/subgid.",
				  "sudo usermod --add-subuids 100000-165535 --add-subgids "
				  "100000-165535 $USER");
	return verdict_yes(out);
}

static bool judge_clock(int unused, struct verdict *out)
{
	(void)unused;
	if (!host_is_guest())
		return verdict_no(out, "The clock of a host in use is left alone.",
				  "Run it in a guest: tests/guest.");
	return host_can(CAN_HOST_ROOT, out);
}

void step04_abilities(void)
{
	static const struct ability list[] = {
		{ CAN_SUB_IDS, "sub_ids", "subordinate ids", .judge = judge_sub_ids },
		{ CAN_VETH, "veth", "veth pair", .try = try_veth },
		{ CAN_BRIDGE, "bridge", "bridge", .try = try_bridge },
		{ CAN_SET_CLOCK, "set_clock", "setting the clock", .judge = judge_clock },
	};

	host_can_register(list, sizeof(list) / sizeof(*list));
}
