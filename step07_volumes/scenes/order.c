/*
 * order.c: two calls for read-only, and bind before pivot_root.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "step02_mount_ns/mount_ns.h"
#include "step02_mount_ns/given/resolve.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *said(int err)
{
	return err ? strerror(err) : "written";
}

/* ---- read-only ---- */

void scene_read_only(void)
{
	struct found first, second;
	int root;

	new_room("box");
	place_dir("home");
	place_file("home/file", "of the host");
	root = open("box/merged", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int source = open("home", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || source < 0 || volume_target(root, "/once", true) < 0)
		fail_scene();
	act("The obvious way, one call:");
	show("mount(\"home\", \"/once\", NULL, MS_BIND | MS_RDONLY, NULL)");
	if (SYS(mount("home", "box/merged/once", NULL, MS_BIND | MS_RDONLY, NULL), "/once") < 0)
		fail_scene();
	int once = try_write("box/merged/once/file", "written\n");
	first = find_mount(0, workshop_path("box/merged/once"));
	say("  = 0   mountinfo: %s", first.options);
	say("  $ echo > /once/file             %s", said(once));
	if (broken("remount"))
		act("-v home:/test:ro, and the second call left out:");
	else
		act("With a second call. No bind takes flags, whichever call makes it:");
	show("open_tree(home, OPEN_TREE_CLONE | AT_RECURSIVE), move_mount to /test");
	if (!broken("remount"))
		show("mount(NULL, \"/test\", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | have, NULL)");
	if (volume_bind(root, "/test", source, MS_REC | (broken("remount") ? 0 : MS_RDONLY)) < 0)
		fail_scene();
	int twice = try_write("box/merged/test/file", "written\n");
	second = find_mount(0, workshop_path("box/merged/test"));
	say("  = 0   mountinfo: %s", second.options);
	say("  $ echo > /test/file             %s", said(twice));
	int host = try_write("home/file", "of the host\n");
	say("  $ echo > home/file              %s (the host's side)", said(host));
	value("once", "%s", once ? "EROFS" : "written");
	value("twice", "%s", twice == EROFS ? "EROFS" : said(twice));
	check(once == 0 && strncmp(first.options, "rw", 2) == 0,
	      "the one-call form should stay writable, the write says %s", said(once));
	check(host == 0, "the host should still write: %s", said(host));
	if (broken("remount")) {
		check(twice == 0 && strncmp(second.options, "rw", 2) == 0,
		      "without the remount it should be writable, says %s", said(twice));
		verdict("\":ro\" was asked for, and the write went through");
	} else {
		check(twice == EROFS && strncmp(second.options, "ro", 2) == 0,
		      "after the remount a write should be EROFS, says %s", said(twice));
		verdict("one call: written; two: read-only inside, writable outside");
	}
}

/* ---- why-before-pivot ---- */

/* The same bind, tried after pivot_root: by its path, and by a descriptor from before. */
static int bind_late(struct witness *self)
{
	struct room *room = self->arg;
	char link[32];

	if (mount_private() < 0)
		return -1;
	int root = SYS(open(room->root, O_PATH | O_DIRECTORY | O_CLOEXEC), room->root);
	int source = SYS(open("home", O_PATH | O_DIRECTORY | O_CLOEXEC), "home");
	if (root < 0 || source < 0 || mount_own_proc(root, "/proc", PROC_FLAGS, NULL) < 0 ||
	    pivot_into(root) < 0)
		return -1;
	if (SYS(mkdir("/test", 0755), "/test") < 0)
		return -1;
	room->told->number[0] = mount(room->volumes[0], "/test", NULL, MS_BIND | MS_REC, NULL) == 0
					? 0
					: errno;
	room->told->number[1] = mount(fd_path(source, link, sizeof(link)), "/test", NULL,
				      MS_BIND | MS_REC, NULL) == 0
					? 0
					: errno;
	close(root);
	close(source);
	return 0;
}

static int find_home(struct told *told)
{
	struct stat st;

	if (SYS(stat("/test", &st), "/test") < 0)
		return -1;
	told->number[0] = (long)st.st_ino;
	return 0;
}

void scene_why_before_pivot(void)
{
	struct room late = { .root = new_room("late") },
		    early = { .root = new_room("early"), .inside = find_home };

	place_dir("home");
	struct stat home = stat_of("home");
	char source[512];
	snprintf(source, sizeof(source), "%s", workshop_path("home"));
	act("DIR = %s", workshop_path(NULL));
	late.volumes[0] = source;
	late.told = shared_memory(sizeof(*late.told));
	witness_start(&late.self, CLONE_NEWPID | CLONE_NEWNS, bind_late, &late);
	int by_path = (int)late.told->number[0], by_fd = (int)late.told->number[1];
	say("pivot_root first. DIR is a path of the host, and the host's / is gone:");
	show("mount(\"DIR/home\", \"/test\", NULL, MS_BIND | MS_REC, NULL)");
	say("  = %s", by_path ? strerror(by_path) : "0");
	say("A descriptor of it, opened before? Its mount is in no namespace any more:");
	show("mount(\"/proc/self/fd/N\", \"/test\", NULL, MS_BIND | MS_REC, NULL)");
	say("  = %s", by_fd ? strerror(by_fd) : "0");
	act("The bind first, then pivot_root:");
	early.volumes[0] = volume_text("home", "/test");
	room_open(&early);
	heads("HOST", "CONTAINER");
	row("inode", "%lu\t%ld", (unsigned long)home.st_ino, early.told->number[0]);
	value("by_path", "%d", by_path);
	value("by_descriptor", "%d", by_fd);
	check(by_path == ENOENT, "after pivot_root the path should be ENOENT, is %s",
	      strerror(by_path));
	check(by_fd == EINVAL, "a descriptor from before should be EINVAL, is %s", strerror(by_fd));
	check((ino_t)early.told->number[0] == home.st_ino,
	      "before pivot_root it should work: inode %lu, is %ld", (unsigned long)home.st_ino,
	      early.told->number[0]);
	witness_end(&late.self);
	room_close(&early);
	verdict("after pivot_root there is nothing to bind; before, inode %lu",
		(unsigned long)home.st_ino);
}
