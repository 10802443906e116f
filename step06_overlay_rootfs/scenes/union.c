/*
 * union.c: who wins, what a write makes, what a delete leaves.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "step06_overlay_rootfs/given/upper_place.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* ---- union ---- */

static void union_row(const char *name)
{
	char path[4][32];
	static const char *const places[] = { "B", "A", "C", "merged" };

	for (int i = 0; i < 4; i++)
		snprintf(path[i], sizeof(path[i]), "%s/%s", places[i], name);
	say("%-8s%-17s%-17s%-17s%s", name, shown(path[0]), shown(path[1]), shown(path[2]),
	    shown(path[3]));
}

void scene_union(void)
{
	const char *layers[] = { "B", "A", NULL };
	const char *winner = broken("order") ? "of B" : "of A";
	char x[64], after[64], below[64];

	if (broken("order"))
		layers[0] = "A", layers[1] = "B";
	workshop();
	make_abc();
	place_file("A/a", "of A");
	place_file("A/x", "of A");
	place_file("B/b", "of B");
	place_file("B/x", "of B");
	place_file("C/c", "of C");
	act(NULL);
	show("mount -t overlay overlay -o lowerdir=%s:%s,upperdir=C,workdir=tmp merged", layers[1],
	     layers[0]);
	mount_layers(layers, "C", "tmp", "merged");
	say("%-8s%-17s%-17s%-17s%s", "", "B (layer)", "A (layer)", "C (upper)", "merged");
	union_row("a");
	union_row("b");
	union_row("c");
	union_row("x");
	say("The first in lowerdir= lies on top of the others: x is %s's.", layers[1]);
	check(read_line("merged/x", x, sizeof(x)) == 0 && strcmp(x, winner) == 0,
	      "merged/x should be \"%s\", is \"%s\"", winner, x);
	check(access("merged/a", F_OK) == 0 && access("merged/b", F_OK) == 0 &&
		      access("merged/c", F_OK) == 0,
	      "merged should hold a, b and c");
	act(NULL);
	show("echo new > merged/x");
	place_file("merged/x", "new");
	union_row("x");
	check(read_line("merged/x", after, sizeof(after)) == 0 &&
		      read_line("C/x", after, sizeof(after)) == 0 && strcmp(after, "new") == 0,
	      "the write should be in C, C/x is \"%s\"", after);
	read_line("A/x", below, sizeof(below));
	check(strcmp(below, "of A") == 0, "A/x should be as it was, is \"%s\"", below);
	value("x_of_layers", "%s", x);
	value("x_written", "%s", after);
	if (broken("order"))
		verdict("4 files from 3 directories, and x is %s: the wrong one", x);
	else
		verdict("4 files from 3 directories; x is %s; the write is in C alone", x);
}

/* ---- copy-up ---- */

enum { BIG = 8 << 20 };

static void file_row(const char *label, const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		say("%-17s-", label);
	else
		say("%-17sdev %u:%-4u inode %-9lu %8ld bytes %6ld KiB", label, major(st.st_dev),
		    minor(st.st_dev), (unsigned long)st.st_ino, (long)st.st_size,
		    (long)st.st_blocks / 2);
}

static void file_rows(void)
{
	file_row("lower   A/big", "A/big");
	file_row("upper   C/big", "C/big");
	file_row("merged/big", "merged/big");
}

static void make_big(const char *path)
{
	static char block[1 << 16];
	int fd = SYS(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644), path);

	memset(block, 'b', sizeof(block));
	for (int i = 0; fd >= 0 && i < BIG / (int)sizeof(block); i++)
		if (SYS(write(fd, block, sizeof(block)), path) < 0)
			fail_scene();
	if (fd < 0)
		fail_scene();
	close(fd);
}

/* Appends a byte; returns how long open(2) and write(2) took, in microseconds. */
static long append_byte(const char *path)
{
	struct timespec begin, end;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	int fd = SYS(open(path, O_WRONLY | O_APPEND | O_CLOEXEC), path);
	if (fd < 0 || SYS(write(fd, "\n", 1), path) != 1)
		fail_scene();
	clock_gettime(CLOCK_MONOTONIC, &end);
	close(fd);
	return (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
}

void scene_copy_up(void)
{
	struct stat lower, upper;

	workshop();
	make_abc();
	make_big("A/big");
	mount_layers((const char *const[]){ "A", NULL }, "C", "tmp", "merged");
	act("A file of the image, 8 MiB; nobody has written to it yet:");
	file_rows();
	bool before = access("C/big", F_OK) == 0;
	act(NULL);
	show("echo >> merged/big            (one byte)");
	long first = append_byte("merged/big");
	file_rows();
	lower = stat_of("A/big");
	upper = stat_of("C/big");
	long second = append_byte("merged/big");
	say("open() for writing copies the file up before the first byte goes in:");
	say("that took %ld us; the same once more, now that it is in upper: %ld us.", first,
	    second);
	value("first_us", "%ld", first);
	value("second_us", "%ld", second);
	value("lower_size", "%ld", (long)lower.st_size);
	value("upper_size", "%ld", (long)upper.st_size);
	value("lower_inode", "%lu", (unsigned long)lower.st_ino);
	value("upper_inode", "%lu", (unsigned long)upper.st_ino);
	check(!before, "upper should be empty before the write");
	check(lower.st_size == BIG, "lower should keep its %d bytes, has %ld", BIG,
	      (long)lower.st_size);
	check(upper.st_size == BIG + 1, "upper should have %d bytes, has %ld", BIG + 1,
	      (long)upper.st_size);
	check(upper.st_blocks * 512L >= BIG, "upper should hold the whole copy, holds %ld KiB",
	      (long)upper.st_blocks / 2);
	check(upper.st_ino != lower.st_ino || upper.st_dev != lower.st_dev,
	      "upper should be a file of its own");
	check(first > second,
	      "the first write should take longer than the second, took %ld and %ld us", first,
	      second);
	verdict("1 byte written, %ld KiB copied; the image's file is untouched",
		(long)upper.st_blocks / 2);
}

/* ---- whiteout ---- */

static void whiteout_row(const char *label)
{
	char lower[64], upper[64];

	snprintf(lower, sizeof(lower), strcmp(shown("A/x"), "-") ? "x %s" : "-", shown("A/x"));
	snprintf(upper, sizeof(upper), strcmp(shown("C/x"), "-") ? "x %s" : "-", shown("C/x"));
	say("%-11s%-20s%-20s%s%s", label, lower, upper, strcmp(shown("merged/x"), "-") ? "x " : "",
	    shown("merged/x"));
}

void scene_whiteout(void)
{
	const char *const layers[] = { "A", NULL };
	struct stat mark;
	char lower[16] = "", back[16] = "";

	workshop();
	make_abc();
	place_file("A/x", "hi");
	mount_layers(layers, "C", "tmp", "merged");
	act(NULL);
	say("%-11s%-20s%-20s%s", "", "lower", "upper", "merged");
	whiteout_row("before");
	act(NULL);
	show("rm merged/x");
	if (SYS(unlink("merged/x"), "merged/x") < 0)
		fail_scene();
	whiteout_row("after");
	bool gone = access("merged/x", F_OK) < 0;
	show("stat -c '%%F %%t:%%T' upper/x");
	mark = stat_of("C/x");
	evidence("%s %x:%x", S_ISCHR(mark.st_mode) ? "character special file" : "something else",
		 major(mark.st_rdev), minor(mark.st_rdev));
	act(NULL);
	show("umount merged; rm upper/x; mount ... merged");
	if (overlay_unmount("merged") < 0 || SYS(unlink("C/x"), "C/x") < 0)
		fail_scene();
	mount_layers(layers, "C", "tmp", "merged");
	whiteout_row("mark gone");
	read_line("A/x", lower, sizeof(lower));
	read_line("merged/x", back, sizeof(back));
	value("mark_mode", "%o", mark.st_mode & S_IFMT);
	value("mark_major", "%u", major(mark.st_rdev));
	value("mark_minor", "%u", minor(mark.st_rdev));
	value("lower", "%s", lower);
	check(gone, "x should be gone in merged");
	check(strcmp(lower, "hi") == 0, "lower's x should still be \"hi\", is \"%s\"", lower);
	check(S_ISCHR(mark.st_mode) && mark.st_rdev == makedev(0, 0),
	      "upper's x should be a character device 0:0, is mode %o, %u:%u", mark.st_mode,
	      major(mark.st_rdev), minor(mark.st_rdev));
	check(strcmp(back, "hi") == 0, "without the mark x should be back, is \"%s\"", back);
	verdict("gone in merged, alive in lower; without the mark it is back");
}

/* ---- opaque ---- */

void scene_opaque(void)
{
	const char *attribute = upper_userxattr() ? "user.overlay.opaque"
						  : "trusted.overlay.opaque";
	const char *const layers[] = { "A", NULL };
	char mark[16] = "", text[512];

	workshop();
	make_abc();
	place_dir("A/dir");
	place_file("A/dir/old", "hi");
	mount_layers(layers, "C", "tmp", "merged");
	act(NULL);
	show("rm -r merged/dir; mkdir merged/dir; echo new > merged/dir/new");
	if (SYS(unlink("merged/dir/old"), "merged/dir/old") < 0 ||
	    SYS(rmdir("merged/dir"), "merged/dir") < 0 ||
	    SYS(mkdir("merged/dir", 0755), "merged/dir") < 0)
		fail_scene();
	place_file("merged/dir/new", "new");
	say("%-11s%-20s%-20s%s", "", "lower", "upper", "merged");
	say("%-11s%-20s%-20s%s", "dir/old", shown("A/dir/old"), shown("C/dir/old"),
	    shown("merged/dir/old"));
	say("%-11s%-20s%-20s%s", "dir/new", shown("A/dir/new"), shown("C/dir/new"),
	    shown("merged/dir/new"));
	act(NULL);
	say("upper/dir has no whiteout for old: one mark on it hides all that is below.");
	ssize_t n = SYS(getxattr("C/dir", attribute, mark, sizeof(mark) - 1), "C/dir");
	show("getfattr -n %s upper/dir", attribute);
	evidence("%s=\"%s\"", attribute, n < 0 ? "" : mark);
	int count = diff_text(layers, "C", text, sizeof(text));
	show("bin/step06_overlay_rootfs diff merged");
	evidence("%s", text);
	bool hidden = access("merged/dir/old", F_OK) < 0;
	bool removable = removexattr("merged/dir", attribute) == 0;
	value("mark", "%s", mark);
	value("changes", "%d", count);
	check(n == 1 && mark[0] == 'y', "upper/dir should carry %s=y, carries \"%s\"", attribute,
	      mark);
	check(!removable, "the mark should be out of reach from inside");
	check(hidden && access("A/dir/old", F_OK) == 0,
	      "old should be hidden in merged and alive in lower");
	check(access("C/dir/old", F_OK) < 0, "upper should have no mark for old itself");
	check(strcmp(text, "C /dir\nA /dir/new\nD /dir/old\n") == 0,
	      "diff should see the change, says \"%s\"", text);
	verdict("one attribute hides a whole directory; from inside it is out of reach");
}
