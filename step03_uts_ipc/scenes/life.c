/*
 * life.c: what a namespace is, how one comes to be in it, and how long it lives.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "step03_uts_ipc/uts_ipc.h"
#include "visit.h"
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* ---- ns-links ---- */

/* A row of the table. Returns 1 same, 0 different, -1 no answer. */
static int tell_link(pid_t box, const char *name)
{
	struct ns_id ours, theirs;
	char key[32];
	int same = ns_is_same(host_proc(), 0, box, name);

	if (same < 0) {
		row(name, "%s",
		    errno == ENOENT ? "not in this kernel, or no child yet" : strerror(errno));
		return -1;
	}
	ours = ns_of(0, name);
	theirs = ns_of(box, name);
	row(name, "%lu\t%lu  %s", (unsigned long)ours.ino, (unsigned long)theirs.ino,
	    same ? "same" : "DIFFERENT");
	snprintf(key, sizeof(key), "%s_is", name);
	value(key, "%s", same ? "same" : "different");
	return same;
}

void scene_ns_links(void)
{
	const int asked = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
	int different = 0, same = 0;
	struct witness box;

	act("clone(child, stack_top, NEWPID | NEWNS | NEWUTS | NEWIPC | SIGCHLD)");
	witness_start(&box, asked, NULL, NULL);
	show("ls -lL /proc/self/ns /proc/%d/ns   (inodes, of device nsfs)", box.child.pid);
	host_is_stand_in();
	heads("HOST", "CONTAINER");
	for (int kind = 0; kind < NS_KINDS; kind++) {
		int result = tell_link(box.child.pid, ns_info[kind].name);
		bool new = asked &ns_info[kind].flag;
		if (result < 0 && !new)
			continue; /* a kind that this kernel lacks */
		check(result == !new, "%s should be %s", ns_info[kind].name,
		      new ? "different" : "the same");
		different += result == 0;
		same += result == 1;
	}

	act(NULL);
	value("container", "%d", box.child.pid);
	value("count_different", "%d", different);
	value("count_same", "%d", same);
	check(ns_is_same(host_proc(), 0, 0, "uts") == 1,
	      "a process is in the same namespace as itself");
	check(witness_end(&box) == 0, "the container should end with 0");
	check(ns_is_same(host_proc(), 0, box.child.pid, "uts") < 0,
	      "who is gone is in no namespace");
	verdict("%d asked for and different, %d not asked for and shared", different, same);
}

/* ---- keep-alive ---- */

static int take_a_name(struct witness *self)
{
	return uts_set_names(self->arg, NULL);
}

/* The nsfs mount in our mountinfo: its root field is the namespace. */
static int tell_nsfs(const struct mountinfo *mount, void *arg)
{
	if (strcmp(mount->fs_type, "nsfs") != 0)
		return 0;
	snprintf(arg, 64, "%s", mount->root);
	return 1;
}

static void tell_visit(const char *label, const struct visit *found)
{
	if (found->error)
		row(label, "%s", strerror(found->error));
	else
		row(label, "%lu\t%s", (unsigned long)found->uts.ino, found->hostname);
}

/* Nothing holds it: nobody can get there any more. */
static void without_holder(const char *name)
{
	char link[64];
	struct witness box;
	struct visit found;

	act("a container named \"%s\", held by its process alone", name);
	witness_start(&box, CLONE_NEWUTS, take_a_name, (void *)(uintptr_t)name);
	snprintf(link, sizeof(link), "/proc/%d/ns/uts", box.child.pid);
	heads("UTS NAMESPACE", "HOST NAME");
	visit_path(link, CLONE_NEWUTS, &found);
	tell_visit("it lives", &found);
	check(found.error == 0 && strcmp(found.hostname, name) == 0,
	      "while it lives one should get in");
	witness_end(&box);
	visit_path(link, CLONE_NEWUTS, &found);
	show("nsenter --uts=%s uname -n   (its process has ended)", link);
	evidence("%s", strerror(found.error));
	value("error", "%d", found.error);
	check(found.error == ENOENT, "no way should lead there: errno %d", found.error);
	verdict("the name went with the namespace, and that with its process");
}

static void judge_kept(const struct visit *alive, const struct visit *by_fd,
		       const struct visit *by_path)
{
	check(by_fd->error == 0 && ns_id_equal(by_fd->uts, alive->uts),
	      "the descriptor should lead there: errno %d", by_fd->error);
	check(by_path->error == 0 && ns_id_equal(by_path->uts, alive->uts),
	      "the bind mount should lead there: errno %d", by_path->error);
	check(strcmp(by_fd->hostname, alive->hostname) == 0 &&
		      strcmp(by_path->hostname, alive->hostname) == 0,
	      "the name should still be %s, is %s and %s", alive->hostname, by_fd->hostname,
	      by_path->hostname);
}

static void with_holders(const char *name)
{
	const char *path;
	char link[64], root[64] = "";
	struct visit alive, gone, by_fd, by_path, after;
	struct witness box;

	playground();
	path = in_playground("uts");
	act("a container named \"%s\"; we open its link, and bind it on a file", name);
	witness_start(&box, CLONE_NEWUTS, take_a_name, (void *)(uintptr_t)name);
	snprintf(link, sizeof(link), "/proc/%d/ns/uts", box.child.pid);
	int fd = SYS(open(link, O_RDONLY | O_CLOEXEC), link);
	if (fd < 0 || ns_keep(host_proc(), box.child.pid, "uts", path) < 0)
		fail_scene();
	heads("UTS NAMESPACE", "HOST NAME");
	visit_path(link, CLONE_NEWUTS, &alive);
	tell_visit("PID's link", &alive);

	act("its only process ends: %d", box.child.pid);
	witness_end(&box);
	visit_path(link, CLONE_NEWUTS, &gone);
	visit(fd, CLONE_NEWUTS, &by_fd);
	visit_path(path, CLONE_NEWUTS, &by_path);
	tell_visit("PID's link", &gone);
	tell_visit("descriptor", &by_fd);
	tell_visit("bind mount", &by_path);
	mountinfo_each(host_proc(), 0, tell_nsfs, root);
	show("findmnt -t nsfs -o FSROOT");
	evidence("%s", root);

	act("close the descriptor, unmount the file: both holders are gone");
	close(fd);
	if (SYS(umount2(path, 0), path) < 0)
		fail_scene();
	visit_path(path, CLONE_NEWUTS, &after);
	row("the file", "setns: %s  (an empty file)", strerror(after.error));

	act(NULL);
	value("namespace", "%lu", (unsigned long)alive.uts.ino);
	value("kept", "%lu", (unsigned long)by_path.uts.ino);
	value("hostname", "%s", by_path.hostname);
	value("fsroot", "%s", root);
	check(gone.error == ENOENT, "the process's link should be gone: errno %d", gone.error);
	judge_kept(&alive, &by_fd, &by_path);
	check(after.error == EINVAL, "an ordinary file is no namespace: errno %d", after.error);
	verdict("no process, but entered twice; its name was still there");
}

void scene_keep_alive(void)
{
	char name[32];

	snprintf(name, sizeof(name), "kept-%s", guard_token());
	if (broken("keep"))
		without_holder(name);
	else
		with_holders(name);
}

/* ---- three-ways ---- */

static int unshare_yourself(struct witness *self)
{
	return uts_unshare(self->arg, NULL);
}

static int open_link(pid_t pid, const char *name)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/%d/ns/%s", pid, name);
	int fd = SYS(open(link, O_RDONLY | O_CLOEXEC), link);
	if (fd < 0)
		fail_scene();
	return fd;
}

static void judge_ways(struct ns_id host, const struct visit *cloned, const struct visit *unshared)
{
	check(!ns_id_equal(host, cloned->uts), "clone should make a new inode, it is still %lu",
	      (unsigned long)host.ino);
	check(!ns_id_equal(host, unshared->uts), "unshare should make a new inode, it is still %lu",
	      (unsigned long)host.ino);
	check(!ns_id_equal(cloned->uts, unshared->uts), "each should make its own, both are %lu",
	      (unsigned long)cloned->uts.ino);
	check(strcmp(cloned->hostname, "by-clone") == 0 &&
		      strcmp(unshared->hostname, "by-unshare") == 0,
	      "the names should be by-clone, by-unshare; are %s, %s", cloned->hostname,
	      unshared->hostname);
}

void scene_three_ways(void)
{
	char by_clone[] = "by-clone", by_unshare[] = "by-unshare";
	struct witness cloned, unshared;
	struct visit in_cloned, in_unshared, any, wrong;
	struct ns_id host = ns_of(0, "uts"), ipc;

	act("clone(CLONE_NEWUTS): a child is born in a new one");
	witness_start(&cloned, CLONE_NEWUTS | CLONE_NEWIPC, take_a_name, by_clone);
	struct ns_id of_cloned = ns_of(cloned.child.pid, "uts");
	heads("UTS NAMESPACE", "");
	row("host", "%lu", (unsigned long)host.ino);
	row("clone", "%lu\t%s", (unsigned long)of_cloned.ino,
	    ns_id_equal(host, of_cloned) ? "the same" : "new");

	act("unshare(CLONE_NEWUTS): the caller itself moves to a new one");
	witness_start(&unshared, 0, unshare_yourself, by_unshare);
	struct ns_id of_unshared = ns_of(unshared.child.pid, "uts");
	row("unshare", "%lu\t%s", (unsigned long)of_unshared.ino,
	    ns_id_equal(host, of_unshared) ? "the same" : "new");

	act("setns(fd, nstype): the caller moves to one that is there");
	int fd = open_link(cloned.child.pid, "uts"), ipc_fd = open_link(cloned.child.pid, "ipc");
	int other = open_link(unshared.child.pid, "uts");
	visit(fd, CLONE_NEWUTS, &in_cloned);
	visit(other, CLONE_NEWUTS, &in_unshared);
	row("setns", "%lu\tclone's: \"%s\"", (unsigned long)in_cloned.uts.ino, in_cloned.hostname);
	row("setns", "%lu\tunshare's: \"%s\"", (unsigned long)in_unshared.uts.ino,
	    in_unshared.hostname);
	ipc = ns_of(cloned.child.pid, "ipc");
	visit(ipc_fd, 0, &any);
	row("nstype 0", "an ipc link\t%s: 0 takes any kind",
	    any.error ? strerror(any.error) : "entered");
	visit(fd, CLONE_NEWIPC, &wrong);
	row("NEWIPC", "a uts link\t%s", wrong.error ? strerror(wrong.error) : "entered");

	act(NULL);
	value("host", "%lu", (unsigned long)host.ino);
	value("clone", "%lu", (unsigned long)of_cloned.ino);
	value("unshare", "%lu", (unsigned long)of_unshared.ino);
	value("setns_clone", "%lu", (unsigned long)in_cloned.uts.ino);
	value("setns_unshare", "%lu", (unsigned long)in_unshared.uts.ino);
	judge_ways(host, &in_cloned, &in_unshared);
	check(ns_id_equal(in_cloned.uts, of_cloned) && ns_id_equal(in_unshared.uts, of_unshared),
	      "who enters should have the same link as who lives there");
	check(any.error == 0 && ns_id_equal(any.ipc, ipc),
	      "nstype 0 should take an ipc link: errno %d", any.error);
	check(wrong.error == EINVAL && ns_id_equal(wrong.uts, host),
	      "a wrong kind should be EINVAL: errno %d", wrong.error);
	witness_end(&cloned);
	witness_end(&unshared);
	verdict("two made, both entered: equal links; a wrong kind is EINVAL");
}
