/*
 * Step 4: ids and a network of one's own.
 *
 * A user namespace makes root inside an ordinary user outside; a network namespace has
 * nothing in it until somebody lays a cable. Both are made by the child's birth and filled from
 * outside, so parent and child meet at stages. Explained in lessons/04_net_user;
 * user_namespaces(7), network_namespaces(7), time_namespaces(7).
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/run.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step04_net_user/given/abilities.h"
#include "step04_net_user/given/register.h"
#include "step04_net_user/scenes/scenes.h"
#include "step04_net_user/scenes/try_map.h"

#include <string.h>

static const struct scene scenes[] = {
	{
		.name = "uid-map",
		.claim = "Root in there is an ordinary user out here.",
		.by_hand = by_hand_uid_map,
		.shows = "^0[[:space:]]+0 +[1-9][0-9]* +1$",
		.needs = CAN(CAN_USER_NS),
		.seconds = 1,
		.flags = SCENE_CORE | SCENE_HOST,
		.play = scene_uid_map,
		.ask = "A user is root in his container. What does the host's ps show?",
		.choices = { "root", "the ordinary user", "nobody" },
		.answer = 1,
		.breaks = { { "map", "A child that goes on before its map is written is nobody.",
			      "the writes to /proc/PID/uid_map and gid_map" } },
	},
	{
		.name = "files-belong",
		.claim = "What root makes in there is the user's out here.",
		.by_hand = by_hand_files_belong,
		.shows = "^0[[:space:]]+[1-9]",
		.needs = CAN(CAN_USER_NS),
		.seconds = 1,
		.flags = SCENE_CORE | SCENE_HOST,
		.play = scene_files_belong,
		.ask = "Root in there looks at the host's /etc/passwd. Whose is it?",
		.choices = { "the user who started it", "0, root", "65534, nobody" },
		.answer = 2,
	},
	{
		.name = "veth",
		.claim = "A veth pair is a cable: what goes in here comes out there.",
		.by_hand = "unshare -Urn sh -c 'ip link add v0 type veth peer v1; ip -br link'",
		.shows = "^v0@v1 +DOWN",
		.needs = CAN(CAN_NET_NS) | CAN(CAN_VETH),
		.seconds = 2,
		.flags = SCENE_CORE,
		.play = scene_veth,
		.ask = "One end of a veth pair is deleted. What about the other?",
		.choices = { "it stays, without a carrier", "it is gone as well" },
		.answer = 1,
		.breaks = { { "up", "With one plug down nothing gets through.",
			      "\"ip link set eth0 up\", in the container" },
			    { "late-move",
			      "An address given before the move into a namespace is lost.",
			      "the order: first the move, and then the address" } },
	},
	{
		.name = "port-collision",
		.claim = "Two servers listen on port 80, each in its own network.",
		.by_hand = "unshare -Urn sh -c 'wc -l </proc/net/tcp'; wc -l </proc/net/tcp",
		.shows = "^1$",
		.needs = CAN(CAN_NET_NS) | CAN(CAN_VETH),
		.seconds = 2,
		.flags = SCENE_CORE,
		.play = scene_port_collision,
		.ask = "A second container listens on port 80 as well. It gets",
		.choices = { "port 80 as well", "EADDRINUSE" },
		.answer = 0,
		.breaks = { { "newnet", "Without CLONE_NEWNET the second server is refused.",
			      "CLONE_NEWNET, in both servers' clone(2)" } },
	},
	{
		.name = "wall-clock",
		.claim = "The time of day is one for all.",
		.by_hand = "unshare -Ur date -s \"@$(date +%s)\" 2>&1",
		.shows = "not permitted",
		.needs = CAN(CAN_USER_NS) | CAN(CAN_NET_NS),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_wall_clock,
		.ask = "Root in there has CAP_SYS_TIME. May it set the clock?",
		.choices = { "yes, the host's", "no", "yes, its own" },
		.answer = 1,
	},
	{
		.name = "useradd",
		.claim = "A file hides a new user, the user namespace does not.",
		.by_hand = "unshare -Ur md5sum /etc/passwd; md5sum /etc/passwd",
		.shows = "^[0-9a-f]{32}  /etc/passwd$",
		.needs = CAN(CAN_USER_NS) | CAN(CAN_MOUNT_NS),
		.seconds = 1,
		.play = scene_useradd,
		.ask = "The host does not know a container's new user. What hides him?",
		.choices = { "an /etc/passwd of its own", "the user namespace" },
		.answer = 0,
	},
	{
		.name = "setgroups-deny",
		.claim = "A user may map groups only where none can be left.",
		.by_hand = "unshare -Ur cat /proc/self/setgroups",
		.shows = "^deny$",
		.needs = CAN(CAN_USER_NS),
		.seconds = 1,
		.flags = SCENE_HOST,
		.play = scene_setgroups_deny,
		.breaks = { { "deny", "Without the deny gid_map is refused.",
			      "echo deny > /proc/PID/setgroups" } },
	},
	{
		.name = "root-but-not-really",
		.claim = "All capabilities, yet shut out.",
		.by_hand = "unshare -Ur sh -c 'grep CapEff /proc/self/status; hostname x' 2>&1",
		.shows = "not permitted|must be root",
		.needs = CAN(CAN_USER_NS),
		.seconds = 1,
		.flags = SCENE_ATTACK,
		.play = scene_root_but_not_really,
		.ask = "Root in there has every capability. May it reboot the machine?",
		.choices = { "no", "yes" },
		.answer = 0,
		.breaks = { { "newuser", "The same calls succeed.",
			      "CLONE_NEWUSER, in the attacker's clone(2)" } },
	},
	{
		.name = "sub-ids",
		.claim = "With a range of sub-ids a container has 65536.",
		.by_hand = "grep \"^$(id -un):\" /etc/subuid || echo no range",
		.shows = ":[0-9]+:|no range",
		.needs = CAN(CAN_USER_NS),
		.seconds = 1,
		.flags = SCENE_HOST,
		.play = scene_sub_ids,
	},
	{
		.name = "empty-net",
		.claim = "A new network namespace has lo, and lo is down.",
		.by_hand = "unshare -Urn ip -o link show lo",
		.shows = "lo: <LOOPBACK>.* state DOWN",
		.needs = CAN(CAN_NET_NS),
		.seconds = 1,
		.play = scene_empty_net,
		.ask = "In a new network namespace: does ping 127.0.0.1 answer?",
		.choices = { "no: Network is unreachable", "yes, it is the machine itself" },
		.answer = 0,
	},
	{
		.name = "loopback",
		.claim = "127.0.0.1 is another machine in every network namespace.",
		.by_hand = "unshare -Urn sh -c 'ip link set lo up; ip -br address'",
		.shows = "^lo .*127.0.0.1/8",
		.needs = CAN(CAN_NET_NS),
		.seconds = 1,
		.play = scene_loopback,
		.ask = "The host serves on 127.0.0.1. A container, lo up, calls it and gets",
		.choices = { "the host's server", "Connection refused" },
		.answer = 1,
	},
	{
		.name = "bridge",
		.claim = "Two containers reach each other through a bridge.",
		.by_hand = "unshare -Urn sh -c 'ip link add br0 type bridge; ip -br link'",
		.shows = "^br0 +DOWN",
		.needs = CAN(CAN_NET_NS) | CAN(CAN_VETH) | CAN(CAN_BRIDGE),
		.seconds = 2,
		.play = scene_bridge,
		.breaks = { { "plug", "With one cable not plugged in nothing gets through.",
			      "\"ip link set tob master br0\": one cable is in no switch" } },
	},
	{
		.name = "time-ns",
		.claim = "A container can be a week older, by all clocks but one.",
		.by_hand = "unshare -UrTf --boottime 604800 cat /proc/self/timens_offsets",
		.shows = "boottime +604800",
		.needs = CAN(CAN_TIME_NS),
		.seconds = 1,
		.play = scene_time_ns,
		.ask = "A time namespace sets BOOTTIME a week on. What does date show?",
		.choices = { "today", "next week" },
		.answer = 0,
	},
	{
		.name = "wall-clock-really",
		.claim = "With the capability a container sets the clock of all.",
		.by_hand = "date",
		.shows = "[0-9]",
		.needs = CAN(CAN_HOST_ROOT) | CAN(CAN_SET_CLOCK),
		.seconds = 1,
		.flags = SCENE_GUEST,
		.play = scene_wall_clock_really,
	},
	{ 0 },
};

/* `map LINES`, and --really: the scene "wall-clock" with the clock set, which is a scene of its own
 * because it runs in a guest only. */
static int command(int argc, char **argv)
{
	static char really[] = "--scene=wall-clock-really", name[] = "wall-clock-really";
	char **scene = NULL, **word = NULL;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--scene=wall-clock") == 0 ||
		    (strcmp(argv[i], "wall-clock") == 0 && strcmp(argv[i - 1], "--scene") == 0))
			scene = &argv[i];
		else if (strcmp(argv[i], "--really") == 0)
			word = &argv[i];
	}
	if (word && scene) { /* one option: the scene under its own name */
		*scene = **scene == '-' ? really : name;
		memmove(word, word + 1, (size_t)(argv + argc - word) * sizeof(*word));
	} else if (word) {
		*word = really; /* alone; beside another scene that is refused as a second one */
	}
	return try_map_command(argc, argv);
}

int main(int argc, char **argv)
{
	static const struct demo demo = {
		.step = 4,
		.name = "step04_net_user",
		.title = "ids and a network of one's own",
		.prepare = by_hand_prepare,
		.scenes = scenes,
		.run = step04_run,
		.command = command,
		.command_help = try_map_help,
	};
	step04_register();
	return demo_main(argc, argv, &demo);
}
