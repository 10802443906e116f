/*
 * image.c: an image is a stack of layers, and a container's changes can become one more.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "step06_overlay_rootfs/given/upper_place.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* ---- layers ---- */

static int open_layer(const char *path)
{
	int fd = SYS(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path);

	if (fd < 0)
		fail_scene();
	return fd;
}

/* Is that file in merged the very file of the layer that we say provides it? */
static void provider_row(const char *const *names, const int *fds, const char *path,
			 const char *expected)
{
	struct layer_diff diff = {
		.upper = -1, .layers = fds, .count = 3, .userxattr = upper_userxattr()
	};
	int by = layers_provider(&diff, path);
	char file[4][320], merged[64];
	struct stat below = { 0 }, above = { 0 };

	for (int i = 0; i < 3; i++)
		snprintf(file[i], sizeof(file[i]), "%s%s", layer_path(names[i]), path);
	snprintf(file[3], sizeof(file[3]), "box/merged%s", path);
	bool seen = lstat(file[3], &above) == 0;
	if (seen)
		snprintf(merged, sizeof(merged), "%lu from %s", (unsigned long)above.st_ino,
			 by < 0 ? "?" : names[by]);
	else
		snprintf(merged, sizeof(merged), "-");
	char cell[3][32];
	for (int i = 0; i < 3; i++) {
		struct stat st;
		if (lstat(file[i], &st) < 0)
			snprintf(cell[i], sizeof(cell[i]), "-");
		else
			snprintf(cell[i], sizeof(cell[i]), S_ISCHR(st.st_mode) ? "c 0:0" : "%lu",
				 (unsigned long)st.st_ino);
	}
	say("%-18s%-12s%-12s%-12s%s", path, cell[0], cell[1], cell[2], merged);
	value(path, "%s", by < 0 ? "-" : names[by]);
	check(strcmp(by < 0 ? "-" : names[by], expected) == 0,
	      "%s should come from %s, comes from %s", path, expected,
	      by < 0 ? "no layer" : names[by]);
	check(seen == (by >= 0), "%s should %sbe in merged", path, by < 0 ? "not " : "");
	if (seen && by >= 0)
		check(lstat(file[by], &below) == 0 && below.st_ino == above.st_ino,
		      "%s should be inode %lu of layer %s, is %lu", path,
		      (unsigned long)below.st_ino, names[by], (unsigned long)above.st_ino);
}

void scene_layers(void)
{
	static const char *const names[] = { "base", "conf", "app" };
	const char *layers[4] = { 0 };
	int fds[3];

	workshop();
	layers[0] = new_layer("base", true);
	layers[1] = new_layer("conf", false);
	place_dir("conf/diff/etc");
	place_file("conf/diff/etc/passwd", "root:x:0:0::/:/bin/sh");
	place_file("conf/diff/etc/motd", "welcome");
	layers[2] = new_layer("app", false);
	place_dir("app/diff/etc");
	place_dir("app/diff/srv");
	place_file("app/diff/srv/app.conf", "port 80");
	if (SYS(mknod("app/diff/etc/motd", S_IFCHR, makedev(0, 0)), "app/diff/etc/motd") < 0)
		fail_scene();
	act("An image of three layers. Each says what it adds, covers or deletes:");
	struct container_layer box = mount_container(layers, "box", NULL);
	for (int i = 0; i < 3; i++)
		fds[i] = open_layer(layers[i]);
	say("%-18s%-12s%-12s%-12s%s", "inodes", "1 base", "2 conf", "3 app", "merged");
	provider_row(names, fds, "/bin/busybox", "base");
	provider_row(names, fds, "/etc/group", "base");
	provider_row(names, fds, "/etc/passwd", "conf");
	provider_row(names, fds, "/srv/app.conf", "app");
	provider_row(names, fds, "/etc/motd", "-");
	act(NULL);
	say("conf covers base's passwd; app's whiteout deletes conf's motd. In merged");
	say("each file has the inode of the layer it comes from: nothing was copied.");
	char text[256];
	int changes = diff_text(layers, box.upper, text, sizeof(text));
	value("changes", "%d", changes);
	check(changes == 0, "the container should have changed nothing, diff says \"%s\"", text);
	verdict("3 read-only layers, 1 root; upper is empty");
}

/* ---- commit ---- */

void scene_commit(void)
{
	const char *layers[4] = { 0 };
	char text[512], name[64] = "", port[64] = "";
	int from, to;

	workshop();
	layers[0] = new_layer("base", true);
	const char *init = new_layer("one-init", false);
	from = open_layer(init);
	if (layer_fill_init(from, "one", NULL) < 0)
		fail_scene();
	close(from);
	struct container_layer one = mount_container(layers, "one", init);
	act(NULL);
	show("echo 'port 80' > /srv.conf; rm /etc/os-release; cat /etc/hostname");
	place_file("one/merged/srv.conf", "port 80");
	if (SYS(unlink("one/merged/etc/os-release"), "/etc/os-release") < 0)
		fail_scene();
	read_line("one/merged/etc/hostname", name, sizeof(name));
	evidence("%-28s(in container one)", name);
	const char *beneath[] = { layers[0], init, NULL };
	int changes = diff_text(beneath, one.upper, text, sizeof(text));
	show("bin/step06_overlay_rootfs diff one/merged");
	evidence("%s", text);
	act("Its upper, copied, is layer 2. Container two starts from base and layer 2:");
	layers[1] = new_layer("layer2", false);
	from = open_layer(one.upper);
	to = open_layer(layers[1]);
	if (layer_copy(from, to) < 0)
		fail_scene();
	init = new_layer("two-init", false);
	from = open_layer(init);
	if (layer_fill_init(from, "two", NULL) < 0)
		fail_scene();
	mount_container(layers, "two", init);
	heads("BASE", "TWO (base + layer 2 + its own init)");
	row("srv.conf", "%s\t%s", shown("base/diff/srv.conf"), shown("two/merged/srv.conf"));
	row("os-release", "%s\t%s",
	    access("base/diff/etc/os-release", F_OK) == 0 ? "is there" : "-",
	    shown("two/merged/etc/os-release"));
	row("hostname", "%s\t%s", shown("base/diff/etc/hostname"),
	    shown("two/merged/etc/hostname"));
	bool init_committed = access("layer2/diff/etc/hostname", F_OK) == 0 ||
			      access("layer2/diff/etc/hosts", F_OK) == 0;
	read_line("two/merged/srv.conf", port, sizeof(port));
	value("changes", "%d", changes);
	read_line("two/merged/etc/hostname", name, sizeof(name));
	value("hostname", "%s", name);
	check(strcmp(text, "C /etc\nD /etc/os-release\nA /srv.conf\n") == 0,
	      "diff should name srv.conf and os-release, says \"%s\"", text);
	check(strcmp(port, "port 80") == 0, "two should see srv.conf");
	check(access("two/merged/etc/os-release", F_OK) < 0 &&
		      access("base/diff/etc/os-release", F_OK) == 0,
	      "os-release should be gone in two, not in base");
	check(!init_committed && strcmp(name, "two") == 0,
	      "one's hostname should not have been committed; two's is \"%s\"", name);
	verdict("%d changes are a layer now; the init layer stayed out", changes);
}

/* ---- init-layer ---- */

static void init_container(const char *const *image, const char *name)
{
	char init_name[64], init_file[320], merged_file[320], text[256], line[64] = "";

	snprintf(init_name, sizeof(init_name), "%s-init", name);
	const char *init = new_layer(init_name, false);
	int fd = open_layer(init);
	if (layer_fill_init(fd, name, NULL) < 0)
		fail_scene();
	close(fd);
	struct container_layer own = mount_container(image, name, init);
	int changes = diff_text((const char *const[]){ image[0], init, NULL }, own.upper, text,
				sizeof(text));

	snprintf(init_file, sizeof(init_file), "%s/etc/hostname", init);
	snprintf(merged_file, sizeof(merged_file), "%s/merged/etc/hostname", name);
	say("%-12s%-18s%-18s%-18s%d changes", name, shown("base/diff/etc/hostname"),
	    shown(init_file), shown(merged_file), changes);
	read_line(merged_file, line, sizeof(line));
	value(name, "%s", line);
	check(strcmp(line, name) == 0, "%s should read its own name, reads \"%s\"", name, line);
	check(changes == 0, "diff of %s should be empty, is \"%s\"", name, text);
}

void scene_init_layer(void)
{
	const char *const image[] = { "base/diff", NULL };
	char text[512];

	workshop();
	new_layer("base", true);
	act("hosts, hostname, resolv.conf differ per container: no image holds them.");
	say("%-12s%-18s%-18s%-18s%s", "hostname", "image", "init layer", "merged", "diff");
	init_container(image, "web");
	init_container(image, "db");
	say("The init layer lies above the image, so it wins; and below upper, so it");
	say("holds no change of the user's. Written straight into upper instead:");
	act(NULL);
	struct container_layer bare = mount_container(image, "bare", NULL);
	int fd = open_layer(bare.merged);
	if (layer_fill_init(fd, "bare", NULL) < 0)
		fail_scene();
	int changes = diff_text(image, bare.upper, text, sizeof(text));
	show("bin/step06_overlay_rootfs diff bare/merged");
	evidence("%s", text);
	value("changes_without", "%d", changes);
	check(strstr(text, "/etc/hosts") && strstr(text, "/etc/hostname"),
	      "without the init layer diff should name hosts and hostname");
	verdict("two names from one image, 0 changes; without it %d, all committed", changes);
}
