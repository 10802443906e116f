/*
 * bind.c: one directory, two places.
 */
#define _GNU_SOURCE
#include "scenes.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Inside: the identity of /test, then a file in it. */
static int write_hello(struct told *told)
{
	struct stat st;

	if (SYS(stat("/test", &st), "/test") < 0)
		return -1;
	told->number[0] = (long)st.st_ino;
	told->number[1] = (long)st.st_dev;
	if (SYS(stat("/", &st), "/") < 0)
		return -1;
	told->number[2] = (long)st.st_dev;
	read_line("/test/greeting", told->text[0], sizeof(told->text[0]));
	int err = try_write("/test/hello", "from inside\n");
	told->number[3] = err;
	return 0;
}

static void identity_rows(const struct stat *host, const struct told *told)
{
	row("device", "%u:%u\t%u:%u", major(host->st_dev), minor(host->st_dev),
	    major((dev_t)told->number[1]), minor((dev_t)told->number[1]));
	row("inode", "%lu\t%lu", (unsigned long)host->st_ino, (unsigned long)told->number[0]);
}

static void check_identity(const struct stat *host, const struct told *told)
{
	value("inode_host", "%lu", (unsigned long)host->st_ino);
	value("inode_inside", "%ld", told->number[0]);
	check(host->st_ino == (ino_t)told->number[0] && host->st_dev == (dev_t)told->number[1],
	      "both sides should be inode %lu of one file system, inside it is %ld",
	      (unsigned long)host->st_ino, told->number[0]);
	check(told->number[1] != told->number[2], "the volume should not be the root's overlay");
	check(told->number[3] == 0, "the write inside should work: %s",
	      strerror((int)told->number[3]));
}

/* What of its file system is mounted at that place: the field that names a bind's source. */
struct source {
	const char *mount_point;
	char root[512], fs_type[32];
};

static int find_source(const struct mountinfo *mount, void *arg)
{
	struct source *source = arg;

	if (strcmp(mount->mount_point, source->mount_point) == 0) {
		snprintf(source->root, sizeof(source->root), "%s", mount->root);
		snprintf(source->fs_type, sizeof(source->fs_type), "%s", mount->fs_type);
	}
	return 0;
}

/* ---- anonymous ---- */

/* The one volume in volumes/. */
static const char *only_entry(const char *directory)
{
	static char name[256];
	DIR *dir = opendir(directory);

	name[0] = '\0';
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			snprintf(name, sizeof(name), "%s", entry->d_name);
	if (dir)
		closedir(dir);
	return name;
}

void scene_anonymous(void)
{
	struct room box = { .root = new_room("box"),
			    .volumes = { "/test" },
			    .inside = write_hello };
	struct source source = { .mount_point = "/test" };
	char data[300], hello[320], line[64] = "";

	act(NULL);
	show("minibox run -v /test ...           (no source: a new volume, by a number)");
	room_open(&box);
	const char *id = only_entry("volumes");
	snprintf(data, sizeof(data), "volumes/%s/_data", id);
	snprintf(hello, sizeof(hello), "%s/hello", data);
	struct stat host = stat_of(data);
	heads("HOST", "CONTAINER");
	row("path", "volumes/%.8s.../_data\t/test", id);
	identity_rows(&host, box.told);
	act(NULL);
	say("Inside: echo from inside > /test/hello. On the host:");
	read_line(hello, line, sizeof(line));
	show("cat volumes/%.8s.../_data/hello", id);
	evidence("%s", line);
	show("grep ' /test ' /proc/%d/mountinfo       (field 4: what is mounted)",
	     box.self.child.pid);
	mountinfo_each(host_proc(), box.self.child.pid, find_source, &source);
	evidence("%.60s...", source.root);
	value("id", "%s", id);
	check_identity(&host, box.told);
	check(strlen(id) == 64 && strspn(id, "0123456789abcdef") == 64,
	      "the volume's name should be 64 hex digits, is \"%s\"", id);
	check(strcmp(line, "from inside") == 0,
	      "the host should read what was written inside, reads \"%s\"", line);
	check(strstr(source.root, id) != NULL, "mountinfo should name the volume, says \"%s\"",
	      source.root);
	room_close(&box);
	verdict("volume %.8s..., found from both sides: inode %lu", id, (unsigned long)host.st_ino);
}

/* ---- host-dir ---- */

void scene_host_dir(void)
{
	struct room box = { .root = new_room("box"), .inside = write_hello };
	char line[64] = "", text[256];
	struct stat host;

	place_dir("home");
	place_file("home/greeting", "from the host");
	host = stat_of("home");
	box.volumes[0] = volume_text("home", "/test");
	act("DIR = %s", workshop_path(NULL));
	show("minibox run -v DIR/home:/test ...");
	room_open(&box);
	heads("HOST", "CONTAINER");
	row("path", "DIR/home\t/test");
	identity_rows(&host, box.told);
	row("greeting", "\"from the host\"\t\"%s\"", box.told->text[0]);
	act("Inside: echo from inside > /test/hello");
	read_line("home/hello", line, sizeof(line));
	row("hello", "\"%s\"\t\"from inside\"", line);
	int changes = diff_text((const char *const[]){ "image/diff", NULL }, "box/diff", text,
				sizeof(text));
	show("bin/step06_overlay_rootfs diff box/merged    (the overlay sees nothing)");
	evidence("%s", text);
	check_identity(&host, box.told);
	value("greeting", "%s", box.told->text[0]);
	value("hello", "%s", line);
	check(strcmp(box.told->text[0], "from the host") == 0,
	      "inside should read the host's greeting, reads \"%s\"", box.told->text[0]);
	check(strcmp(line, "from inside") == 0, "the host should read hello, reads \"%s\"", line);
	check(changes == 1 && strcmp(text, "A /test\n") == 0,
	      "diff should see the mount point only, says \"%s\"", text);
	room_close(&box);
	verdict("inode %lu on both sides: no copy, one directory", (unsigned long)host.st_ino);
}

/* ---- one-file ---- */

static int read_conf(struct told *told)
{
	struct stat st;

	if (SYS(stat("/etc/app.conf", &st), "/etc/app.conf") < 0)
		return -1;
	told->number[0] = (long)st.st_ino;
	read_line("/etc/app.conf", told->text[0], sizeof(told->text[0]));
	told->number[1] = rename("/etc/app.conf", "/etc/old.conf") == 0 ? 0 : errno;
	told->number[2] = try_write("/etc/app.conf", "port 81\n");
	return 0;
}

void scene_one_file(void)
{
	struct room box = { .root = new_room("box"), .inside = read_conf };
	char seen[64] = "", path[64], inside[64] = "";

	place_file("app.conf", "port 80");
	struct stat host = stat_of("app.conf");
	box.volumes[0] = volume_text("app.conf", "/etc/app.conf");
	act("DIR = %s", workshop_path(NULL));
	show("minibox run -v DIR/app.conf:/etc/app.conf ...");
	room_open(&box);
	heads("HOST", "CONTAINER");
	row("inode", "%lu\t%ld", (unsigned long)host.st_ino, box.told->number[0]);
	row("text", "\"port 80\"\t\"%s\"", box.told->text[0]);
	row("write 81", "\t%s", box.told->number[2] ? strerror((int)box.told->number[2]) : "works");
	read_line("app.conf", seen, sizeof(seen));
	row("text", "\"%s\"\t\"port 81\"", seen);
	row("rename it", "\t%s", strerror((int)box.told->number[1]));
	act("An editor on the host writes a new file and renames it over the old one:");
	place_file("new.conf", "port 82");
	if (SYS(rename("new.conf", "app.conf"), "app.conf") < 0)
		fail_scene();
	snprintf(path, sizeof(path), "/proc/%d/root/etc/app.conf", box.self.child.pid);
	read_line(path, inside, sizeof(inside));
	row("text", "%s\t\"%s\": still the old inode", shown("app.conf"), inside);
	value("inode_host", "%lu", (unsigned long)host.st_ino);
	value("inode_inside", "%ld", box.told->number[0]);
	check((ino_t)box.told->number[0] == host.st_ino, "it should be one file");
	check(strcmp(seen, "port 81") == 0, "the host should read \"port 81\", reads \"%s\"", seen);
	check(box.told->number[1] == EBUSY, "rename should be EBUSY inside, is %s",
	      strerror((int)box.told->number[1]));
	check(strcmp(inside, "port 81") == 0,
	      "after the rename inside should read the old file, reads \"%s\"", inside);
	room_close(&box);
	verdict("a bind holds an inode, not a name");
}

/* ---- only-this-container ---- */

static int mounted_there(pid_t pid, struct source *source)
{
	*source = (struct source){ .mount_point = "/test" };
	mountinfo_each(host_proc(), pid, find_source, source);
	return source->root[0] != '\0';
}

void scene_only_this_container(void)
{
	struct room one = { .root = new_room("one"), .inside = write_hello },
		    two = { .root = new_room("two") };
	struct source source, ignored;
	char path[512];

	place_dir("home");
	one.volumes[0] = volume_text("home", "/test");
	act("Two containers of one image. Only the first has -v DIR/home:/test.");
	room_open(&one);
	room_open(&two);
	int in_one = mounted_there(one.self.child.pid, &source);
	int in_two = mounted_there(two.self.child.pid, &ignored);
	snprintf(path, sizeof(path), "%s", workshop_path("one/merged/test"));
	struct found outside = find_mount(0, path);
	host_is_stand_in();
	say("%-27s%-16s%-16s%s", "", "HOST", "ONE", "TWO");
	say("%-27s%-16d%-16d%d", "lines in its mountinfo", find_mount(0, NULL).count,
	    find_mount(one.self.child.pid, NULL).count, find_mount(two.self.child.pid, NULL).count);
	say("%-27s%-16s%-16s%s", "one with /test", outside.found ? "yes" : "no",
	    in_one ? "yes" : "no", in_two ? "yes" : "no");
	char hello[64];
	snprintf(hello, sizeof(hello), "/proc/%d/root/test/hello", two.self.child.pid);
	say("%-27s%-16s%-16s%s", "/test/hello", shown("one/merged/test/hello"), "\"from inside\"",
	    shown(hello));
	act(NULL);
	say("It was mounted in the first container's mount namespace, after that was cut");
	say("off (MS_PRIVATE). On the host, one/merged/test is an empty directory.");
	value("host", "%d", outside.found);
	value("one", "%d", in_one);
	value("two", "%d", in_two);
	check(in_one, "one should have /test mounted");
	check(!in_two && !outside.found, "two and the host should not");
	check(access("home/hello", F_OK) == 0 && access("one/merged/test/hello", F_OK) < 0,
	      "the file should be in the volume alone");
	room_close(&one);
	room_close(&two);
	verdict("in one mount table, and in no other");
}
