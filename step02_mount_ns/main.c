/*
 * Step 2: a view of the files of its own.
 *
 * CLONE_NEWNS gives the child a copy of the mount table. Cut off from the host,
 * with a /proc of its own and another root, it sees another system. Explained in
 * lessons/02_mount_ns; mount_namespaces(7), pivot_root(2).
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/run.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step02_mount_ns/given/abilities.h"
#include "step02_mount_ns/given/register.h"
#include "step02_mount_ns/scenes/scenes.h"

static const struct scene scenes[] = {
	{
		.name = "own-proc",
		.claim = "With a /proc of its own, ps shows only its own.",
		.by_hand = "unshare -Urpf --mount-proc ps -e",
		.shows = "^ +1 ",
		.needs = CAN(CAN_PID_NS) | CAN(CAN_MOUNT_NS) | CAN(CAN_MOUNT_PROC),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_own_proc,
		.ask = "PID 1 of a new PID namespace mounts proc on /proc. What does ps list?",
		.choices = { "nothing", "all of the host's processes", "PID 1 and its children" },
		.answer = 2,
		.breaks = { { "own-proc", "Without it, ps still lists the host's.",
			      "mount(\"proc\", \"/proc\", \"proc\", ...), by PID 1 of the "
			      "container" } },
	},
	{
		.name = "propagation",
		.claim = "A shared mount leaks; MS_REC | MS_PRIVATE stops it.",
		.by_hand = "unshare -Urm sh -c 'mount -t tmpfs d /mnt; mount --make-shared /mnt; "
			   "mkdir /mnt/a; "
			   "unshare -m --propagation unchanged mount -t tmpfs leak /mnt/a; grep "
			   "leak /proc/mounts'",
		.shows = "^leak /mnt/a",
		.needs = CAN(CAN_MOUNT_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_propagation,
		.ask = "In a new mount namespace somebody mounts a tmpfs. Does the host see it?",
		.choices = { "yes, if the mount above it is shared",
			     "never: that is what the namespace is for" },
		.answer = 0,
		.breaks = { { "propagation", "Without MS_PRIVATE the host gets the mount.",
			      "mount(NULL, \"/\", NULL, MS_REC | MS_PRIVATE, NULL)" } },
	},
	{
		.name = "chroot-escape",
		.claim = "A chroot can be left, pivot_root cannot.",
		.by_hand = "unshare -Urm sh -c 'mount -t tmpfs jail /mnt; perl -e \"chroot "
			   "q(/mnt); chdir q(/); "
			   "mkdir q(x); chroot q(x); chdir q(..) for 1..64; chroot q(.); exec "
			   "q(ls), q(/)\"'",
		.shows = "^(usr|bin)$",
		.needs = CAN(CAN_MOUNT_NS) | CAN(CAN_PIVOT_ROOT),
		.seconds = 1,
		.flags = SCENE_CORE | SCENE_ATTACK,
		.play = scene_chroot_escape,
		.ask = "Root in a chroot calls chroot again. Can it get out?",
		.choices = { "no: / is the jail", "yes, but only out of a chroot",
			     "yes, also behind pivot_root" },
		.answer = 1,
		.breaks = { { "pivot", "With chroot alone it gets out.",
			      "pivot_root(\".\", \".\"): chroot(2) has to do" } },
	},
	{
		.name = "pivot-root",
		.claim = "Another root on the same kernel; the old one is gone.",
		.by_hand = "unshare -Urm sh -c 'mount -t tmpfs new /mnt && mkdir /mnt/old && cd "
			   "/mnt && "
			   "PATH=$PATH:/sbin pivot_root . old && cd / && echo *'",
		.shows = "^old$",
		.needs = CAN(CAN_PID_NS) | CAN(CAN_MOUNT_NS) | CAN(CAN_MOUNT_PROC) |
			 CAN(CAN_PIVOT_ROOT) | CAN(CAN_BUSYBOX),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_pivot_root,
		.ask = "A container has another root file system. What does uname -r say in it?",
		.choices = { "nothing: it has none", "the release of its own system's kernel",
			     "the host's" },
		.answer = 2,
		.breaks = { { "pivot-root", "Without it the old root is still in use.",
			      "pivot_root(\".\", \".\") and umount2(\".\", MNT_DETACH)" } },
	},
	{
		.name = "join",
		.claim = "setns walks into a running container: docker exec.",
		.by_hand = "unshare -Urpf --mount-proc --kill-child sleep 9 & sleep 1; "
			   "nsenter -t $(pgrep -P $!) --preserve-credentials -U -m -p ps -e; "
			   "kill $!",
		.shows = "^ +1 .*sleep",
		.needs = CAN(CAN_PID_NS) | CAN(CAN_MOUNT_NS) | CAN(CAN_MOUNT_PROC),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_join,
		.ask = "A process joins a container by setns and forks. Which PID has its child "
		       "inside?",
		.choices = { "1", "2: the next free one", "the one that it has outside" },
		.answer = 1,
		.breaks = { { "links-first", "Opened one by one, the second link is not found.",
			      "the order: open every link, and only then enter the first" } },
	},
	{
		.name = "private-mount",
		.claim = "What a container mounts, only the container has.",
		.by_hand = "unshare -Urm sh -c 'mount -t tmpfs own /mnt; grep /mnt /proc/mounts'; "
			   "grep -c ^own /proc/mounts",
		.shows = "^own /mnt",
		.needs = CAN(CAN_MOUNT_NS),
		.seconds = 1,
		.play = scene_private_mount,
		.ask = "The container mounts on DIR and writes DIR/note. What does the host find "
		       "in DIR?",
		.choices = { "nothing", "the note" },
		.answer = 0,
		.breaks = { { "newns", "Without CLONE_NEWNS the host has it too.",
			      "CLONE_NEWNS, in the container's clone(2)" } },
	},
	{
		.name = "mountinfo",
		.claim = "Eleven fields of a line tell all about a mount.",
		.by_hand = "head -n 1 /proc/self/mountinfo",
		.shows = "^[0-9]+ [0-9]+ [0-9]+:[0-9]+ /[^ ]* /.* - ",
		.needs = CAN(CAN_MOUNT_NS),
		.seconds = 1,
		.play = scene_mountinfo,
	},
	{ 0 },
};

int main(int argc, char **argv)
{
	static const struct demo demo = {
		.step = 2,
		.name = "step02_mount_ns",
		.title = "a view of the files of its own",
		.scenes = scenes,
		.run = step02_run,
	};
	step02_register();
	return demo_main(argc, argv, &demo);
}
