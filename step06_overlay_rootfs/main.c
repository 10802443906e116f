/*
 * Step 6: many containers, one image, nothing copied.
 *
 * The root file system is an overlay: read-only layers below, the container's own
 * directory on top. Explained in lessons/06_overlay_rootfs; the kernel's
 * Documentation/filesystems/overlayfs.rst.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/run.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step06_overlay_rootfs/given/abilities.h"
#include "step06_overlay_rootfs/scenes/diff_command.h"
#include "step06_overlay_rootfs/given/register.h"
#include "step06_overlay_rootfs/scenes/scenes.h"

#define IN_A_PLACE "unshare -Urm sh -c 'mount -t tmpfs t /tmp; cd /tmp; mkdir A C m w; "

static const struct scene scenes[] = {
	{
		.name = "union",
		.claim = "Three directories become one, and the top one's x wins.",
		.by_hand = IN_A_PLACE "mkdir B; echo a >A/x; echo b >B/x; mount -t overlay o "
				      "-olowerdir=A:B,upperdir=C,workdir=w,userxattr m; cat m/x'",
		.shows = "^a$",
		.needs = CAN(CAN_OVERLAY),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_union,
		.ask = "lowerdir=A:B, and both have a file x. Whose x is seen in merged?",
		.choices = { "neither: a conflict", "A's: the first is on top",
			     "B's: the last is on top" },
		.answer = 1,
		.breaks = { { "order", "In the other order the wrong x wins.",
			      "turning the list round: an image names its lowest layer first" } },
	},
	{
		.name = "copy-up",
		.claim = "A write to a file of the image copies all of it up first.",
		.by_hand = IN_A_PLACE "head -c 1M /dev/zero >A/big; mount -t overlay o "
				      "-olowerdir=A,upperdir=C,workdir=w,userxattr m; echo "
				      ">>m/big; stat -c \"%n %s\" A/big C/big'",
		.shows = "C/big 1048577",
		.needs = CAN(CAN_OVERLAY),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_copy_up,
		.ask = "One byte is appended to an 8 MiB file of the image. How much lands in "
		       "upper?",
		.choices = { "8 MiB and a byte", "1 byte", "one block" },
		.answer = 0,
	},
	{
		.name = "whiteout",
		.claim = "Deleting inside deletes nothing below.",
		.by_hand = IN_A_PLACE
		"echo hi >A/x; mount -t overlay o "
		"-olowerdir=A,upperdir=C,workdir=w,userxattr m; rm m/x; ls -l A C'",
		.shows = "^c.* 0, +0 .* x$",
		.needs = CAN(CAN_OVERLAY),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_whiteout,
		.ask = "A container deletes a file of its image. What is in upper afterwards?",
		.choices = { "nothing: it is gone", "a mark that says it is gone",
			     "a copy of the file" },
		.answer = 1,
	},
	{
		.name = "layers",
		.claim = "The top layer that has a file provides it.",
		.by_hand = IN_A_PLACE
		"mkdir B; echo 1 >A/f; echo 2 >B/g; mount -t overlay o -olowerdir=B:A "
		"m; stat -c \"%n %i\" ?/*'",
		.shows = "^m/g ",
		.needs = CAN(CAN_OVERLAY) | CAN(CAN_BUSYBOX),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_layers,
	},
	{
		.name = "commit",
		.claim = "A container's upper becomes a layer of the next image.",
		.by_hand = IN_A_PLACE
		"mount -t overlay o -olowerdir=A,upperdir=C,workdir=w,userxattr m; "
		">m/y; umount m; mount -t overlay o -olowerdir=C:A,userxattr m; ls m'",
		.shows = "^y$",
		.needs = CAN(CAN_OVERLAY) | CAN(CAN_BUSYBOX),
		.seconds = 1,
		.flags = SCENE_CORE,
		.play = scene_commit,
		.ask = "A container is committed. Does its own /etc/hostname get into the image?",
		.choices = { "no, it lies in another layer", "yes, it was written" },
		.answer = 0,
	},
	{
		.name = "opaque",
		.claim = "A directory deleted and made anew hides all below it.",
		.by_hand = "d=$(mktemp -d); unshare -Urm sh -c 'cd $0; mkdir -p A/d/x C m w; "
			   "mount -t overlay o "
			   "-olowerdir=A,upperdir=C,workdir=w,userxattr m; rm -r m/d; mkdir m/d; "
			   "ls m/d | wc -l' $d; chmod -R 700 $d; rm -r $d",
		.shows = "^0$",
		.needs = CAN(CAN_OVERLAY),
		.seconds = 1,
		.play = scene_opaque,
	},
	{
		.name = "init-layer",
		.claim = "hosts, hostname & co. lie between image and upper.",
		.by_hand = IN_A_PLACE
		"mkdir B; echo web >B/h; mount -t overlay o "
		"-olowerdir=B:A,upperdir=C,workdir=w,userxattr m; cat m/h; ls C | wc -l'",
		.shows = "^0$",
		.needs = CAN(CAN_OVERLAY) | CAN(CAN_BUSYBOX),
		.seconds = 1,
		.play = scene_init_layer,
	},
	{
		.name = "one-image-two-containers",
		.claim = "Its blocks and its pages exist once.",
		.by_hand = IN_A_PLACE
		"echo hi >A/x; for c in C w; do mkdir $c/u $c/w $c/m; mount -t overlay o "
		"-olowerdir=A,upperdir=$c/u,workdir=$c/w,userxattr $c/m; done; stat -c %i A/x "
		"?/m/x | uniq | wc -l'",
		.shows = "^1$",
		.needs = CAN(CAN_OVERLAY),
		.seconds = 1,
		.play = scene_one_image,
		.ask = "Two containers map the same 4 MiB library of their image. How much memory "
		       "is that?",
		.choices = { "8 MiB", "12 MiB: the host's copy too", "4 MiB" },
		.answer = 2,
	},
	{
		.name = "where-it-lives",
		.claim = "A PID leads to the host's directory with its files.",
		.by_hand = IN_A_PLACE
		"mount -t overlay o -olowerdir=A:C m; grep lowerdir /proc/self/mountinfo'",
		.shows = "lowerdir=A:C",
		.needs = CAN(CAN_OVERLAY) | CAN(CAN_BUSYBOX) | CAN(CAN_PIVOT_ROOT) |
			 CAN(CAN_MOUNT_PROC),
		.seconds = 1,
		.play = scene_where_it_lives,
	},
	{
		.name = "rename-dir",
		.claim = "An image's directory is not renamed, but copied.",
		.by_hand = IN_A_PLACE
		"mkdir A/d; mount -t overlay o "
		"-olowerdir=A,upperdir=C,workdir=w,userxattr m; mv m/d m/e; ls -l C; ls m'",
		.shows = "^e$",
		.needs = CAN(CAN_OVERLAY),
		.seconds = 1,
		.play = scene_rename_dir,
	},
	{
		.name = "hardlink",
		.claim = "A write to one name does not reach the file's other name.",
		.by_hand = IN_A_PLACE
		"echo old >A/one; ln A/one A/two; mount -t overlay o "
		"-olowerdir=A,upperdir=C,workdir=w,userxattr m; echo new >m/one; cat m/two'",
		.shows = "^old$",
		.needs = CAN(CAN_OVERLAY),
		.seconds = 1,
		.play = scene_hardlink,
		.ask = "one and two are hard links. \"new\" is written to one. What does two say?",
		.choices = { "old", "new, as on any file system" },
		.answer = 0,
	},
	{
		.name = "many-layers",
		.claim = "200 layers do not fit into one mount(2).",
		.by_hand = IN_A_PLACE "l=A; for i in $(seq 600); do l=$l:/tmp/A; done; echo ${#l}; "
				      "mount -t overlay o -olowerdir=$l m 2>&1 || echo refused'",
		.shows = "^refused$",
		.needs = CAN(CAN_OVERLAY),
		.seconds = 1,
		.play = scene_many_layers,
	},
	{
		.name = "shared-layer",
		.claim = "No path inside leads to a shared layer.",
		.by_hand = IN_A_PLACE
		"echo hi >A/x; mount -t overlay o "
		"-olowerdir=A,upperdir=C,workdir=w,userxattr m; echo HACKED >m/x; cat A/x'",
		.shows = "^hi$",
		.needs = CAN(CAN_OVERLAY) | CAN(CAN_BUSYBOX) | CAN(CAN_PIVOT_ROOT) |
			 CAN(CAN_MOUNT_PROC),
		.seconds = 1,
		.flags = SCENE_ATTACK,
		.play = scene_shared_layer,
		.breaks = { { "upper", "Without upper, one rewrites all.",
			      "the attacker's overlay mount: its root is the image itself" },
			    { "cloexec", "A descriptor left open is a door.",
			      "O_CLOEXEC, in open(\"image/diff\", O_RDONLY | O_DIRECTORY)" } },
	},
	{ 0 },
};

int main(int argc, char **argv)
{
	static const struct demo demo = {
		.step = 6,
		.name = "step06_overlay_rootfs",
		.title = "many containers, one image, nothing copied",
		.scenes = scenes,
		.run = step06_run,
		.command = diff_command,
		.command_help = "  diff DIR [LAYER...]   what has changed: DIR a mounted overlay, "
				"or an upper directory\n"
				"                        (of a mounted overlay, or over these "
				"layers, the lowest first)\n",
	};
	step06_register();
	return demo_main(argc, argv, &demo);
}
