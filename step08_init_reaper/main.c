/*
 * Step 8: the first process, as it should be.
 *
 * PID 1 inherits every orphan, hears no signal that it has not asked for, and takes
 * everybody with it when it ends. A small init does what that demands. Explained in
 * lessons/08_init_reaper; pid_namespaces(7), signal(7), wait(2).
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/run.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step06_overlay_rootfs/given/abilities.h"
#include "step08_init_reaper/scenes/orphans.h"
#include "step08_init_reaper/given/register.h"
#include "step08_init_reaper/scenes/scenes.h"

static const struct scene scenes[] = {
	{
		.name = "zombie",
		.claim = "The dead stay until their parent asks.",
		.by_hand =
			"sh -c 'sleep .1 & exec sleep 3' & sleep 1; ps -o pid,stat,rss --ppid $!",
		.shows = "Z +0$",
		.needs = CAN(CAN_PID_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_zombie,
		.ask = "An ended child, a parent that does not wait: kill -9 the child?",
		.choices = { "it removes it", "nothing", "it is refused: no such process" },
		.answer = 1,
	},
	{
		.name = "orphan",
		.claim = "An orphan's new parent is PID 1 of its own namespace.",
		.by_hand = "unshare -Urpf --mount-proc sh -c '(sleep 9 &); sleep 1; ps -eo "
			   "ppid,comm'",
		.shows = "^ +1 sleep",
		.needs = CAN(CAN_PID_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_orphan,
		.ask = "A container's process loses its parent. Who gets it?",
		.choices = { "the container's PID 1", "nobody", "the host's init" },
		.answer = 0,
		.breaks = { { "newpid", "Without CLONE_NEWPID somebody outside gets it.",
			      "CLONE_NEWPID, in the first process's clone(2)" } },
	},
	{
		.name = "reaper",
		.claim = "10,000 orphans under our init, and not one zombie.",
		.by_hand =
			"unshare -Urpf --mount-proc bash -c 'for i in {1..500}; do (true &); done; "
			"sleep 1; ps -eo stat | grep -c Z'",
		.shows = "^0$",
		.needs = CAN(CAN_PID_NS),
		.seconds = 6,
		.flags = SCENE_CORE,
		.play = scene_reaper,
		.ask = "100 children end at the same moment. How many SIGCHLD come?",
		.choices = { "none", "100", "1 or a few" },
		.answer = 2,
		.breaks = { { "loop", "With one wait a signal, most stay zombies.",
			      "the \"while\" around waitpid(-1, ...): one wait for each "
			      "SIGCHLD" } },
	},
	{
		.name = "signals",
		.claim = "TERM to a bare PID 1 does nothing; under init it arrives.",
		.by_hand = "unshare -Urpf sleep 3 & sleep 1; kill $(ps -o pid= --ppid $!); wait "
			   "$!; echo status $?",
		.shows = "^status 0$",
		.needs = CAN(CAN_PID_NS),
		.seconds = 2,
		.flags = SCENE_CORE,
		.play = scene_signals,
		.ask = "The host's root sends TERM to a PID 1 without a handler for it.",
		.choices = { "nothing happens", "the kernel refuses the kill", "it ends" },
		.answer = 0,
		.breaks = { { "mask", "Who inherits init's blocked mask hears no TERM.",
			      "sigprocmask(SIG_SETMASK, &before, NULL), in init's child" } },
	},
	{
		.name = "pod",
		.claim = "A pod is a set of namespaces, and a process that does nothing.",
		.by_hand = "unshare -Urn sh -c 'ip l set lo up; sleep 1& nsenter -t$! -n ip a'",
		.shows = "127.0.0.1",
		.needs = CAN(CAN_PID_NS) | CAN(CAN_NET_NS) | CAN(CAN_IPC_NS) | CAN(CAN_UTS_NS) |
			 CAN(CAN_SYSV_IPC),
		.seconds = 2,
		.flags = SCENE_CORE,
		.play = scene_pod,
		.ask = "Two containers, one net namespace: can they meet on 127.0.0.1?",
		.choices = { "no, each has its own localhost", "yes" },
		.answer = 1,
		.breaks = { { "join", "Who does not join has a localhost of its own.",
			      "setns(2) into the pod's network namespace, by the client" } },
	},
	{
		.name = "subreaper",
		.claim = "One prctl, and a process adopts orphans as PID 1 does.",
		.by_hand = "sh -c 'sleep 1 >&2 & echo $!' | xargs ps -o ppid,comm -p",
		.shows = "sleep",
		.needs = 0,
		.seconds = 1,
		.play = scene_subreaper,
		.breaks = { { "prctl", "Without it the orphan passes by, further up.",
			      "prctl(PR_SET_CHILD_SUBREAPER, 1)" } },
	},
	{
		.name = "sigchld",
		.claim = "SIGCHLD is one bit: somebody died. Not how many.",
		.by_hand = "sh -c 'trap \"n=\\$((n+1))\" CHLD; for i in 1 2 3 4 5 6; do true & "
			   "done; sleep .3; "
			   "echo $n signals'",
		.shows = "^[1-5]? ?signals",
		.needs = 0,
		.seconds = 1,
		.play = scene_sigchld,
		.ask = "20 children die while SIGCHLD is blocked. How many come after?",
		.choices = { "0", "20", "1" },
		.answer = 2,
	},
	{
		.name = "pid-table-full",
		.claim = "A fork bomb stops at its lowest limit.",
		.by_hand = "grep processes /proc/self/limits; cat /proc/sys/kernel/pid_max; "
			   "unshare -Urpf cat /proc/sys/kernel/pid_max",
		.shows = "^Max processes .* processes[[:space:]]+[0-9]+[[:space:]]+[0-9]+$",
		.needs = CAN(CAN_PID_NS),
		.seconds = 3,
		.flags = SCENE_ATTACK,
		.play = scene_pid_table_full,
		.ask = "No PID slot is left in there. What does its shell say to `ls`?",
		.choices = { "a list of files", "Cannot fork", "nothing: it hangs" },
		.answer = 1,
		.breaks = { { "limit", "Without it, only we stop the bomb.",
			      "the write of 24 to pids.max (where no group is ours: ulimit -u)" } },
	},
	{
		.name = "states",
		.claim = "Six letters of ps, made one by one; and D counts as load.",
		.by_hand = "sleep 1 & kill -STOP $!; ps -o stat= -p $!; kill -CONT $!",
		.shows = "^T",
		.needs = 0,
		.seconds = 12,
		.play = scene_states,
		.ask = "60 processes wait in D and use no CPU. The load average?",
		.choices = { "it rises", "it falls", "nothing" },
		.answer = 0,
	},
	{
		.name = "same-life",
		.claim = "One life, if the app stays in the foreground.",
		.by_hand = "unshare -Urpf sh -c 'sh -c \"exit 3\" & sleep .5; echo PID 1 lives'; "
			   "echo status $?",
		.shows = "^status 0$",
		.needs = CAN(CAN_PID_NS),
		.seconds = 1,
		.play = scene_same_life,
	},
	{ 0 },
};

int main(int argc, char **argv)
{
	static const struct demo demo = {
		.step = 8,
		.name = "step08_init_reaper",
		.title = "the first process, as it should be",
		.scenes = scenes,
		.run = step08_run,
		.command = init_command,
		.command_help = "  init CMD...      CMD below our init alone, without a container\n"
				"  orphans N        make N orphans, for a bench of inits\n",
	};
	step08_register();
	return demo_main(argc, argv, &demo);
}
