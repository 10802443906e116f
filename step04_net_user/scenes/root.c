/*
 * root.c: what root in there is, and is not.
 */
#define _GNU_SOURCE
#include "box.h"
#include "scenes.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

/* ---- useradd ---- */

/* What one of the two containers is, as it saw itself and as we see it. */
struct tenant {
	bool knows;	/* its /etc/passwd has the new user */
	unsigned owner; /* of its file, as it sees it */
	char file[32];
};

/* What useradd(8) comes down to: a line in a file. */
static int add_user(const char *path, const char *name)
{
	FILE *file = fopen(path, "ae");

	if (!file)
		return -1;
	fprintf(file, "%s:x:1234:1234::/home/%s:/bin/sh\n", name, name);
	return fclose(file) == 0 ? 0 : -1;
}

static bool knows_user(const char *name)
{
	FILE *file = fopen("/etc/passwd", "re");
	bool found = false;

	for (struct passwd *entry; file && (entry = fgetpwent(file));)
		found |= strcmp(entry->pw_name, name) == 0;
	if (file)
		fclose(file);
	return found;
}

static int make_file(struct tenant *tenant)
{
	struct stat st;
	int fd = SYS(open(tenant->file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644), tenant->file);

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	tenant->owner = st.st_uid;
	close(fd);
	return 0;
}

/* A passwd of its own, over the one that all share: a copy on a tmpfs, bound in its own mount
 * namespace. */
static int own_passwd(const char *copy)
{
	size_t length = 0;
	char *text = read_whole_at(AT_FDCWD, "/etc/passwd", &length);
	int fd = text ? SYS(open(copy, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644), copy) : -1;
	bool written = fd >= 0 && write(fd, text, length) == (ssize_t)length;

	free(text);
	if (fd < 0)
		return -1;
	close(fd);
	if (!written)
		return -1;
	return SYS(mount(copy, "/etc/passwd", NULL, MS_BIND, NULL), "/etc/passwd");
}

static int own_root_same_user(struct box *self)
{
	struct tenant *tenant = self->script;

	if (own_passwd("/tmp/passwd-a") < 0 || add_user("/etc/passwd", "alice") < 0)
		return -1;
	tenant->knows = knows_user("alice");
	return make_file(tenant) < 0 ? -1 : box_wait(self);
}

static int own_user_same_root(struct box *self)
{
	struct tenant *tenant = self->script;

	if (box_wait(self) < 0)
		return -1;
	tenant->knows = knows_user("bob");
	return make_file(tenant) < 0 ? -1 : box_wait(self);
}

static unsigned owner_here(const char *path)
{
	struct stat st;

	if (SYS(stat(path, &st), path) < 0)
		fail_scene();
	return st.st_uid;
}

static const char *yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

static const char *whose_user_ns(const struct box *box)
{
	return ns_id_equal(ns_identity(0, "user"), ns_identity(box->child.pid, "user"))
		       ? "the host's"
		       : "its own";
}

static void judge_tenants(const struct tenant *a, const struct tenant *b, bool host_knows_alice)
{
	unsigned owner_a = owner_here(a->file), owner_b = owner_here(b->file);

	row("knows it", "alice: A %s, host %s\tbob: host yes, B %s", yes_no(a->knows),
	    yes_no(host_knows_alice), yes_no(b->knows));
	row("file in", "owner %u\towner %u", a->owner, b->owner);
	row("file out", "owner %u\towner %u", owner_a, owner_b);
	say("The user was hidden by a file. The user namespace changed the number.");
	value("host_knows_alice", "%d", host_knows_alice);
	value("b_knows_bob", "%d", b->knows);
	value("owner_b_inside", "%u", b->owner);
	value("owner_b_outside", "%u", owner_b);
	check(a->knows && !host_knows_alice, "alice should be known in A only: A %d, host %d",
	      a->knows, host_knows_alice);
	check(b->knows, "B should know bob, whom the host added: it shares the file");
	check(a->owner == owner_a, "A's file should have one owner number: %u, %u", a->owner,
	      owner_a);
	check(b->owner == 1234 && owner_b == 0,
	      "B's file should be 1234's in there and 0's out here: %u, %u", b->owner, owner_b);
	verdict("a file hides alice; the namespace turns owner %u into %u", owner_b, b->owner);
}

void scene_useradd(void)
{
	struct tenant *a = box_memory(sizeof(*a)), *b = box_memory(sizeof(*b));
	struct box box_a = { .part = own_root_same_user, .script = a };
	struct box box_b = { .part = own_user_same_root, .script = b, .as_born = true };
	struct id_map as_1234 = { 1234, 0, 1 };
	struct id_maps maps = {
		.uid = &as_1234, .gid = &as_1234, .uids = 1, .gids = 1, .deny_setgroups = true
	};

	*a = (struct tenant){ .file = "/tmp/file-a" };
	*b = (struct tenant){ .file = "/tmp/file-b" };
	/* The host of this scene: its mount namespace is disposable, so its /tmp and /etc/passwd
	 * may be. */
	if (SYS(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"), "/tmp") < 0 ||
	    own_passwd("/tmp/passwd") < 0)
		fail_scene();
	act("The textbook's useradd demo, taken apart (our /etc/passwd is a copy here):");
	heads("A: OWN /etc, SAME USER NS", "B: SAME /etc, OWN USER NS");
	box_start(&box_a, CLONE_NEWNS);
	box_start(&box_b, CLONE_NEWUSER);
	box_map(&box_b, &maps);
	row("user ns", "%s\t%s", whose_user_ns(&box_a), whose_user_ns(&box_b));
	act("A adds alice; the host adds bob.");
	if (add_user("/etc/passwd", "bob") < 0)
		fail_scene();
	box_go(&box_b);
	judge_tenants(a, b, knows_user("alice"));
	box_end(&box_a);
	box_end(&box_b);
}

/* ---- root-but-not-really ---- */

/* Each returns 0 or the errno. None does harm where it is allowed: this scene's namespaces are
 * disposable. */
static int try_hostname(void)
{
	return SYS_MAY(sethostname("taken-over", 10), "taken-over", EPERM) < 0 ? errno : 0;
}

static int try_mount(void)
{
	return SYS_MAY(mount("tmpfs", "/tmp", "tmpfs", 0, NULL), "/tmp", EPERM) < 0 ? errno : 0;
}

static int try_shadow(void)
{
	int fd = SYS_MAY(open("/etc/shadow", O_RDONLY | O_CLOEXEC), "/etc/shadow", EACCES);

	return fd < 0 ? errno : close(fd);
}

static int try_mknod(void)
{
	return SYS_MAY(mknod("/tmp/null", S_IFCHR | 0666, makedev(1, 3)), "/tmp/null", EPERM) < 0
		       ? errno
		       : 0;
}

/* Without its magic numbers it can only be refused: EPERM, or EINVAL to somebody who might. */
static int try_reboot(void)
{
	return SYS_MAY((int)syscall(SYS_reboot, 0, 0, 0, NULL), "the machine", EPERM) < 0 ? errno
											  : 0;
}

/* Signal 0 asks only: may I? */
static int try_kill(void)
{
	return SYS_MAY(kill(1, 0), 1, EPERM) < 0 ? errno : 0;
}

static int try_own_name(void)
{
	return unshare(CLONE_NEWUTS) < 0 || sethostname("mine", 4) < 0 ? errno : 0;
}

static const struct attempt {
	const char *call, *guarded_by;
	int (*try)(void);
	int refusal;
} attempts[] = {
	{ "sethostname(2)", "the host's UTS namespace", try_hostname, EPERM },
	{ "mount(2)", "the host's mount namespace", try_mount, EPERM },
	{ "mknod(2) 1:3", "the first user namespace alone", try_mknod, EPERM },
	{ "reboot(2)", "the host's PID namespace", try_reboot, EPERM },
	{ "open /etc/shadow", "its owner, who is not in the map", try_shadow, EACCES },
	{ "kill(1, 0)", "PID 1's user, who is not in the map", try_kill, EPERM },
	{ "its own UTS: same", "its own user namespace", try_own_name, 0 },
};

enum { ATTEMPTS = sizeof(attempts) / sizeof(*attempts) };

struct attack {
	char cap_eff[32];
	int answer[ATTEMPTS];
	bool skip[ATTEMPTS];
};

static const char *in_short(int error)
{
	return error == 0	 ? "allowed"
	       : error == EPERM	 ? "EPERM"
	       : error == EACCES ? "EACCES"
				 : strerror(error);
}

static int attack(struct box *self)
{
	struct attack *attack = self->script;

	if (!proc_status_value(scene_proc(), 0, "CapEff", attack->cap_eff, sizeof(attack->cap_eff)))
		return -1;
	for (int i = 0; i < ATTEMPTS; i++)
		if (!attack->skip[i])
			attack->answer[i] = attempts[i].try();
	return box_wait(self);
}

/* Where PID 1 is ours, or out of sight, and where there is no shadow file, an attempt proves
 * nothing. */
static void leave_out(struct attack *attack, unsigned outside)
{
	char uid[64] = "";
	struct stat st;

	for (int i = 0; i < ATTEMPTS; i++) {
		if (attempts[i].try == try_shadow)
			attack->skip[i] = stat("/etc/shadow", &st) < 0 || st.st_uid == outside ||
					  (st.st_mode & 04);
		if (attempts[i].try == try_kill)
			attack->skip[i] = !proc_status_value(scene_proc(), 1, "Uid", uid,
							     sizeof(uid)) ||
					  (unsigned)strtoul(uid, NULL, 10) == outside;
	}
}

static void attack_without_namespace(struct attack *attack, struct box *box)
{
	for (int i = 2; i < ATTEMPTS; i++)
		attack->skip[i] = true;
	box_start(box, 0);
	row("CapEff", "%s", attack->cap_eff);
	char name[65] = "";
	gethostname(name, sizeof(name));
	for (int i = 0; i < 2; i++)
		row("", "%-18s%s", attempts[i].call,
		    attack->answer[i] ? strerror(attack->answer[i]) : "done");
	show("hostname");
	evidence("%s", name);
	check(attack->answer[0] == 0 && attack->answer[1] == 0,
	      "both calls should be allowed: %s, %s", strerror(attack->answer[0]),
	      strerror(attack->answer[1]));
	check(strcmp(name, "taken-over") == 0,
	      "the host of this scene should be renamed, its name is %s", name);
	verdict("the host of this scene is called %s now", name);
}

void scene_root_but_not_really(void)
{
	struct attack *seen = box_memory(sizeof(*seen));
	struct box box = { .part = attack, .script = seen };
	int refused = 0, tried = 0;

	/* Writable by all: that mknod is refused must not be for want of a place. Gone with this
	 * scene's mounts. */
	if (SYS(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"), "/tmp") < 0)
		fail_scene();
	if (broken("newuser")) {
		act("clone(child, stack_top, SIGCHLD, NULL)      no user namespace of its own");
		attack_without_namespace(seen, &box);
		return;
	}
	act("clone(child, stack_top, CLONE_NEWUSER | SIGCHLD, NULL), and nothing else");
	leave_out(seen, you().uid);
	box_start(&box, CLONE_NEWUSER);
	box_map(&box, your_map());
	row("CapEff", "%s  every capability, over its own namespace", seen->cap_eff);
	for (int i = 0; i < ATTEMPTS; i++) {
		if (seen->skip[i])
			continue;
		if (attempts[i].refusal) {
			tried++;
			refused += seen->answer[i] == attempts[i].refusal;
		}
		say("%-17s %-8s guarded by %s", attempts[i].call, in_short(seen->answer[i]),
		    attempts[i].guarded_by);
		check(seen->answer[i] == attempts[i].refusal, "%s should be %s, is %s",
		      attempts[i].call, in_short(attempts[i].refusal), in_short(seen->answer[i]));
	}
	value("cap_eff", "%s", seen->cap_eff);
	value("tried", "%d", tried);
	value("refused", "%d", refused);
	verdict("all capabilities, and %d of %d calls refused", refused, tried);
	box_end(&box);
}
