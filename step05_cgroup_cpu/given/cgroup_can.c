/*
 * cgroup_can.c: could we make a group with this controller? Looked up, not tried: a probe leaves no
 * trace.
 */
#define _GNU_SOURCE
#include "cgroup_can.h"
#include "cgroup_parent.h"
#include "step01_clone_pid/floor/host/facts.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>

static bool no(struct verdict *out, const char *reason, const char *remedy)
{
	out->yes = false;
	snprintf(out->reason, sizeof(out->reason), "%s", reason);
	snprintf(out->remedy, sizeof(out->remedy), "%s", remedy);
	return false;
}

static bool can_make(enum cgroup_controller controller, struct verdict *out)
{
	static struct cgroup_host host; /* large, and asked seven times */
	struct cgroup_parent parent;
	char reason[128];

	if (cgroup_find(AT_FDCWD, &host) < 0)
		return no(out, "/proc cannot be read", "mount -t proc proc /proc");
	if (host.layout == CGROUP_NONE)
		return no(out, "no cgroup file system is mounted here",
			  "mount -t cgroup2 none /sys/fs/cgroup");
	if (host.of[controller] < 0) {
		snprintf(reason, sizeof(reason),
			 "the controller %s is not mounted, or this kernel does not have it",
			 cgroup_controller_name(controller, 1));
		return no(out, reason, "cat /proc/cgroups shows what the kernel has");
	}
	if (cgroup_parent_find(&host, host.of[controller], CG(controller), &parent) < 0)
		return no(out, parent.reason, parent.remedy);
	out->yes = true;
	return true;
}

static bool can_cpu(struct verdict *out)
{
	return can_make(CG_CPU, out);
}

static bool can_memory(struct verdict *out)
{
	return can_make(CG_MEMORY, out);
}

static bool can_pids(struct verdict *out)
{
	return can_make(CG_PIDS, out);
}

static bool can_cpuset(struct verdict *out)
{
	return can_make(CG_CPUSET, out);
}

static bool can_io(struct verdict *out)
{
	return can_make(CG_IO, out);
}

static bool can_freeze(struct verdict *out)
{
	return can_make(CG_FREEZER, out);
}

static bool can_devices(struct verdict *out)
{
	/* On v1 the kernel asks for CAP_SYS_ADMIN at each write, on v2 bpf(2) does. */
	if (!facts_cap(host_facts(), CAP_SYS_ADMIN) || host_facts()->in_user_ns)
		return no(out,
			  "only root of the first user namespace may say which devices a group has",
			  "run it as root");
	return can_make(CG_DEVICES, out);
}

void cgroup_can_register(void)
{
	host_can_ask(CAN_CGROUP_CPU, can_cpu);
	host_can_ask(CAN_CGROUP_MEMORY, can_memory);
	host_can_ask(CAN_CGROUP_PIDS, can_pids);
	host_can_ask(CAN_CGROUP_CPUSET, can_cpuset);
	host_can_ask(CAN_CGROUP_IO, can_io);
	host_can_ask(CAN_CGROUP_FREEZE, can_freeze);
	host_can_ask(CAN_CGROUP_DEVICES, can_devices);
}
