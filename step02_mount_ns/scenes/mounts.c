/*
 * mounts.c: who sees which mounts.
 */
#define _GNU_SOURCE
#include "step02_mount_ns/mount_ns.h"
#include "scenes.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---- propagation ---- */

struct mounting {
	bool cut; /* mount_private() first */
	char on[256];
};

static int mount_something(struct witness *self)
{
	struct mounting *what = self->arg;

	if (what->cut && mount_private() < 0)
		return -1;
	return SYS(mount("inside", what->on, "tmpfs", 0, "size=64k"), what->on);
}

static const char *wires(struct found mount, char *buf, size_t size)
{
	if (!mount.found)
		snprintf(buf, size, "not mounted");
	else if (mount.shared)
		snprintf(buf, size, "shared:%d", mount.shared);
	else
		snprintf(buf, size, "private");
	return buf;
}

/* A container mounts on DIR/name. Returns whether the host has that mount now. */
static bool container_mounts(const char *dir, const char *name, bool cut)
{
	struct mounting what = { .cut = cut };
	struct witness container;
	char here[32], there[32], label[8];

	snprintf(what.on, sizeof(what.on), "%s/%s", dir, name);
	place_dir(what.on);
	witness_start(&container, CLONE_NEWNS, mount_something, &what);
	struct found host = find_mount(0, what.on),
		     inside = find_mount(container.child.pid, what.on);
	row("DIR", "%s\t%s", wires(find_mount(0, dir), here, sizeof(here)),
	    wires(find_mount(container.child.pid, dir), there, sizeof(there)));
	snprintf(label, sizeof(label), "DIR/%s", name);
	row(label, "%s\t%s", host.found ? "tmpfs: it LEAKED" : "nothing",
	    inside.found ? "tmpfs" : "nothing");
	check(inside.found, "the container should have its mount on DIR/%s", name);
	witness_end(&container);
	return host.found;
}

void scene_propagation(void)
{
	const char *dir = playground();
	bool leaked = true;

	act("DIR = %s", dir);
	host_is_stand_in();
	show("mount --make-shared DIR        (what systemd does to / at every boot)");
	if (SYS(mount(NULL, dir, NULL, MS_SHARED, NULL), dir) < 0)
		fail_scene();
	heads("HOST", "CONTAINER");
	if (!broken("propagation")) {
		leaked = container_mounts(dir, "a", false);
		check(leaked, "the mount of the first container should leak to the host");
		act("The next container calls mount(NULL, \"/\", NULL, MS_REC | MS_PRIVATE, "
		    "NULL):");
	}
	bool cut_leaked = container_mounts(dir, broken("propagation") ? "a" : "b",
					   !broken("propagation"));

	act(NULL);
	value("dir", "%s", dir);
	value("leaked_shared", "%s", leaked ? "yes" : "no");
	value("leaked_private", "%s", cut_leaked ? "yes" : "no");
	if (broken("propagation")) {
		check(cut_leaked, "without mount_private the mount should leak to the host");
		verdict("a container mounted, and the host got it");
	} else {
		check(!cut_leaked,
		      "a mount made after MS_REC | MS_PRIVATE should stay inside, the host has it");
		verdict("a leaked to the host, b did not");
	}
}

/* ---- private-mount ---- */

static int mount_and_write(struct witness *self)
{
	const char *dir = self->arg;
	char path[300];

	if (mount_private() < 0 || SYS(mount("own", dir, "tmpfs", MS_NOSUID, "size=64k"), dir) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/note", dir);
	int fd = SYS(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644), path);
	if (fd < 0 || SYS(write(fd, "made inside\n", 12), path) < 0)
		return -1;
	close(fd);
	self->seen->count = read_line(path, self->seen->text, sizeof(self->seen->text)) == 0;
	return 0;
}

void scene_private_mount(void)
{
	char here[64], peek[64], path[400];
	struct witness container;
	struct ns_id ours = { 0 }, theirs = { 0 };

	playground();
	const char *dir = in_playground("data");
	place_dir(dir);
	act("DIR = %s", dir);
	host_is_stand_in();
	say("The container mounts a tmpfs on DIR, and writes a file in it.");
	witness_start(&container, broken("newns") ? 0 : CLONE_NEWNS, mount_and_write, (void *)dir);
	pid_t pid = container.child.pid;
	if (proc_ns_id(host_proc(), 0, "mnt", &ours) < 0 ||
	    proc_ns_id(host_proc(), pid, "mnt", &theirs) < 0)
		fail_scene();
	struct found outside = find_mount(0, dir), inside = find_mount(pid, dir);
	int host_reads = read_line(in_playground("data/note"), here, sizeof(here));
	snprintf(path, sizeof(path), "/proc/%d/root%s/note", pid, dir);
	int peeked = read_line(path, peek, sizeof(peek));

	heads("HOST", "CONTAINER");
	row("mnt ns", "%lu\t%lu", (unsigned long)ours.ino, (unsigned long)theirs.ino);
	row("mounts", "%d\t%d", outside.count, inside.count);
	row("on DIR", "%s\t%s", outside.found ? outside.fs_type : "nothing",
	    inside.found ? inside.fs_type : "nothing");
	row("DIR/note", "%s\t\"%s\"", host_reads == 0 ? here : "No such file",
	    container.seen->text);
	act(NULL);
	show("cat /proc/%d/root$DIR/note        (the host may look in)", pid);
	evidence("%s", peeked == 0 ? peek : strerror(errno));
	value("pid", "%d", pid);
	value("mnt_ns", "%lu", (unsigned long)theirs.ino);
	value("mounts_outside", "%d", outside.count);
	value("mounts_inside", "%d", inside.count);
	check(inside.found && container.seen->count == 1,
	      "the container should have its tmpfs and read its file");
	check(peeked == 0, "through /proc/PID/root the host should read the file");
	if (broken("newns")) {
		check(outside.found && host_reads == 0,
		      "without CLONE_NEWNS the host should have the mount");
		verdict("one namespace, one table: the host's files are covered");
	} else {
		check(!ns_id_equal(ours, theirs), "the two mount namespaces should differ");
		check(!outside.found && host_reads < 0,
		      "the host should have no mount and no file there");
		check(inside.count == outside.count + 1,
		      "the container should have one mount more, has %d against %d", inside.count,
		      outside.count);
		verdict("%d mounts outside, %d inside; the file is only inside", outside.count,
			inside.count);
	}
	witness_end(&container);
}

/* ---- mountinfo ---- */

/* The raw line of self's mountinfo for the mount with that id. */
static void raw_line(int id, char *line, size_t size)
{
	char start[24];

	snprintf(start, sizeof(start), "%d ", id);
	char *text = read_whole_at(host_proc(), "self/mountinfo", NULL);
	if (!text)
		fail_scene();
	for (char *rest = text, *one; (one = strsep(&rest, "\n"));)
		if (strncmp(one, start, strlen(start)) == 0)
			snprintf(line, size, "%s", one);
	free(text);
}

static void name_the_fields(const struct mountinfo *mount)
{
	row("1, 2", "mount ID %d\tparent ID %d", mount->id, mount->parent);
	row("3, 4", "major:minor %u:%u\troot %s", mount->major, mount->minor, mount->root);
	row("5", "mount point %s", mount->mount_point);
	row("6", "mount options %s", mount->mount_options);
	row("7", "optional fields %s", mount->optional_fields);
	row("8, 9", "separator -\tfilesystem type %s", mount->fs_type);
	row("10", "mount source %s", mount->source);
	row("11", "super options %s", mount->super_options);
}

/* Other calls must say the same about that mount. */
static void ask_elsewhere(const struct mountinfo *mount, const char *path, const char *parent)
{
	struct statx here, above;
	struct statvfs vfs;
	bool asked = statx(AT_FDCWD, path, 0, STATX_BASIC_STATS | STATX_MNT_ID, &here) == 0 &&
		     statx(AT_FDCWD, parent, 0, STATX_MNT_ID, &above) == 0 &&
		     statvfs(path, &vfs) == 0;

	if (!asked) {
		check(false, "statx and statvfs should answer: %s", strerror(errno));
		return;
	}
	check(mount->major == here.stx_dev_major && mount->minor == here.stx_dev_minor,
	      "field 3 should be the files' st_dev %u:%u", here.stx_dev_major, here.stx_dev_minor);
	if (here.stx_mask & STATX_MNT_ID) { /* from Linux 5.8 on */
		check((uint64_t)mount->id == here.stx_mnt_id, "field 1 should be statx's mount ID");
		check((uint64_t)mount->parent == above.stx_mnt_id,
		      "field 2 should be the mount ID of what it is mounted on");
	}
	check(strstr(mount->mount_options, "nodev") && (vfs.f_flag & ST_NODEV),
	      "field 6 should say nodev");
	check(strcmp(mount->mount_point, path) == 0, "field 5 should be the path, with its blank");
}

void scene_mountinfo(void)
{
	char line[1024] = "", copy[1024];
	struct mountinfo info;
	struct statx here;

	playground();
	const char *dir = in_playground("my data");
	place_dir(dir);
	act(NULL);
	if (SYS(mount("src", dir, "tmpfs", MS_NODEV, "size=64k"), dir) < 0 ||
	    SYS(mount(NULL, dir, NULL, MS_SHARED, NULL), dir) < 0)
		fail_scene();
	struct found found = find_mount(0, dir);
	raw_line(found.id, line, sizeof(line));
	snprintf(copy, sizeof(copy), "%s", line);
	if (mountinfo_parse(copy, &info) < 0)
		fail_scene();
	show("grep 'my.040data' /proc/self/mountinfo");
	/* A line of the screen for fields 1 to 5, one to the separator, one for the rest. */
	size_t five = strcspn(line, " ");
	for (int fields = 1; fields < 5 && line[five]; fields++)
		five += 1 + strcspn(line + five + 1, " ");
	const char *rest = line + five, *separator = strstr(rest, " - ");
	evidence("%.*s", (int)five, line);
	evidence(" %.*s", (int)(separator ? separator - rest : 0), rest);
	evidence(" %s", separator ? separator : rest);
	act(NULL);
	name_the_fields(&info);
	value("id", "%d", info.id);
	value("line", "%s", line);
	ask_elsewhere(&info, dir, in_playground("."));
	check(statx(AT_FDCWD, dir, 0, STATX_MNT_ID, &here) == 0 && mountinfo_shared(&info) > 0,
	      "field 7 should say shared:N");
	verdict("mount %d on mount %d; \\040 is a blank; statx agrees", info.id, info.parent);
}
