/*
 * Step 7: a directory of the host, seen inside.
 *
 * Bind mounts into the container's root, made before that root becomes /.
 * Explained in lessons/07_volumes; mount(2), mount_namespaces(7).
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/run.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step06_overlay_rootfs/given/abilities.h"
#include "step07_volumes/given/register.h"
#include "step07_volumes/scenes/scenes.h"

#define IN_A_PLACE "unshare -Urm sh -c 'mount -t tmpfs t /tmp; cd /tmp; mkdir home r; "

enum { ROOT = CAN(CAN_OVERLAY) | CAN(CAN_BUSYBOX) | CAN(CAN_PIVOT_ROOT) | CAN(CAN_MOUNT_PROC) };

static const struct scene scenes[] = {
	{
		.name = "anonymous",
		.claim = "-v /test: a new directory of the host, in the container.",
		.by_hand = IN_A_PLACE "mount --bind home r; echo hi >r/hello; cat home/hello; stat "
				      "-c %i home r | uniq | wc -l'",
		.shows = "^1$",
		.needs = ROOT,
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_anonymous,
	},
	{
		.name = "host-dir",
		.claim = "-v /home:/test: one directory, seen in two places.",
		.by_hand = IN_A_PLACE
		"mount --bind home r; stat -c \"%n %d %i\" home r; echo hi >home/f; cat r/f'",
		.shows = "^hi$",
		.needs = ROOT,
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_host_dir,
		.ask = "-v /home:/test. What is the inode of /test, seen inside?",
		.choices = { "that of /home", "a new one" },
		.answer = 0,
	},
	{
		.name = "read-only",
		.claim = "Read-only takes two calls; one leaves it writable.",
		.by_hand = IN_A_PLACE "mount --bind home r; touch r/a && echo one; mount -o "
				      "remount,bind,ro r; touch r/b || echo two'",
		.shows = "^two$",
		.needs = ROOT,
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_read_only,
		.ask = "mount(\"home\", \"/once\", NULL, MS_BIND | MS_RDONLY, NULL) returns 0. "
		       "Then: echo > /once/file?",
		.choices = { "Read-only file system", "it is written" },
		.answer = 1,
		.breaks = { { "remount", "Without the second call :ro is only a word.",
			      "mount(..., \"/test\", ..., MS_REMOUNT | MS_BIND | MS_RDONLY, "
			      "...)" } },
	},
	{
		.name = "why-before-pivot",
		.claim = "After pivot_root the source's path is gone.",
		.by_hand = IN_A_PLACE
		"mount -t tmpfs n r; cd r; mkdir old test; PATH=$PATH:/sbin pivot_root . old; "
		"[ -e /tmp/home ] || echo gone'",
		.shows = "^gone$",
		.needs = ROOT,
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_why_before_pivot,
		.ask = "The container has pivoted. Now mount(\"/home\", \"/test\", MS_BIND): what "
		       "comes?",
		.choices = { "ENOENT", "EPERM", "0: mounted" },
		.answer = 0,
	},
	{
		.name = "symlink-trap",
		.claim = "A link in an image moves no mount out.",
		.by_hand = IN_A_PLACE "mkdir etc; ln -s ../etc r/data; mkdir r/data/trap; ls etc'",
		.shows = "^trap$",
		.needs = ROOT,
		.seconds = 1,
		.flags = SCENE_CORE | SCENE_ATTACK,
		.play = scene_symlink_trap,
		.ask = "In the image /data is a link to ../../etc. Where does -v home:/data/trap "
		       "mount?",
		.choices = { "nowhere: an error", "on the host's /etc/trap",
			     "on the container's /etc/trap" },
		.answer = 2,
		.breaks = { { "resolve", "By its path, the mount lands on the host.",
			      "openat2(..., RESOLVE_IN_ROOT): mkdir and mount take the path" } },
	},
	{
		.name = "one-file",
		.claim = "A file can be a volume; its inode is what is bound.",
		.by_hand = IN_A_PLACE "echo 1 >f; >g; mount --bind f g; echo 2 >n; mv n f; cat g'",
		.shows = "^1$",
		.needs = ROOT,
		.seconds = 1,
		.play = scene_one_file,
	},
	{
		.name = "only-this-container",
		.claim = "A volume is in its container's mount table.",
		.by_hand = "unshare -Urm sh -c 'mount --bind /usr /mnt; grep -c \" /mnt \" "
			   "/proc/self/mountinfo'; "
			   "grep -c ' /mnt ' /proc/self/mountinfo",
		.shows = "^0$",
		.needs = ROOT,
		.seconds = 1,
		.play = scene_only_this_container,
	},
	{
		.name = "survives",
		.claim = "The container goes, the volume stays.",
		.by_hand = IN_A_PLACE
		"unshare -m sh -c \"mount --bind home r; echo kept >r/f\"; ls r; cat home/f'",
		.shows = "^kept$",
		.needs = ROOT,
		.seconds = 1,
		.play = scene_survives,
	},
	{
		.name = "not-committed",
		.claim = "A commit takes the mount point and none of the data.",
		.by_hand = IN_A_PLACE
		"mkdir A C w; mount -t overlay o -olowerdir=A,upperdir=C,workdir=w,userxattr r; "
		"mkdir r/test; "
		"mount --bind home r/test; echo hi >r/test/f; find C'",
		.shows = "^C/test$",
		.needs = ROOT,
		.seconds = 1,
		.play = scene_not_committed,
	},
	{ 0 },
};

int main(int argc, char **argv)
{
	static const struct demo demo = {
		.step = 7,
		.name = "step07_volumes",
		.title = "a directory of the host, seen inside",
		.scenes = scenes,
		.run = step07_run,
	};
	step07_register();
	return demo_main(argc, argv, &demo);
}
