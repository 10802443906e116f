/*
 * Step 1: the PID-1 illusion.
 *
 * One clone(2) with CLONE_NEWPID, and a process believes that it is the first
 * on its machine. Explained in lessons/01_clone_pid; pid_namespaces(7).
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/run.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step01_clone_pid/scenes/scenes.h"

static const struct scene scenes[] = {
	{
		.name = "pid-one",
		.claim = "One process, two numbers.",
		.by_hand = "unshare -Urpf sh -c 'echo $$'",
		.shows = "^1$",
		.needs = CAN(CAN_PID_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_pid_one,
		.ask = "The child asks for its own PID. What does it get?",
		.choices = { "1", "0", "the number that its parent knows" },
		.answer = 0,
		.breaks = { { "stack",
			      "Given the stack's *size* for its top, clone kills the caller.",
			      "stack +, in stack + STACK_SIZE: clone gets a size for its top" } },
	},
	{
		.name = "half-an-illusion",
		.claim = "PID 1 still sees every process of the host in /proc.",
		.by_hand = "unshare -Urpf readlink /proc/self",
		.shows = "^[0-9]{2,}",
		.needs = CAN(CAN_PID_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_half_an_illusion,
		.ask = "PID 1 of a fresh PID namespace lists /proc. How many processes does it "
		       "see?",
		.choices = { "none", "one: itself", "all of the host's" },
		.answer = 2,
	},
	{
		.name = "unshare-setns",
		.claim = "The caller of unshare never moves; its next child does.",
		.by_hand = "unshare -Urp sh -c 'readlink /proc/$$/ns/pid*'",
		.shows = "pid:\\[",
		.needs = CAN(CAN_PID_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_unshare_setns,
		.ask = "A process calls unshare(CLONE_NEWPID). What is its own PID now?",
		.choices = { "what it was", "1" },
		.answer = 0,
	},
	{
		.name = "init-dies",
		.claim = "When PID 1 dies, everybody dies, and nobody can be born.",
		.by_hand = "unshare -Urp sh -c 'sleep 9 & kill -9 $!; wait; ls'",
		.shows = "annot (fork|allocate)",
		.needs = CAN(CAN_PID_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_init_dies,
		.ask = "PID 1 of a namespace is killed. What about its five other processes?",
		.choices = { "they go on, adopted by the host's init", "they die with it" },
		.answer = 1,
	},
	{
		.name = "one-process",
		.claim = "The host sees, signals and kills the same process by its other number.",
		.by_hand = "unshare -Urpf sh -c 'grep -E \"^(PPid|NSpid)\" /proc/self/status; kill "
			   "-s 0 $$ && echo reached'",
		.shows = "NSpid:.*[0-9]+.*[0-9]+",
		.needs = CAN(CAN_PID_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_one_process,
	},
	{
		.name = "signal-the-host",
		.claim = "From inside, the host's numbers do not exist: no signal gets out.",
		.by_hand = "unshare -Urpf sh -c 'kill -0 '$$",
		.shows = "o such process",
		.needs = CAN(CAN_PID_NS),
		.seconds = 1,
		.flags = SCENE_ATTACK,
		.play = scene_signal_the_host,
		.breaks = { { "newpid",
			      "Without CLONE_NEWPID the same kill(2) hits the host's process.",
			      "CLONE_NEWPID, in the attacker's clone(2)" } },
	},
	{
		.name = "program",
		.claim = "A program is a file; a process is what the kernel keeps while it runs.",
		.by_hand = "sleep 1 & ls -l /proc/$!/exe",
		.shows = "exe -> ",
		.needs = CAN(CAN_PTRACE),
		.seconds = 1,
		.play = scene_program,
	},
	{
		.name = "nested",
		.claim = "Two namespaces deep, one process has three numbers.",
		.by_hand = "unshare -Urpf unshare -pf grep NSpid /proc/self/status",
		.shows = "NSpid:.*[0-9]+.*[0-9]+.*[0-9]+",
		.needs = CAN(CAN_PID_NS),
		.seconds = 1,
		.play = scene_nested,
		.ask = "A container runs inside a container. How many numbers has its process?",
		.choices = { "one", "two", "three" },
		.answer = 2,
	},
	{
		.name = "same-kernel",
		.claim = "A container boots nothing: it runs on the host's kernel.",
		.by_hand = "uname -r; unshare -Urpf uname -r",
		.shows = "^[0-9]",
		.needs = CAN(CAN_PID_NS),
		.seconds = 3,
		.play = scene_same_kernel,
	},
	{ 0 },
};

int main(int argc, char **argv)
{
	static const struct demo demo = {
		.step = 1,
		.name = "step01_clone_pid",
		.title = "the PID-1 illusion",
		.scenes = scenes,
		.run = step01_run,
	};
	return demo_main(argc, argv, &demo);
}
