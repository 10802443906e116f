/*
 * trap.c: the image is somebody else's, and it holds a link.
 */
#define _GNU_SOURCE
#include "scenes.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int no_dots(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The names in a directory, blanks between. */
static void names_in(const char *path, char *text, size_t size)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, no_dots, by_name);
	size_t used = 0;

	*text = '\0';
	for (int i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, size > used ? size - used : 0, "%s%s",
					 i ? " " : "", entries[i]->d_name);
}

/* What one writes at first: the destination glued to the root's path. mkdir and mount follow the
 * image's link. */
static int bind_by_path(const char *root, const char *destination, const char *source)
{
	char path[600];

	snprintf(path, sizeof(path), "%s%s", root, destination);
	if (SYS_MAY(mkdir(path, 0755), path, EEXIST) < 0 && errno != EEXIST)
		return -1;
	return SYS(mount(source, path, NULL, MS_BIND | MS_REC, NULL), path);
}

void scene_symlink_trap(void)
{
	char before[128], after[128], inside[128], line[64] = "", link[64] = "";
	const char *root = new_room("box");

	place_dir("etc"); /* the host's; box/merged/../../etc */
	place_file("etc/passwd", "of the host");
	place_dir("home");
	place_file("home/mine", "a volume");
	if (SYS(symlink("../../etc", "box/merged/data"), "/data") < 0)
		fail_scene();
	ssize_t n = readlink("box/merged/data", link, sizeof(link) - 1);
	names_in("etc", before, sizeof(before));
	act("The host has DIR/etc. A container's root is DIR/box/merged, and its image");
	say("holds a link that somebody has put there:");
	show("readlink DIR/box/merged/data");
	evidence("%.*s", (int)(n > 0 ? n : 0), link);
	act(NULL);
	show("minibox run -v DIR/home:/data/trap ...");
	if (broken("resolve")) {
		if (bind_by_path(root, "/data/trap", "home") < 0)
			fail_scene();
	} else {
		int fd = SYS(open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), root);
		int source = SYS(open("home", O_PATH | O_DIRECTORY | O_CLOEXEC), "home");
		if (fd < 0 || source < 0 || volume_bind(fd, "/data/trap", source, MS_REC) < 0)
			fail_scene();
	}
	names_in("etc", after, sizeof(after));
	names_in("box/merged/etc", inside, sizeof(inside));
	heads("HOST DIR/etc", "CONTAINER /etc");
	row("before", "%s\tgroup hosts os-release passwd", before);
	row("after", "%s\t%s", after, inside);
	read_line("box/merged/etc/trap/mine", line, sizeof(line));
	struct found out = find_mount(0, workshop_path("etc/trap")),
		     in = find_mount(0, workshop_path("box/merged/etc/trap"));
	show("grep trap /proc/self/mountinfo | cut -d' ' -f5");
	evidence("%s", out.found  ? "DIR/etc/trap"
		       : in.found ? "DIR/box/merged/etc/trap"
				  : "(nothing)");
	value("host_before", "%s", before);
	value("host_after", "%s", after);
	if (broken("resolve")) {
		check(strcmp(after, "passwd trap") == 0 && out.found && !in.found,
		      "the mount point should be made on the host, DIR/etc holds %s", after);
		verdict("the image chose where root makes a directory: on the host");
		return;
	}
	check(strcmp(before, after) == 0 && !out.found,
	      "the host's etc should be untouched, holds %s", after);
	check(in.found && strcmp(line, "a volume") == 0,
	      "the volume should be in the container's /etc/trap");
	verdict("openat2(RESOLVE_IN_ROOT): .. stops at the container's root");
}
