/*
 * shared.c: many containers on one image; what they share, and what they cannot reach.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "step06_overlay_rootfs/given/overlay_info.h"
#include "step02_mount_ns/mount_ns.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

/* ---- one-image-two-containers ---- */

enum { LIBRARY = 4 << 20 };

/* In a container's process: maps the file, as a program maps its libraries, and touches every page.
 */
static int map_library(struct witness *self)
{
	const char *path = self->arg;
	int fd = SYS(open(path, O_RDONLY | O_CLOEXEC), path);
	volatile const char *map = fd < 0 ? MAP_FAILED
					  : mmap(NULL, LIBRARY, PROT_READ, MAP_SHARED, fd, 0);
	int sum = 0;

	if (map == MAP_FAILED)
		return -1;
	for (int i = 0; i < LIBRARY; i += 4096)
		sum += map[i];
	self->seen->other = sum;
	return 0;
}

/* Rss and Pss of that file in a process, in KiB; proc_pid_smaps(5): Pss divides each page by its
 * number of users. */
static void read_smaps(pid_t pid, const char *file, long *rss, long *pss)
{
	char path[32], line[512];
	bool in = false;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	FILE *smaps = fopen(path, "re");
	*rss = *pss = -1;
	while (smaps && fgets(line, sizeof(line), smaps)) {
		if (strchr(line, '-') && strchr(line, '-') < strchr(line, ' '))
			in = strstr(line, file) != NULL;
		if (in && *rss < 0)
			sscanf(line, "Rss: %ld", rss);
		if (in && *pss < 0)
			sscanf(line, "Pss: %ld", pss);
	}
	if (smaps)
		fclose(smaps);
}

static void make_library(const char *path)
{
	static char block[1 << 16];
	int fd = SYS(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644), path);

	memset(block, 'l', sizeof(block));
	for (int i = 0; fd >= 0 && i < LIBRARY / (int)sizeof(block); i++)
		if (SYS(write(fd, block, sizeof(block)), path) < 0)
			fail_scene();
	if (fd < 0)
		fail_scene();
	close(fd);
}

void scene_one_image(void)
{
	struct witness one, two;
	long rss1, pss_alone, pss1, rss2, pss2;

	workshop();
	const char *const layers[] = { new_layer("image", false), NULL };
	make_library("image/diff/library");
	struct container_layer a = mount_container(layers, "one", NULL),
			       b = mount_container(layers, "two", NULL);
	struct stat image = stat_of("image/diff/library"), in_a = stat_of("one/merged/library"),
		    in_b = stat_of("two/merged/library");
	act("One layer, a file of 4 MiB; two containers, each with an upper of its own:");
	say("%-16s%-22s%-22s%s", "", "image", "one", "two");
	say("%-16s%-22lu%-22lu%lu", "inode", (unsigned long)image.st_ino,
	    (unsigned long)in_a.st_ino, (unsigned long)in_b.st_ino);
	say("%-16s%-22ld%-22s%s", "KiB on disk", (long)image.st_blocks / 2, "0 in its upper",
	    "0 in its upper");
	act("Both map it, as programs map their libraries, and read every page:");
	witness_start(&one, 0, map_library, (char[]){ "one/merged/library" });
	read_smaps(one.child.pid, "/library", &rss1, &pss_alone);
	witness_start(&two, 0, map_library, (char[]){ "two/merged/library" });
	read_smaps(one.child.pid, "/library", &rss1, &pss1);
	read_smaps(two.child.pid, "/library", &rss2, &pss2);
	show("grep -A4 library /proc/{%d,%d}/smaps        (KiB)", one.child.pid, two.child.pid);
	say("%-16s%-22s%-22s%s", "", "one, alone", "one", "two");
	say("%-16s%-22ld%-22ld%ld", "Rss: mapped", rss1, rss1, rss2);
	say("%-16s%-22ld%-22ld%ld", "Pss: its share", pss_alone, pss1, pss2);
	say("The pages in memory are the lower file's, once, whoever looks at them.");
	witness_end(&one);
	witness_end(&two);
	char text[64];
	int changes = diff_text(layers, a.upper, text, sizeof(text)) +
		      diff_text(layers, b.upper, text, sizeof(text));
	value("rss", "%ld", rss1);
	value("pss_alone", "%ld", pss_alone);
	value("pss_shared", "%ld", pss1);
	check(image.st_ino == in_a.st_ino && image.st_ino == in_b.st_ino,
	      "all three should be one inode");
	check(changes == 0, "both uppers should be empty");
	check(rss1 == LIBRARY / 1024 && rss2 == rss1,
	      "both should have mapped %d KiB, have %ld and %ld", LIBRARY / 1024, rss1, rss2);
	check(pss_alone == rss1 && pss1 == rss1 / 2 && pss2 == rss2 / 2,
	      "Pss should fall from %ld to %ld, is %ld and %ld", rss1, rss1 / 2, pss1, pss2);
	verdict("%ld KiB of memory twice seen, once there", rss1);
}

/* ---- a container to look at ---- */

/* In the child: what exec would find, behind pivot_root. */
static int enter_root(const char *merged)
{
	if (mount_private() < 0)
		return -1;
	int root = SYS(open(merged, O_PATH | O_DIRECTORY | O_CLOEXEC), merged);
	if (root < 0 || mount_own_proc(root, "/proc", PROC_FLAGS, NULL) < 0)
		return -1;
	int result = pivot_into(root);
	close(root);
	return result;
}

/* ---- where-it-lives ---- */

static int write_note(struct witness *self)
{
	if (enter_root(self->arg) < 0)
		return -1;
	int fd = SYS(open("/root/note", O_WRONLY | O_CREAT | O_CLOEXEC, 0644), "/root/note");
	if (fd < 0 || SYS(write(fd, "written inside\n", 15), "/root/note") < 0)
		return -1;
	close(fd);
	return 0;
}

static int find_root(const struct mountinfo *mount, void *arg)
{
	if (strcmp(mount->mount_point, "/") != 0 || strcmp(mount->fs_type, "overlay") != 0)
		return 0;
	return overlay_info_parse(mount->super_options, arg) == 0;
}

/* A path of the workshop as "DIR/...": TMPDIR may be long, a projector is not. */
static const char *short_path(const char *path, const char *place)
{
	static char text[4][128];
	static unsigned turn;
	char *out = text[turn++ % 4];
	size_t n = strlen(place);
	bool below = strncmp(path, place, n) == 0;

	snprintf(out, sizeof(text[0]), "%s%.100s", below ? "DIR" : "", path + (below ? n : 0));
	return out;
}

void scene_where_it_lives(void)
{
	struct witness box;
	struct overlay_info info = { 0 };
	char store[PATH_MAX], layer[PATH_MAX], note[PATH_MAX + 16], line[64] = "",
								    id[16] = "4f66c1a7";
	struct container_layer own;

	const char *place = workshop();
	snprintf(store, sizeof(store), "%.200s/overlay2", place);
	int fd = layer_make_busybox(store, "busybox", layer, sizeof(layer));
	if (fd < 0 || layer_make_container(store, id, &own) < 0)
		fail_scene();
	close(fd);
	mount_layers((const char *const[]){ layer, NULL }, own.upper, own.work, own.merged);
	act("DIR = %s", place);
	say("All that the host knows of a container is its PID.");
	witness_start(&box, CLONE_NEWPID | CLONE_NEWNS, write_note, own.merged);
	show("grep ' / / ' /proc/%d/mountinfo", box.child.pid);
	if (mountinfo_each(host_proc(), box.child.pid, find_root, &info) <= 0)
		fail_scene();
	evidence("... overlay overlay rw,");
	if (!info.layers || !info.layers[0] || !info.upper)
		fail_scene();
	for (char **l = info.layers; *l; l++)
		evidence("  lowerdir=%s", short_path(*l, place));
	evidence("  upperdir=%s\n  workdir=%s", short_path(info.upper, place),
		 short_path(info.work, place));
	act("Inside it has written /root/note. On the host that is:");
	snprintf(note, sizeof(note), "%s/root/note", info.upper);
	show("cat upperdir/root/note            (docker's overlay2/ID/diff)");
	int found = read_line(note, line, sizeof(line));
	evidence("%s", line);
	char through[64], seen[64] = "";
	snprintf(through, sizeof(through), "/proc/%d/root/root/note", box.child.pid);
	show("cat /proc/%d/root/root/note     (through its eyes)", box.child.pid);
	read_line(through, seen, sizeof(seen));
	evidence("%s", seen);
	witness_end(&box);
	value("upper", "%s", info.upper);
	value("lower", "%s", info.layers[0]);
	check(strcmp(info.upper, own.upper) == 0, "mountinfo should name upper %s", own.upper);
	check(strcmp(info.layers[0], layer) == 0, "mountinfo should name the layer %s, names %s",
	      layer, info.layers[0]);
	check(found == 0 && strcmp(line, "written inside") == 0,
	      "the note should be in upper, is \"%s\"", line);
	check(strcmp(seen, line) == 0, "the same note should be seen through /proc");
	overlay_info_free(&info);
	verdict("from a PID to the directory with its files, by mountinfo alone");
}

/* ---- shared-layer: the attack ---- */

enum { WAYS = 5 };

struct attack {
	const char *root;     /* directory to become / */
	char layer[PATH_MAX]; /* where the layer is on the host */
	int leaked;	      /* a descriptor that exec would leave open, or -1 */
	char result[WAYS][80];
};

static void outcome_of(struct attack *attack, int way, int fd)
{
	int err = errno;
	ssize_t n = -1;

	if (fd >= 0) {
		n = write(fd, "HACKED\n", 7);
		err = errno;
		close(fd);
	}
	snprintf(attack->result[way], sizeof(attack->result[way]), "%s",
		 n == 7 ? "written" : strerror(err));
}

/* Every descriptor that an exec would leave open, and that is a directory: is there a motd below
 * it? */
static int open_by_descriptor(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int found = -1;

	for (struct dirent *entry; found < 0 && dir && (entry = readdir(dir));) {
		int fd = atoi(entry->d_name);
		int flags = fcntl(fd, F_GETFD);
		if (fd > 2 && flags >= 0 && !(flags & FD_CLOEXEC))
			found = openat(fd, "etc/motd", O_WRONLY | O_TRUNC | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	if (found < 0)
		errno = ENOENT;
	return found;
}

static int attack_layer(struct witness *self)
{
	struct attack *attack = self->arg;
	char path[2 * PATH_MAX], up[256] = "";

	if (enter_root(attack->root) < 0)
		return -1;
	outcome_of(attack, 0, open("/etc/motd", O_WRONLY | O_TRUNC | O_CLOEXEC));
	snprintf(path, sizeof(path), "%s/etc/motd", attack->layer);
	outcome_of(attack, 1, open(path, O_WRONLY | O_TRUNC | O_CLOEXEC));
	for (int i = 0; i < 32; i++)
		strcat(up, "../");
	snprintf(path, sizeof(path), "%s%s/etc/motd", up, attack->layer);
	outcome_of(attack, 2, open(path, O_WRONLY | O_TRUNC | O_CLOEXEC));
	int bound = mkdir("/mine", 0755) == 0 ? mount(attack->layer, "/mine", NULL, MS_BIND, NULL)
					      : -1;
	outcome_of(attack, 3,
		   bound < 0 ? -1 : open("/mine/etc/motd", O_WRONLY | O_TRUNC | O_CLOEXEC));
	outcome_of(attack, 4, open_by_descriptor());
	return 0;
}

void scene_shared_layer(void)
{
	static const char *const ways[WAYS] = { "echo > /etc/motd", "the layer's path (mountinfo)",
						"../../.. and that path", "mount --bind that path",
						"/proc/self/fd, left open" };
	struct attack *attack = shared_memory(sizeof(*attack));
	const char *place = workshop();
	struct witness box;
	char image[64] = "", neighbour[64] = "", own[64] = "";

	const char *const layers[] = { new_layer("image", true), NULL };
	place_file("image/diff/etc/motd", "of the image");
	mount_container(layers, "victim", NULL);
	mount_container(layers, "attacker", NULL);
	attack->root = "attacker/merged";
	snprintf(attack->layer, sizeof(attack->layer), "%s/image/diff", place);
	if (broken("upper")) { /* as a chroot onto the image would be */
		if (SYS(mount("image/diff", "attacker/merged", NULL, MS_BIND, NULL),
			"attacker/merged") < 0)
			fail_scene();
	}
	/* O_CLOEXEC is the line: exec closes it, whoever forgot it. */
	attack->leaked = open("image/diff",
			      O_RDONLY | O_DIRECTORY | (broken("cloexec") ? 0 : O_CLOEXEC));
	act("Two containers on one image. Root in one of them wants to change /etc/motd");
	say("for both, by five ways from inside:");
	witness_start(&box, CLONE_NEWPID | CLONE_NEWNS, attack_layer, attack);
	for (int i = 0; i < WAYS; i++)
		say("  %-32s%s%s", ways[i], attack->result[i],
		    i == 0 && !broken("upper") ? " (copied up first)" : "");
	act(NULL);
	read_line("attacker/merged/etc/motd", own, sizeof(own));
	witness_end(&box);
	read_line("image/diff/etc/motd", image, sizeof(image));
	read_line("victim/merged/etc/motd", neighbour, sizeof(neighbour));
	say("%-16s%-20s%-20s%s", "", "image", "attacker", "neighbour");
	say("%-16s%-20s%-20s%s", "/etc/motd", shown("image/diff/etc/motd"),
	    shown("attacker/merged/etc/motd"), shown("victim/merged/etc/motd"));
	value("image", "%s", image);
	value("neighbour", "%s", neighbour);
	check(strcmp(own, "HACKED") == 0, "the attacker should see its own write, sees \"%s\"",
	      own);
	if (broken("upper") || broken("cloexec")) {
		check(strcmp(image, "HACKED") == 0 && strcmp(neighbour, "HACKED") == 0,
		      "image and neighbour should be hit, say \"%s\" and \"%s\"", image, neighbour);
		verdict("one container's write is in the image, and in its neighbour");
		return;
	}
	for (int i = 1; i < WAYS; i++)
		check(strcmp(attack->result[i], "written") != 0, "\"%s\" should lead nowhere",
		      ways[i]);
	check(strcmp(image, "of the image") == 0 && strcmp(neighbour, image) == 0,
	      "image and neighbour should be untouched, say \"%s\" and \"%s\"", image, neighbour);
	verdict("five ways, one write, in the attacker's own upper");
}
