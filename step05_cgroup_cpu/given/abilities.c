/*
 * abilities.c: could we make a group with this controller? Looked up, not tried: a probe leaves no
 * trace.
 */
#define _GNU_SOURCE
#include "abilities.h"
#include "cgroup_parent.h"
#include "step01_clone_pid/floor/host/facts.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <unistd.h>

/* Could a group with this controller be made? */
static bool judge_controller(int controller, struct verdict *out)
{
	static struct cgroup_host host; /* large, and asked seven times */
	struct cgroup_parent parent;
	char reason[128];

	if (cgroup_find(AT_FDCWD, &host) < 0)
		return verdict_no(out, "/proc cannot be read", "mount -t proc proc /proc");
	if (host.layout == CGROUP_NONE)
		return verdict_no(out, "no cgroup file system is mounted here",
				  "mount -t cgroup2 none /sys/fs/cgroup");
	if (host.of[controller] < 0) {
		snprintf(reason, sizeof(reason),
			 "the controller %s is not mounted, or this kernel does not have it",
			 cgroup_controller_name((enum cgroup_controller)controller, 1));
		return verdict_no(out, reason, "cat /proc/cgroups shows what the kernel has");
	}
	if (cgroup_parent_find(&host, host.of[controller], CG(controller), &parent) < 0)
		return verdict_no(out, parent.reason, parent.remedy);
	return verdict_yes(out);
}

static bool judge_devices(int controller, struct verdict *out)
{
	const struct host_facts *self = host_facts_of(FACTS_SELF);

	/* On v1 the kernel asks for CAP_SYS_ADMIN at each write, on v2 bpf(2) does. */
	if (!facts_cap(self, CAP_SYS_ADMIN) || self->in_user_ns)
		return verdict_no(
			out,
			"only root of the first user namespace may say which devices a group has",
			"run it as root");
	return judge_controller(controller, out);
}

static bool judge_loop(int unused, struct verdict *out)
{
	(void)unused;
	if (!host_can(CAN_HOST_ROOT, out))
		return false;
	if (access("/dev/loop-control", R_OK | W_OK) < 0)
		return verdict_no(out, "There is no /dev/loop-control.", "sudo modprobe loop");
	return verdict_yes(out);
}

/* clang-format off */
#define CONTROLLER(number, name, judge_it, controller) \
	{ number, "cgroup_" name, "cgroup: " name, .judge = judge_it, .arg = controller }
/* clang-format on */

void step05_abilities(void)
{
	static const struct ability list[] = {
		CONTROLLER(CAN_CGROUP_CPU, "cpu", judge_controller, CG_CPU),
		CONTROLLER(CAN_CGROUP_MEMORY, "memory", judge_controller, CG_MEMORY),
		CONTROLLER(CAN_CGROUP_PIDS, "pids", judge_controller, CG_PIDS),
		CONTROLLER(CAN_CGROUP_CPUSET, "cpuset", judge_controller, CG_CPUSET),
		CONTROLLER(CAN_CGROUP_IO, "io", judge_controller, CG_IO),
		{ CAN_CGROUP_FREEZE, "cgroup_freeze", "cgroup: freezer", .judge = judge_controller,
		  .arg = CG_FREEZER },
		CONTROLLER(CAN_CGROUP_DEVICES, "devices", judge_devices, CG_DEVICES),
		{ CAN_LOOP, "loop", "loop device", .judge = judge_loop },
	};

	host_can_register(list, sizeof(list) / sizeof(*list));
}
