/*
 * Step 3: a name of one's own, and nobody else's keys.
 *
 * Two namespaces more: UTS, the two names that uname(2) gives, and IPC, the objects that
 * are found by a key or a queue's name. Explained in lessons/03_uts_ipc;
 * uts_namespaces(7), ipc_namespaces(7).
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/run.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step03_uts_ipc/given/abilities.h"
#include "step03_uts_ipc/given/register.h"
#include "step03_uts_ipc/scenes/scenes.h"

static const struct scene scenes[] = {
	{
		.name = "hostname",
		.claim = "A container renames itself, and the host keeps its name.",
		.by_hand = "unshare -Uru sh -c 'hostname box; uname -n'; uname -n",
		.shows = "^box$",
		.needs = CAN(CAN_UTS_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_hostname,
		.ask = "Root in a UTS namespace calls sethostname(2). Who is renamed?",
		.choices = { "the container alone", "nobody: it is not allowed",
			     "the host and all its containers" },
		.answer = 0,
		.breaks = { { "newuts", "Without CLONE_NEWUTS it renames the host.",
			      "CLONE_NEWUTS, in the container's clone(2)" } },
	},
	{
		.name = "sysv-ipc",
		.claim = "The same key is another object, in all three kinds.",
		.by_hand = "unshare -Uri sh -c 'ipcmk -M 9; unshare -i ipcs -m | grep -c ^0x'",
		.shows = "^0$",
		.needs = CAN(CAN_IPC_NS) | CAN(CAN_SYSV_IPC),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_sysv_ipc,
		.ask = "A segment has key K. A new IPC namespace asks for K and gets?",
		.choices = { "permission denied", "nothing", "the same segment" },
		.answer = 1,
	},
	{
		.name = "ns-links",
		.claim = "A namespace is an inode: the same inode, the same world.",
		.by_hand = "for i in '' 'unshare -Uru'; do $i readlink /proc/self/ns/uts; done",
		.shows = "^uts:\\[[0-9]+\\]$",
		.needs = CAN(CAN_PID_NS) | CAN(CAN_MOUNT_NS) | CAN(CAN_UTS_NS) | CAN(CAN_IPC_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_ns_links,
		.ask = "clone: NEWPID, NEWNS, NEWUTS, NEWIPC. And net, user, cgroup?",
		.choices = { "the container has none", "new as well", "shared with the host" },
		.answer = 2,
	},
	{
		.name = "keep-alive",
		.claim = "A namespace lives as long as anything holds it.",
		.by_hand = "unshare -Urm sh -c 'mount -t tmpfs t /mnt; cd /mnt; >k; "
			   "unshare --uts=k hostname kept; nsenter --uts=k uname -n'",
		.shows = "^kept$",
		.needs = CAN(CAN_UTS_NS) | CAN(CAN_MOUNT_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_keep_alive,
		.ask = "The last process of a UTS namespace ends. What becomes of the name?",
		.choices = { "it is gone, always",
			     "it stays while a descriptor or a mount holds it" },
		.answer = 1,
		.breaks = { { "keep", "Unheld, it goes with its last process.",
			      "mount(\"/proc/PID/ns/uts\", file, NULL, MS_BIND, NULL)" } },
	},
	{
		.name = "shared-when-not-asked",
		.claim = "A neighbour's key opens nothing.",
		.by_hand = "unshare -Uri sh -c 'ipcmk -M 9; for i in u i; do "
			   "unshare -$i ipcs -m | grep -c ^0x; done'",
		.shows = "^0$",
		.needs = CAN(CAN_PID_NS) | CAN(CAN_IPC_NS) | CAN(CAN_SYSV_IPC),
		.seconds = 1,
		.flags = SCENE_ATTACK,
		.play = scene_shared_when_not_asked,
		.ask = "PID, mount and UTS are apart. So is shared memory?",
		.choices = { "only with CLONE_NEWIPC", "yes, they are memory" },
		.answer = 0,
		.breaks = { { "newipc", "The neighbour reads it.",
			      "CLONE_NEWIPC, in both containers' clone(2)" } },
	},
	{
		.name = "three-ways",
		.claim = "clone and unshare make a namespace; setns enters it.",
		.by_hand =
			"unshare -Uru sh -c 'exec 3</proc/self/ns/uts; readlink /proc/self/ns/uts; "
			"unshare -u nsenter --uts=/proc/self/fd/3 readlink /proc/self/ns/uts'",
		.shows = "^uts:\\[[0-9]+\\]$",
		.needs = CAN(CAN_UTS_NS) | CAN(CAN_IPC_NS),
		.seconds = 1,
		.play = scene_three_ways,
	},
	{
		.name = "domainname",
		.claim = "There is a second name in there, the NIS domain.",
		.by_hand = "unshare -Uru sh -c 'domainname nis; cat /proc/sys/kernel/domainname'",
		.shows = "^nis$",
		.needs = CAN(CAN_UTS_NS),
		.seconds = 1,
		.play = scene_domainname,
	},
	{
		.name = "posix-mq",
		.claim = "POSIX queues are files; the mount decides whose.",
		.by_hand =
			"unshare -Urmi sh -c 'mount -t mqueue q /mnt; >/mnt/a; unshare -mi sh -c "
			"\"mount -t mqueue q /mnt; ls -A /mnt | wc -l\"'",
		.shows = "^0$",
		.needs = CAN(CAN_IPC_NS) | CAN(CAN_MOUNT_NS) | CAN(CAN_MQUEUE),
		.seconds = 1,
		.play = scene_posix_mq,
	},
	{
		.name = "unshare-undoes",
		.claim = "unshare takes back what clone made one share.",
		.by_hand = "cd /; (cd /proc; exec 9</dev/null); pwd; ls /proc/$$/fd/9",
		.shows = "^/$",
		.needs = CAN(CAN_SYSV_IPC),
		.seconds = 1,
		.play = scene_unshare_undoes,
	},
	{ 0 },
};

int main(int argc, char **argv)
{
	static const struct demo demo = {
		.step = 3,
		.name = "step03_uts_ipc",
		.title = "a name of its own, and nobody else's keys",
		.scenes = scenes,
		.run = step03_run,
	};
	step03_register();
	return demo_main(argc, argv, &demo);
}
