/*
 * limits.c: where the layers show through, and how many there may be.
 */
#define _GNU_SOURCE
#include "scenes.h"

#include "step06_overlay_rootfs/given/upper_place.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- rename-dir ---- */

static int try_rename(const char *from, const char *to)
{
	int err = rename(from, to) == 0 ? 0 : errno;

	say("rename(\"%s\", \"%s\")%*s%s", from, to, (int)(36 - strlen(from) - strlen(to)), "",
	    err ? strerror(err) : "0");
	return err;
}

static void move_by_program(const char *from, const char *to)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		execlp("mv", "mv", from, to, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
		check(false, "mv %s %s should work, status is %#x", from, to, status);
}

void scene_rename_dir(void)
{
	workshop();
	make_abc();
	place_dir("A/dir");
	place_file("A/dir/file", "text");
	place_file("A/file", "a file of the image");
	mount_layers((const char *const[]){ "A", NULL }, "C", "tmp", "merged");
	place_dir("merged/own");
	act("dir and file belong to the image, own was made in the container:");
	int of_image = try_rename("merged/dir", "merged/new");
	int file = try_rename("merged/file", "merged/file2");
	int own = try_rename("merged/own", "merged/own2");
	say("To rename the image's directory would be to rename it in lower. mv knows");
	say("EXDEV from moves between file systems: it copies all, deletes the old:");
	act(NULL);
	show("mv merged/dir merged/new");
	move_by_program("merged/dir", "merged/new");
	say("%-11s%-20s%-22s%s", "", "lower", "upper", "merged");
	say("%-11s%-20s%-22s%s", "dir", shown("A/dir"), shown("C/dir"), shown("merged/dir"));
	say("%-11s%-20s%-22s%s", "new/file", shown("A/new/file"), shown("C/new/file"),
	    shown("merged/new/file"));
	struct stat copy = stat_of("C/new/file"), old = stat_of("A/dir/file");
	value("errno_dir", "%d", of_image);
	value("errno_file", "%d", file);
	check(of_image == EXDEV, "renaming a directory of the image should be EXDEV, is %s",
	      strerror(of_image));
	check(file == 0 && own == 0, "renaming a file, or a directory of one's own, should work");
	check(copy.st_ino != old.st_ino && copy.st_size == old.st_size,
	      "new/file should be a copy in upper");
	check(access("merged/dir", F_OK) < 0 && access("A/dir/file", F_OK) == 0,
	      "dir should be gone in merged only");
	verdict("EXDEV for the image's directory: mv copied it into upper");
}

/* ---- hardlink ---- */

static void link_row(const char *path)
{
	struct stat st = stat_of(path);

	say("%-18s%-14sinode %-8lu links %lu", path, shown(path), (unsigned long)st.st_ino,
	    (unsigned long)st.st_nlink);
}

void scene_hardlink(void)
{
	char one[16] = "", two[16] = "";

	workshop();
	make_abc();
	place_file("A/one", "old");
	if (SYS(link("A/one", "A/two"), "A/two") < 0)
		fail_scene();
	mount_layers((const char *const[]){ "A", NULL }, "C", "tmp", "merged");
	act("In the image, one and two are two names of one file:");
	link_row("merged/one");
	link_row("merged/two");
	struct stat one_before = stat_of("merged/one"), two_before = stat_of("merged/two");
	act(NULL);
	show("echo new > merged/one");
	place_file("merged/one", "new");
	link_row("merged/one");
	link_row("merged/two");
	link_row("C/one");
	say("On any other file system two would say \"new\" too. Copy-up took one name");
	say("along and left the other below: overlay is not quite POSIX here.");
	read_line("merged/one", one, sizeof(one));
	read_line("merged/two", two, sizeof(two));
	value("one", "%s", one);
	value("two", "%s", two);
	check(one_before.st_ino == two_before.st_ino && one_before.st_nlink == 2,
	      "one and two should be one file at first");
	check(strcmp(one, "new") == 0 && strcmp(two, "old") == 0,
	      "one should be \"new\" and two \"old\", are \"%s\" and \"%s\"", one, two);
	check(access("C/two", F_OK) < 0, "upper should hold one only");
	verdict("a write through one name did not reach the other");
}

/* ---- many-layers ---- */

enum { MOST = 200, NAME = 64 };

static char *layer_names[MOST + 1];

/* As an image store has them: absolute, a digest of 64 characters in each. */
static void make_layers(const char *place)
{
	for (int i = 0; i < MOST; i++) {
		if (asprintf(&layer_names[i], "%s/%0*d/diff", place, NAME, i) < 0)
			fail_scene();
		char name[NAME + 1];
		snprintf(name, sizeof(name), "%0*d", NAME, i);
		new_layer(name, false);
	}
	char top[PATH_MAX];
	snprintf(top, sizeof(top), "%s/top", layer_names[0]);
	place_file(top, "found below all the others");
}

/* mount(2) with the string as it is, however long. Returns its errno; *length: the string's. */
static int mount_in_one_string(int count, size_t *length)
{
	size_t size = (size_t)count * PATH_MAX / 8 + 256, used = 0;
	char *options = malloc(size);

	if (!options)
		fail_scene();
	for (int i = count; i-- > 0;)
		used += (size_t)snprintf(options + used, size - used, "%s%s",
					 used ? ":" : "lowerdir=", layer_names[i]);
	used += (size_t)snprintf(options + used, size - used, ",upperdir=C,workdir=tmp%s",
				 upper_userxattr() ? ",userxattr" : "");
	*length = used;
	int err = mount("overlay", "merged", "overlay", 0, options) == 0 ? 0 : errno;
	if (!err)
		umount("merged");
	free(options);
	return err;
}

/* Mounts that many both ways; returns the length of the options. */
static size_t many_row(int count)
{
	const char *layers[MOST + 1] = { 0 };
	struct timespec begin, end;
	char line[64] = "", key[32];
	size_t length = 0;
	int err = mount_in_one_string(count, &length);

	for (int i = 0; i < count; i++)
		layers[i] = layer_names[i];
	clock_gettime(CLOCK_MONOTONIC, &begin);
	mount_layers(layers, "C", "tmp", "merged");
	clock_gettime(CLOCK_MONOTONIC, &end);
	long us = (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
	read_line("merged/top", line, sizeof(line));
	if (overlay_unmount("merged") < 0)
		fail_scene();
	say("%6d  %6zu bytes   %-28s %6ld us", count, length, err ? strerror(err) : "0", us);
	snprintf(key, sizeof(key), "us_%d", count);
	value(key, "%ld", us);
	snprintf(key, sizeof(key), "errno_%d", count);
	value(key, "%d", err);
	check(strcmp(line, "found below all the others") == 0,
	      "with %d layers the lowest should be seen", count);
	check((length >= 4096) == (err != 0), "%zu bytes of options in mount(2) gave %s", length,
	      strerror(err));
	return length;
}

void scene_many_layers(void)
{
	const char *place = workshop();

	make_abc();
	make_layers(place);
	act("Layers with names of 64 digits, as an image store has them:");
	say("layers  lowerdir=...   mount(2), in one string      overlay_mount()");
	many_row(1);
	many_row(10);
	size_t hundred = many_row(100);
	size_t each = (many_row(MOST) - hundred) / (MOST - 100);
	const struct host_facts *facts = host_facts_of(FACTS_KERNEL);
	act(NULL);
	say("mount(2) copies one page of options, and cuts the rest off without a word:");
	if (facts->kernel_major > 6 || (facts->kernel_major == 6 && facts->kernel_minor >= 7)) {
		say("the last path is half a path. fsopen(2) takes the layers one at a time:");
		show("fsconfig(fs, FSCONFIG_SET_STRING, \"lowerdir+\", layer, 0)   %d times", MOST);
	} else {
		say("the last path is half a path. This kernel (before 6.7) takes them by");
		show("lowerdir=/proc/self/fd/5:/proc/self/fd/6:...          %d short names", MOST);
	}
	verdict("%d layers in one root; by their names on one page, %zu", MOST,
		(4096 - hundred % each) / each);
}
