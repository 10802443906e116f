/*
 * 06_overlay_rootfs.c: the calls of lab 6.
 */
#define _GNU_SOURCE
#include "tests/labs/lib/driver.h"
#include "step06_overlay_rootfs/overlay_rootfs.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { LAYERS = 32 };

/* BASE/NAME, in memory of its own. */
static char *under(const char *base, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", base, name) < 0)
		cannot("memory");
	return path;
}

static void tmpfs(const char *on)
{
	make_dirs(on);
	if (mount("lab", on, "tmpfs", 0, NULL) < 0)
		cannot(on);
}

/* ---- overlay_mount ---- */

/* An overlay of these layers, all directories below BASE: up, work, m, and the names. Layer number
 * j, counted from the lowest, has the files f0 to fj with its name in it: so fj of the overlay is
 * that of layer j. */
static struct overlay prepare(const char *base, char *const *names)
{
	static const char *layers[LAYERS + 1];
	int count = 0;

	fresh(CLONE_NEWNS);
	for (; names[count] && count < LAYERS; count++) {
		layers[count] = under(base, names[count]);
		make_dirs(layers[count]);
	}
	for (int i = 0; i < count; i++)
		for (int j = i; j < count; j++) {
			char name[16];

			snprintf(name, sizeof(name), "f%d", j);
			make_file(under(layers[i], name), names[i]);
		}
	make_dirs(under(base, "up"));
	make_dirs(under(base, "work"));
	make_dirs(under(base, "m"));
	return (struct overlay){ .layers = layers,
				 .upper = under(base, "up"),
				 .work = under(base, "work"),
				 .userxattr = true };
}

/* overlay_mount BASE LAYER...: the lowest layer first. */
static int play_mount(char **a)
{
	struct overlay overlay = prepare(a[0], a + 1);

	return TRY(overlay_mount(&overlay, under(a[0], "m")));
}

/* overlay_mount.trusted BASE LAYER...: marks are trusted.overlay.*. */
static int play_mount_trusted(char **a)
{
	struct overlay overlay = prepare(a[0], a + 1);

	overlay.userxattr = false;
	return TRY(overlay_mount(&overlay, under(a[0], "m")));
}

/* overlay_mount.below BASE LAYER...: no upper. */
static int play_mount_below(char **a)
{
	struct overlay overlay = prepare(a[0], a + 1);

	overlay.upper = overlay.work = NULL;
	return TRY(overlay_mount(&overlay, under(a[0], "m")));
}

/* A process, as one of a container, that changes f0, makes `new` and removes f1. */
static void change(const char *merged, const char *text)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		cannot("fork");
	if (child == 0) {
		int fd = open(under(merged, "f0"), O_WRONLY | O_TRUNC | O_CLOEXEC);

		if (fd >= 0 && write(fd, text, strlen(text)) < 0)
			_exit(1);
		make_file(under(merged, "new"), text);
		_exit(unlink(under(merged, "f1")) < 0);
	}
	waitpid(child, &status, 0);
}

/* overlay_mount.written BASE TEXT LAYER...: and then a process changes something in it. */
static int play_mount_written(char **a)
{
	struct overlay overlay = prepare(a[0], a + 2);
	int result = TRY(overlay_mount(&overlay, under(a[0], "m")));

	if (result == 0)
		change(under(a[0], "m"), a[1]);
	return result;
}

/* A name of that length, which begins with text and ends in number; in parts, since a part has 255
 * bytes at most. */
static char *long_name(const char *text, int number, size_t length)
{
	char *name;

	if (asprintf(&name, "%s%0*d", text, (int)(length - strlen(text)), number) < 0)
		cannot("memory");
	for (size_t i = 200; i + 2 < length; i += 200)
		name[i] = '/';
	return name;
}

/* overlay_mount.page BASE TEXT LENGTH: the options have that many bytes, without a NUL; mount(2)
 * takes 4095 and a NUL. Of 4096 bytes the last letter is lost, of 4105 the last of the options. */
static int play_mount_page(char **a)
{
	static const char options[] = "lowerdir="
				      ",upperdir="
				      ",workdir="
				      ",redirect_dir=nofollow,metacopy=off,index=off,userxattr";
	enum { COUNT = 20 };
	const size_t base = strlen(a[0]) + 1;
	size_t left = strtoul(a[2], NULL, 10) - strlen(options) - (base + strlen("up")) -
		      (base + strlen("work")) - (COUNT - 1) /* colons */ - COUNT * base;
	char *names[COUNT + 1] = { 0 };

	for (int i = 0; i < COUNT; i++)
		names[i] = long_name(a[1], i, left / COUNT + ((size_t)i < left % COUNT));
	struct overlay overlay = prepare(a[0], names);
	int result = TRY(overlay_mount(&overlay, under(a[0], "m")));
	say("lowest", "%s", names[0]);
	say("highest", "%s", names[COUNT - 1]);
	return result;
}

/* overlay_mount.wrong BASE WHAT: something that cannot be. */
static int play_mount_wrong(char **a)
{
	char *names[] = { "one", "two", NULL };
	struct overlay overlay = prepare(a[0], names);
	const char *layers[] = { overlay.layers[0], overlay.layers[1], NULL };
	const char *merged = under(a[0], "m"), *what = a[1];

	overlay.layers = layers;
	if (strcmp(what, "layer-missing") == 0)
		layers[1] = under(a[0], "three");
	else if (strcmp(what, "layer-file") == 0)
		layers[1] = under(layers[0], "f0");
	else if (strcmp(what, "no-layer") == 0)
		layers[0] = NULL;
	else if (strcmp(what, "upper-in-layer") == 0)
		make_dirs(overlay.upper = under(layers[0], "up"));
	else if (strcmp(what, "upper-missing") == 0)
		overlay.upper = under(a[0], "three");
	else if (strcmp(what, "work-elsewhere") == 0)
		tmpfs(overlay.work);
	else if (strcmp(what, "merged-missing") == 0)
		merged = under(a[0], "three");
	else if (strcmp(what, "merged-file") == 0)
		merged = under(layers[0], "f0");
	return TRY(overlay_mount(&overlay, merged));
}

/* ---- overlay_unmount ---- */

static void mount_own(const char *base, const char *lower, const char *merged)
{
	char *options;

	if (asprintf(&options, "lowerdir=%s,upperdir=%s,workdir=%s,userxattr", lower,
		     under(base, "up"), under(base, "work")) < 0)
		cannot("memory");
	if (mount("overlay", merged, "overlay", 0, options) < 0)
		cannot("an overlay");
}

/* On BASE/m: overlay, with `kept` written to it; tmpfs; one over the other. */
static void stack(const char *base, char *const *kinds)
{
	static char *none[] = { "layer", NULL };
	const char *merged = under(base, "m");

	prepare(base, none);
	for (; *kinds; kinds++) {
		if (strcmp(*kinds, "tmpfs") == 0) {
			tmpfs(merged);
			continue;
		}
		mount_own(base, under(base, "layer"), merged);
		make_file(under(merged, "kept"), "kept");
	}
}

/* overlay_unmount BASE KIND...: what is mounted on BASE/m, the lowest first. */
static int play_unmount(char **a)
{
	stack(a[0], a + 1);
	return TRY(overlay_unmount(under(a[0], "m")));
}

/* overlay_unmount.busy BASE: a file in it is open. */
static int play_unmount_busy(char **a)
{
	static char *one[] = { "overlay", NULL };

	stack(a[0], one);
	if (open(under(a[0], "m/kept"), O_RDONLY | O_CLOEXEC) < 0)
		cannot("m/kept");
	return TRY(overlay_unmount(under(a[0], "m")));
}

/* overlay_unmount.link BASE: by a symbolic link to BASE/m. */
static int play_unmount_link(char **a)
{
	static char *one[] = { "overlay", NULL };

	stack(a[0], one);
	if (symlink("m", under(a[0], "link")) < 0)
		cannot("a symbolic link");
	return TRY(overlay_unmount(under(a[0], "link")));
}

/* overlay_unmount.missing BASE: no such directory. */
static int play_unmount_missing(char **a)
{
	fresh(CLONE_NEWNS);
	return TRY(overlay_unmount(a[0]));
}

/* ---- overlay_classify ---- */

/* The name of the entry of a kind tells nothing about it. Of some kinds, which one test asks for, it
 * is as long as a name can be: who has a short buffer loses that test, and not all of them. */
static char *name_of(const char *base, const char *kind)
{
	unsigned hash = 2166136261;
	char *name;

	for (const char *p = base; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619;
	for (const char *p = kind; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619;
	bool is_long = strcmp(kind, "empty") == 0 || strcmp(kind, "fifo") == 0;
	if (asprintf(&name, "%0*x", is_long ? NAME_MAX : 24, hash) < 0)
		cannot("memory");
	return name;
}

static void mark(const char *path, const char *name, const char *value)
{
	if (setxattr(path, name, value, strlen(value), 0) < 0)
		cannot("user.* attributes on a tmpfs (Linux 6.6)");
}

/* What a container has removed: the kernel itself makes the marks, in BASE/up. */
static void make_kernels_marks(const char *base, bool opaque)
{
	static char *names[] = { "layer", NULL };
	const char *layer = under(base, "layer"), *merged = under(base, "m");
	const char *file = name_of(base, "whiteout"), *dir = name_of(base, "opaque");

	prepare(base, names);
	make_file(under(layer, file), "x");
	make_file(under(under(layer, dir), "in"), "x");
	mount_own(base, layer, merged);
	if (unlink(under(merged, file)) < 0)
		cannot("to remove a file in an overlay");
	if (opaque) {
		const char *made = under(merged, dir);

		/* On a tmpfs that keeps no attributes this is refused. */
		if (unlink(under(made, "in")) < 0 || rmdir(made) < 0 || mkdir(made, 0755) < 0 ||
		    getxattr(under(under(base, "up"), dir), "user.overlay.opaque", NULL, 0) < 0)
			cannot("user.* attributes on a tmpfs (Linux 6.6)");
	}
	if (umount2(merged, 0) < 0)
		cannot("to unmount an overlay");
}

/* An entry of upper. */
static void make_entry(const char *base, const char *path, const char *kind)
{
	if (strcmp(kind, "file") == 0) {
		make_file(path, "text");
	} else if (strcmp(kind, "empty") == 0) {
		make_file(path, "");
	} else if (strcmp(kind, "directory") == 0) {
		make_dirs(path);
	} else if (strcmp(kind, "fifo") == 0) {
		mkfifo(path, 0644);
	} else if (strncmp(kind, "link-to-", 8) == 0) {
		if (symlink(name_of(base, kind + 8), path) < 0)
			cannot(path);
	} else if (strcmp(kind, "marked") == 0) {
		make_file(path, "");
		mark(path, "user.overlay.whiteout", "y");
	} else if (strcmp(kind, "marked-empty") == 0) {
		make_file(path, "");
		mark(path, "user.overlay.whiteout", "");
	} else if (strcmp(kind, "marked-long") == 0) {
		char value[200];

		memset(value, 'y', sizeof(value));
		value[sizeof(value) - 1] = '\0';
		make_file(path, "");
		mark(path, "user.overlay.whiteout", value);
	} else if (strcmp(kind, "marked-text") == 0) {
		make_file(path, "text");
		mark(path, "user.overlay.whiteout", "y");
	} else if (strcmp(kind, "marked-directory") == 0) {
		make_dirs(path);
		mark(path, "user.overlay.whiteout", "y");
	} else if (strcmp(kind, "file-opaque") == 0) {
		make_file(path, "");
		mark(path, "user.overlay.opaque", "y");
	} else if (strncmp(kind, "opaque-", 7) == 0) {
		make_dirs(path);
		mark(path, "user.overlay.opaque", kind + 7);
	}
}

static const char *change_name(int change)
{
	switch (change) {
	case OVERLAY_ADDED:
		return "added";
	case OVERLAY_CHANGED:
		return "changed";
	case OVERLAY_DELETED:
		return "deleted";
	case OVERLAY_OPAQUE:
		return "opaque";
	default:
		return change == -1 ? "-1" : "another number";
	}
}

static char *kind_of(const char *what)
{
	char *kind = strndup(what, strcspn(what, ","));

	if (!kind)
		cannot("memory");
	return kind;
}

/* overlay_classify BASE KIND[,new][,trusted]...: each of them with something below, or nothing
 * (new); userxattr true, or false (trusted). */
static int play_classify(char **a)
{
	int results[64], count = 0;
	bool opaque = false;

	for (char **what = a + 1; *what; what++)
		opaque = opaque || strncmp(*what, "opaque", 6) == 0;
	make_kernels_marks(a[0], opaque);
	int upper = open(under(a[0], "up"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Its minor number is 0, that of null is not; a machine need not have it. */
	const char *terminal = access("/dev/tty", F_OK) == 0 ? "tty" : "null";
	if (upper < 0 || dev < 0)
		cannot("up");
	for (char **what = a + 1; *what; what++) {
		char *kind = kind_of(*what);
		const char *name = name_of(a[0], kind);

		if (faccessat(upper, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			make_entry(a[0], under(under(a[0], "up"), name), kind);
		free(kind);
	}
	for (char **what = a + 1; *what && count < 64; what++) {
		bool below = !strstr(*what, ",new"), user = !strstr(*what, ",trusted");
		char *kind = kind_of(*what);
		const char *name = name_of(a[0], kind);
		int dir = upper;

		if (strcmp(kind, "device") == 0 || strcmp(kind, "terminal") == 0) {
			name = strcmp(kind, "device") == 0 ? "null" : terminal;
			dir = dev;
		}
		results[count++] = TRY(overlay_classify(dir, name, below, user));
		free(kind);
	}
	for (int i = 0; i < count; i++)
		say(a[i + 1], "%s", change_name(results[i]));
	return 0;
}

/* overlay_classify.file BASE: the descriptor is that of a file. */
static int play_classify_file(char **a)
{
	make_file(under(a[0], "file"), "text");
	int fd = open(under(a[0], "file"), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		cannot("file");
	return TRY(overlay_classify(fd, "name", true, true));
}

/* overlay_classify.closed BASE: the caller may not search the directory. */
static int play_classify_closed(char **a)
{
	const char *dir = under(a[0], "up");

	make_file(under(dir, "name"), "text");
	int upper = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (upper < 0 || chmod(dir, 0) < 0)
		cannot(dir);
	drop_capabilities();
	return TRY(overlay_classify(upper, "name", true, true));
}

const struct lab_call lab_calls[] = {
	{ "overlay_mount", play_mount,
	  "overlay_mount(overlay, merged) in $1; layers, the lowest first: $*" },
	{ "overlay_mount.trusted", play_mount_trusted,
	  "overlay_mount(overlay, merged) in $1; userxattr is false; layers, the lowest first: "
	  "$*" },
	{ "overlay_mount.below", play_mount_below,
	  "overlay_mount(overlay, merged) in $1; upper is NULL; layers, the lowest first: $*" },
	{ "overlay_mount.written", play_mount_written,
	  "overlay_mount(overlay, merged) in $1; layers, the lowest first: [2?]$*; then a process "
	  "writes f0 and new, and removes f1" },
	{ "overlay_mount.page", play_mount_page,
	  "overlay_mount(overlay, merged) in $1; so many layers that the options have $3 bytes" },
	{ "overlay_mount.wrong", play_mount_wrong,
	  "overlay_mount(overlay, merged) in $1; what is wrong: $2" },
	{ "overlay_unmount", play_unmount,
	  "overlay_unmount(merged); merged is $1/m, with these mounts on it: $*" },
	{ "overlay_unmount.busy", play_unmount_busy,
	  "overlay_unmount(merged); merged is $1/m; a file in the overlay is open" },
	{ "overlay_unmount.link", play_unmount_link,
	  "overlay_unmount(merged); merged is $1/link, a symbolic link to the overlay on $1/m" },
	{ "overlay_unmount.missing", play_unmount_missing,
	  "overlay_unmount(merged); merged is below $1, which is missing" },
	{ "overlay_classify", play_classify,
	  "overlay_classify(dir, name, below, userxattr); each name says what it is; ',new': below "
	  "is false; ',trusted': userxattr is false; [1?]$*" },
	{ "overlay_classify.file", play_classify_file,
	  "overlay_classify(dir, name, below, userxattr); dir is a file" },
	{ "overlay_classify.closed", play_classify_closed,
	  "overlay_classify(dir, name, below, userxattr); the caller may not search dir" },
	{ 0 },
};
