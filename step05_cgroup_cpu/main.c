/*
 * Step 5: control groups. Namespaces say what a process sees; a group says how much it gets.
 *
 * Explained in lessons/05_cgroup_cpu; cgroups(7), cgroup_namespaces(7).
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/run.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step05_cgroup_cpu/given/abilities.h"
#include "step05_cgroup_cpu/scenes/hand.h"
#include "step05_cgroup_cpu/given/register.h"
#include "step05_cgroup_cpu/scenes/scenes.h"
#include "step05_cgroup_cpu/scenes/watch.h"

static struct scene scenes[] = {
	{
		.name = "quota",
		.claim = "A running loop falls from 100 % to 20 % of a CPU.",
		.needs = CAN(CAN_CGROUP_CPU),
		.seconds = 5,
		.flags = SCENE_CORE,
		.play = scene_quota,
		.ask = "A quota is set while the loop runs. What must the loop do?",
		.choices = { "start again", "ask for less", "nothing: it is slower from now on" },
		.answer = 2,
		.breaks = { { "quota",
			      "Without a quota the group only counts: the loop stays fast.",
			      "the write of 20000 to cpu.cfs_quota_us (v2: to cpu.max)" },
			    { "join", "A limited group limits nobody who is not in it.",
			      "the write of the PID to cgroup.procs" } },
	},
	{
		.name = "shares",
		.claim = "Shares divide a CPU 2 to 1, while somebody competes.",
		.needs = CAN(CAN_CGROUP_CPU),
		.seconds = 5,
		.flags = SCENE_CORE,
		.play = scene_shares,
		.ask = "Two loops, 2 to 1. The strong one ends. The weak one gets?",
		.choices = { "its third, as before", "all of it" },
		.answer = 1,
		.breaks = { { "shares", "Without weights two groups get the same.",
			      "the writes to cpu.shares (v2: to cpu.weight)" } },
	},
	{
		.name = "memory",
		.claim = "At its memory limit the hog is killed, and nobody else.",
		.needs = CAN(CAN_CGROUP_MEMORY),
		.seconds = 2,
		.flags = SCENE_CORE,
		.play = scene_memory,
		.ask = "A process in a group of 32 MiB touches 64. What happens?",
		.choices = { "it is killed", "its neighbours are swapped out",
			     "malloc returns NULL" },
		.answer = 0,
		.breaks = { { "limit", "Without a limit the hog takes what it wants.",
			      "the write of 32M to memory.limit_in_bytes (v2: to memory.max)" } },
	},
	{
		.name = "hierarchy",
		.claim = "A child group cannot have more than its parent.",
		.needs = CAN(CAN_CGROUP_CPU),
		.seconds = 3,
		.flags = SCENE_CORE,
		.play = scene_hierarchy,
		.breaks = { { "outer",
			      "Without a limit above it, the inner group gets what it can.",
			      "the writes to cpu.cfs_quota_us (v2: cpu.max), outer's and "
			      "inner's" } },
	},
	{
		.name = "proc-leak",
		.claim = "In 64 MiB and 0.2 CPUs, /proc still tells of the host's.",
		.needs = CAN(CAN_CGROUP_CPU) | CAN(CAN_CGROUP_MEMORY) | CAN(CAN_MOUNT_PROC),
		.seconds = 3,
		.flags = SCENE_CORE,
		.play = scene_proc_leak,
		.ask = "The limit is 64 MiB. What total does `free` show inside?",
		.choices = { "64 MiB", "the host's memory" },
		.answer = 1,
	},
	{
		.name = "subsystems",
		.claim = "Controllers are files: mkdir makes them appear.",
		.needs = CAN(CAN_CGROUP_CPU),
		.seconds = 1,
		.play = scene_subsystems,
	},
	{
		.name = "pids",
		.claim = "A fork bomb stands still at pids.max.",
		.needs = CAN(CAN_CGROUP_PIDS),
		.seconds = 2,
		.flags = SCENE_ATTACK,
		.play = scene_pids,
		.ask = "A fork bomb under pids.max 16: how many processes?",
		.choices = { "16", "as many as pid_max", "none, it is killed" },
		.answer = 0,
		.breaks = { { "pids", "Without pids.max it grows until it stops by itself.",
			      "the write of 16 to pids.max" } },
	},
	{
		.name = "cpuset",
		.claim = "A cpuset says which CPUs, and no taskset leads out.",
		.needs = CAN(CAN_CGROUP_CPUSET),
		.seconds = 2,
		.play = scene_cpuset,
		.breaks = { { "cpus", "Without cpuset.cpus every CPU is open.",
			      "the write of one CPU to cpuset.cpus" } },
	},
	{
		.name = "io",
		.claim = "1 MiB/s means 1 MiB/s, on this disk, for this group.",
		.needs = CAN(CAN_CGROUP_IO) | CAN(CAN_LOOP),
		.seconds = 5,
		.play = scene_io,
		.breaks = { { "io", "Without io.max one writer takes the whole disk.",
			      "the write to blkio.throttle.write_bps_device (v2: to io.max)" } },
	},
	{
		.name = "freezer",
		.claim = "A frozen group does not run one tick, and does not notice.",
		.needs = CAN(CAN_CGROUP_FREEZE),
		.seconds = 3,
		.play = scene_freezer,
		.ask = "A frozen process is sent SIGKILL. When does it die?",
		.choices = { "at once", "when it is thawed", "v1: when thawed; v2: at once" },
		.answer = 2,
		.breaks = { { "freeze", "Without the write it runs on.",
			      "the write of FROZEN to freezer.state (v2: 1 to cgroup.freeze)" } },
	},
	{
		.name = "devices",
		.claim = "Root may mknod; which nodes work for it, its group says.",
		.needs = CAN(CAN_CGROUP_DEVICES),
		.seconds = 1,
		.play = scene_devices,
		.breaks = { { "rules", "Without rules every device node works.",
			      "the writes to devices.deny and devices.allow (v2: a BPF "
			      "program)" } },
	},
	{
		.name = "accounting",
		.claim = "A group counts what was used, also by the dead.",
		.needs = CAN(CAN_CGROUP_CPU),
		.seconds = 3,
		.play = scene_accounting,
	},
	{
		.name = "cgroup-ns",
		.claim = "The namespace's root is its maker's group: join first.",
		.needs = CAN(CAN_CGROUP_CPU) | CAN(CAN_CGROUP_NS),
		.seconds = 1,
		.play = scene_cgroup_ns,
	},
	{
		.name = "proc-fixed",
		.claim = "Files bound over /proc mend what reads files, no more.",
		.needs = CAN(CAN_CGROUP_CPU) | CAN(CAN_CGROUP_MEMORY) | CAN(CAN_MOUNT_PROC),
		.seconds = 3,
		.play = scene_proc_fixed,
	},
	{ 0 },
};

static void prepare(void)
{
	hand_lines(scenes);
}

int main(int argc, char **argv)
{
	static const struct demo demo = {
		.step = 5,
		.name = "step05_cgroup_cpu",
		.title = "how much of the machine",
		.scenes = scenes,
		.run = step05_run,
		.command = watch_command,
		.command_help = "  --watch PID [SECONDS]   the live bar for any process\n",
		.prepare = prepare,
	};
	step05_register();
	return demo_main(argc, argv, &demo);
}
