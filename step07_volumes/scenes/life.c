/*
 * life.c: the container goes, and the volume stays.
 */
#define _GNU_SOURCE
#include "scenes.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_both(struct told *told)
{
	told->number[0] = try_write("/test/kept", "important\n");
	told->number[1] = try_write("/root/lost", "scratch\n");
	return told->number[0] || told->number[1] ? -1 : 0;
}

static int read_both(struct told *told)
{
	if (read_line("/test/kept", told->text[0], sizeof(told->text[0])) < 0)
		snprintf(told->text[0], sizeof(told->text[0]), "%s", strerror(errno));
	if (read_line("/root/lost", told->text[1], sizeof(told->text[1])) < 0)
		snprintf(told->text[1], sizeof(told->text[1]), "%s", strerror(errno));
	return 0;
}

/* docker rm: unmounts the root and removes upper; here the upper's files are few and known. */
static void remove_container(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/merged", name);
	if (overlay_unmount(path) < 0)
		fail_scene();
	snprintf(path, sizeof(path), "%s/diff/root/lost", name);
	if (SYS(unlink(path), path) < 0)
		fail_scene();
}

void scene_survives(void)
{
	struct room first = { .root = new_room("first"),
			      .volumes = { "data:/test" },
			      .inside = write_both };

	act(NULL);
	show("minibox run --name first -v data:/test ...");
	room_open(&first);
	say("Inside: echo important > /test/kept; echo scratch > /root/lost");
	say("%-14s%-21s%-21s%s", "", "first/merged/root", "first/diff (upper)",
	    "volumes/data/_data");
	say("%-14s%-21s%-21s%s", "lost, kept", shown("first/merged/root/lost"),
	    shown("first/diff/root/lost"), shown("volumes/data/_data/kept"));
	room_close(&first);
	act(NULL);
	show("minibox rm first");
	remove_container("first");
	say("%-14s%-21s%-21s%s", "lost, kept", shown("first/merged/root/lost"),
	    shown("first/diff/root/lost"), shown("volumes/data/_data/kept"));
	act(NULL);
	show("minibox run --name second -v data:/test ...");
	struct room second = { .root = new_room("second"),
			       .volumes = { "data:/test" },
			       .inside = read_both };
	room_open(&second);
	say("Inside: /test/kept: \"%s\"   /root/lost: %s", second.told->text[0],
	    second.told->text[1]);
	value("kept", "%s", second.told->text[0]);
	value("lost", "%s", second.told->text[1]);
	check(strcmp(second.told->text[0], "important") == 0,
	      "second should read what first wrote, reads \"%s\"", second.told->text[0]);
	check(strcmp(second.told->text[1], strerror(ENOENT)) == 0, "lost should be lost, is \"%s\"",
	      second.told->text[1]);
	room_close(&second);
	verdict("the volume outlived its container; the rest went with upper");
}

void scene_not_committed(void)
{
	struct room box = { .root = new_room("box"),
			    .volumes = { "data:/test" },
			    .inside = write_both };
	char text[256];

	act("Inside: echo important > /test/kept; echo scratch > /root/lost");
	room_open(&box);
	int changes = diff_text((const char *const[]){ "image/diff", NULL }, "box/diff", text,
				sizeof(text));
	show("bin/step06_overlay_rootfs diff box/merged");
	evidence("%s", text);
	room_close(&box);
	act("Committed, and a container of the new image:");
	new_layer("layer2", false);
	int from = SYS(open("box/diff", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "box/diff");
	int to = SYS(open("layer2/diff", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "layer2/diff");
	if (from < 0 || to < 0 || layer_copy(from, to) < 0)
		fail_scene();
	mount_container((const char *const[]){ "image/diff", "layer2/diff", NULL }, "next", NULL);
	heads("VOLUME data", "NEW IMAGE");
	row("/test", "%s\t%s", shown("volumes/data/_data"), shown("next/merged/test"));
	row("/test/kept", "%s\t%s", shown("volumes/data/_data/kept"),
	    shown("next/merged/test/kept"));
	row("/root/lost", "-\t%s", shown("next/merged/root/lost"));
	value("changes", "%d", changes);
	check(strcmp(text, "C /root\nA /root/lost\nA /test\n") == 0,
	      "diff should know the mount point and lost, says \"%s\"", text);
	check(access("next/merged/root/lost", F_OK) == 0, "lost should be in the image");
	check(access("next/merged/test", F_OK) == 0 && access("next/merged/test/kept", F_OK) < 0,
	      "/test should be there, and empty");
	check(access("volumes/data/_data/kept", F_OK) == 0, "the volume should have its file");
	verdict("the empty mount point is in the image, none of the data");
}
