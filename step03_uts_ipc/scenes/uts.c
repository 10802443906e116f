/*
 * uts.c: two names, and whose they are.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "step03_uts_ipc/uts_ipc.h"
#include "visit.h"
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* What a container and the scene tell each other. */
struct names {
	char wanted[32];
	struct utsname before, after; /* as the container saw them */
};

/* ---- hostname ---- */

static int rename_yourself(struct witness *self)
{
	struct names *names = self->arg;

	uname(&names->before);
	if (witness_wait(self) < 0 || uts_set_names(names->wanted, NULL) < 0)
		return -1;
	return uname(&names->after);
}

/* From outside, by the host's means: enter its namespace and ask. */
static void ask_outside(const struct witness *box, struct visit *found)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/uts", box->child.pid);
	visit_path(path, CLONE_NEWUTS, found);
	show("nsenter -t %d -u uname -n", box->child.pid);
	evidence("%s", found->hostname);
}

void scene_hostname(void)
{
	struct names *names = shared_memory(sizeof(*names));
	struct utsname before, after;
	struct witness box;
	struct visit found;
	bool apart = !broken("newuts");

	snprintf(names->wanted, sizeof(names->wanted), "box-%s", guard_token());
	act("clone(child, stack_top, %sSIGCHLD, NULL)", apart ? "CLONE_NEWUTS | " : "");
	host_is_stand_in();
	uname(&before);
	witness_start(&box, apart ? CLONE_NEWUTS : 0, rename_yourself, names);
	struct ns_id ours = ns_of(0, "uts"), theirs = ns_of(box.child.pid, "uts");
	heads("HOST", "CONTAINER");
	row("uts ns", "%lu\t%lu", (unsigned long)ours.ino, (unsigned long)theirs.ino);
	row("at birth", "%s\t%s", clip(before.nodename, 26), clip(names->before.nodename, 36));

	act("sethostname(\"%s\", %zu)   in the container", names->wanted, strlen(names->wanted));
	witness_cue(&box);
	uname(&after);
	row("now", "%s\t%s", clip(after.nodename, 26), clip(names->after.nodename, 36));
	ask_outside(&box, &found);
	row("uname -r", "%s\t%s  (the kernel's)", clip(after.release, 26),
	    clip(names->after.release, 20));

	act(NULL);
	value("host_before", "%s", before.nodename);
	value("host_after", "%s", after.nodename);
	value("container_before", "%s", names->before.nodename);
	value("container_after", "%s", names->after.nodename);
	value("ns_host", "%lu", (unsigned long)ours.ino);
	value("ns_container", "%lu", (unsigned long)theirs.ino);
	check(strcmp(names->after.nodename, names->wanted) == 0, "inside it should be %s, is %s",
	      names->wanted, names->after.nodename);
	check(strcmp(found.hostname, names->after.nodename) == 0,
	      "who enters should see %s, sees %s", names->after.nodename, found.hostname);
	if (apart) {
		check(!ns_id_equal(ours, theirs), "two namespaces should differ, both are %lu",
		      (unsigned long)ours.ino);
		check(strcmp(names->before.nodename, before.nodename) == 0,
		      "it should be born with the host's name %s, is %s", before.nodename,
		      names->before.nodename);
		check(strcmp(before.nodename, after.nodename) == 0,
		      "the host should still be %s, is %s", before.nodename, after.nodename);
		verdict("%s inside, and the host is still %s", names->wanted,
			clip(after.nodename, 30));
	} else {
		check(ns_id_equal(ours, theirs), "it should be one namespace");
		check(strcmp(after.nodename, names->wanted) == 0,
		      "the host should be %s now, is %s", names->wanted, after.nodename);
		verdict("one namespace, one name: the host is %s now", after.nodename);
	}
	check(witness_end(&box) == 0, "the container should end with 0");
}

/* ---- domainname ---- */

static int name_both(struct witness *self)
{
	struct names *names = self->arg;

	uname(&names->before);
	if (uts_unshare(NULL, names->wanted) < 0)
		return -1;
	return uname(&names->after);
}

static void read_domain(char *text, size_t size)
{
	if (read_file_at(host_proc(), "sys/kernel/domainname", text, size) < 0)
		fail_scene();
	text[strcspn(text, "\n")] = '\0';
}

void scene_domainname(void)
{
	struct names *names = shared_memory(sizeof(*names));
	char before[128], after[128];
	struct utsname ours;
	struct witness box;

	snprintf(names->wanted, sizeof(names->wanted), "nis-%s", guard_token());
	act("unshare(CLONE_NEWUTS), then setdomainname(\"%s\", %zu)", names->wanted,
	    strlen(names->wanted));
	read_domain(before, sizeof(before));
	witness_start(&box, 0, name_both, names);
	read_domain(after, sizeof(after));
	uname(&ours);
	host_is_stand_in();
	heads("HOST", "CONTAINER");
	row("before", "%s\t%s", clip(before, 26), clip(names->before.domainname, 36));
	row("after", "%s\t%s", clip(after, 26), clip(names->after.domainname, 36));
	say("Of uname(2)'s six strings two are the namespace's:");
	row("nodename", "%s\t%s", clip(ours.nodename, 26), clip(names->after.nodename, 36));
	row("domainname", "%s\t%s", clip(ours.domainname, 26), clip(names->after.domainname, 36));
	row("release", "%s\t%s  (the kernel's)", clip(ours.release, 26),
	    clip(names->after.release, 20));
	row("version", "%s\t%s", clip(ours.version, 26), clip(names->after.version, 36));
	say("It is NIS's domain and not DNS's: no resolver looks at it.");

	act(NULL);
	value("host_before", "%s", before);
	value("host_after", "%s", after);
	value("container", "%s", names->after.domainname);
	check(strcmp(before, names->before.domainname) == 0,
	      "it should begin with the host's %s, has %s", before, names->before.domainname);
	check(strcmp(names->after.domainname, names->wanted) == 0, "inside it should be %s, is %s",
	      names->wanted, names->after.domainname);
	check(strcmp(before, after) == 0, "the host's should still be %s, is %s", before, after);
	check(strcmp(names->after.nodename, ours.nodename) == 0,
	      "the host name should be the copy %s, is %s", ours.nodename, names->after.nodename);
	check(strcmp(names->after.release, ours.release) == 0,
	      "the release should be the kernel's");
	check(witness_end(&box) == 0, "the container should end with 0");
	verdict("%s inside, %s outside; the kernel's strings are one", names->wanted,
		clip(after, 26));
}
