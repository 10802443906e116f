/*
 * root.c: another root, and the way into it from outside.
 */
#define _GNU_SOURCE
#include "step02_mount_ns/given/busybox_root.h"
#include "step02_mount_ns/given/ns_links.h"
#include "step02_mount_ns/mount_ns.h"
#include "scenes.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- pivot-root ---- */

struct system {
	char os[96], release[66], entries[128];
	int entry_count;
	int witness_err; /* of opening the host's file: ENOENT, if its tree is out of reach */
};

struct pivoting {
	const char *on, *file;
	struct system seen;
};

/* The name that this root's operating system gives itself; os-release(5). */
static void read_os(char *out, size_t size)
{
	char text[4096], value[256] = "";

	if (read_file_at(AT_FDCWD, "/etc/os-release", text, sizeof(text)) < 0 &&
	    read_file_at(AT_FDCWD, "/usr/lib/os-release", text, sizeof(text)) < 0) {
		snprintf(out, size, "(no os-release)");
		return;
	}
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		if (sscanf(line, "PRETTY_NAME=%255[^\n]", value) == 1)
			break;
	/* Without its quotes, and without a code name in parentheses: the column is narrow. */
	bool quoted = value[0] == '"' || value[0] == '\'';
	char stop[3] = { '(', quoted ? value[0] : '(', '\0' };
	snprintf(out, size, "%.*s", (int)strcspn(value + quoted, stop), value + quoted);
	for (size_t n = strlen(out); n && out[n - 1] == ' ';)
		out[--n] = '\0';
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void read_root(struct system *seen)
{
	struct dirent **entries;
	int count = scandir("/", &entries, not_hidden, alphasort);

	for (int i = 0; i < count; i++) {
		size_t used = strlen(seen->entries);
		snprintf(seen->entries + used, sizeof(seen->entries) - used, "%s  ",
			 entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	seen->entry_count = count;
}

static void read_system(struct system *seen, const char *file)
{
	struct utsname name;

	uname(&name);
	snprintf(seen->release, sizeof(seen->release), "%s", name.release);
	read_os(seen->os, sizeof(seen->os));
	read_root(seen);
	seen->witness_err = access(file, F_OK) < 0 ? errno : 0;
}

static int pivot_and_look(struct witness *self)
{
	struct pivoting *what = self->arg;
	int root = -1;

	if (mount_private() < 0 || (root = busybox_root_mount(what->on)) < 0)
		return -1;
	/* Still under the old root: in a user namespace a new proc is allowed only while a whole
	 * one is in sight. */
	if (mount_own_proc(root, "proc", PROC_FLAGS, NULL) < 0)
		return -1;
	if (!broken("pivot-root") && pivot_into(root) < 0)
		return -1;
	close(root);
	read_system(&what->seen, what->file);
	return 0;
}

/* How many mounts of the container show a file system that the host's / is. */
struct counting {
	dev_t host;
	int of_host, all;
};

static int count_mount(const struct mountinfo *mount, void *arg)
{
	struct counting *counting = arg;

	counting->all++;
	counting->of_host += makedev(mount->major, mount->minor) == counting->host;
	if (counting->all <= 3 && !broken("pivot-root"))
		evidence("%d %d %u:%u %s %s - %s", mount->id, mount->parent, mount->major,
			 mount->minor, mount->root, mount->mount_point, mount->fs_type);
	return 0;
}

void scene_pivot_root(void)
{
	struct pivoting *what = shared_memory(sizeof(*what));
	struct counting counting = { 0 };
	struct found host_root = find_mount(0, "/");
	struct system host = { 0 };
	struct witness container;

	playground();
	what->on = in_playground("root");
	what->file = in_playground("a-file");
	place_dir(what->on);
	place_file(what->file, "the host's");
	read_system(&host, what->file);
	act(NULL);
	witness_start(&container, CLONE_NEWPID | CLONE_NEWNS, pivot_and_look, what);
	const struct system *seen = &what->seen;
	heads("HOST", "CONTAINER");
	row("os-release", "%.26s\t%.36s", host.os, seen->os);
	row("uname -r", "%.26s\t%.36s", host.release, seen->release);
	row("/", "%d entries	%d entries", host.entry_count, seen->entry_count);
	row("a file", "%s\t%s", host.witness_err ? strerror(host.witness_err) : "is there",
	    seen->witness_err ? strerror(seen->witness_err) : "is there");
	act(NULL);
	show("ls /proc/%d/root", container.child.pid);
	evidence("%.70s", seen->entries);
	show("cut -d' ' -f1-5,7,8 /proc/%d/mountinfo%s", container.child.pid,
	     broken("pivot-root") ? "" : "       (all that is left)");
	counting.host = makedev(host_root.major, host_root.minor);
	if (mountinfo_each(host_proc(), container.child.pid, count_mount, &counting) < 0)
		fail_scene();
	if (broken("pivot-root"))
		evidence("... %d mounts: all of the host's, and the new root", counting.all);

	value("pid", "%d", container.child.pid);
	value("mounts_inside", "%d", counting.all);
	value("release", "%s", seen->release);
	value("os_inside", "%s", seen->os);
	check(strcmp(host.release, seen->release) == 0, "the kernel should be the same");
	check(host.witness_err == 0, "the host's file should be there on the host");
	if (broken("pivot-root")) {
		check(strcmp(host.os, seen->os) == 0 && seen->witness_err == 0,
		      "the old root should still be in use");
		verdict("a new root is mounted, and the container still sees the host's");
	} else {
		check(strcmp(host.os, seen->os) != 0, "os-release should differ, is %s", seen->os);
		check(seen->witness_err == ENOENT, "the host's file should not exist inside");
		check(counting.all == 2, "2 mounts should be left, / and /proc, there are %d",
		      counting.all);
		check(counting.of_host == 0, "no mount of the host's root should be left, %d are",
		      counting.of_host);
		verdict("another system's files on the same kernel; %d mounts left", counting.all);
	}
	witness_end(&container);
}

/* ---- join ---- */

static int settle_in(struct witness *self)
{
	const char *dir = self->arg;
	char path[300];

	snprintf(path, sizeof(path), "%s/note", dir);
	if (mount_private() < 0 || SYS(mount("own", dir, "tmpfs", 0, "size=64k"), dir) < 0)
		return -1;
	place_file(path, "written inside");
	return mount_own_proc(AT_FDCWD, "/proc", PROC_FLAGS, NULL);
}

struct visit {
	pid_t target;
	const char *note;
	struct ns_id mnt, children; /* of the visitor, once in */
	pid_t child_inside;
	int count, err;
	char text[64];
};

/* One link after the other, as people first write it: by the second, /proc is another one. */
static int join_one_by_one(pid_t pid)
{
	static const char *const names[] = { "mnt", "pid" };
	char path[64];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, names[i]);
		int fd = SYS_MAY(open(path, O_RDONLY | O_CLOEXEC), path, ENOENT);
		if (fd < 0 || SYS(setns(fd, 0), path) < 0)
			return -1;
		close(fd);
	}
	return 0;
}

static int count_process(pid_t pid, void *arg)
{
	(void)pid;
	++*(int *)arg;
	return 0;
}

static void visit(struct visit *visit)
{
	int kinds = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID;

	sys_trace_as("visitor");
	int result = broken("links-first") ? join_one_by_one(visit->target)
					   : ns_links_join(host_proc(), visit->target, kinds);
	if (result < 0) {
		visit->err = errno;
		_exit(0);
	}
	proc_ns_id(host_proc(), 0, "mnt", &visit->mnt);
	proc_ns_id(host_proc(), 0, "pid_for_children", &visit->children);
	pid_t child = fork();
	if (child == 0) {
		int procfd = proc_open();
		visit->child_inside = getpid();
		read_line(visit->note, visit->text, sizeof(visit->text));
		proc_each(procfd, count_process, &visit->count);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	_exit(0);
}

static void link_row(const char *name, struct ns_id host, struct ns_id visitor,
		     struct ns_id container)
{
	row(name, "%lu\t%lu%s", (unsigned long)host.ino, (unsigned long)visitor.ino,
	    ns_id_equal(visitor, container) ? "  = the container's" : "");
}

static void ns_of(pid_t pid, const char *name, struct ns_id *out)
{
	if (proc_ns_id(host_proc(), pid, name, out) == 0)
		return;
	sys_failure_set(errno, "fstatat", "/proc/PID/ns", NULL, NULL);
	fail_scene();
}

static void judge_visit(const struct visit *visit, struct ns_id mnt, struct ns_id pid_ns)
{
	value("target", "%d", visit->target);
	value("child_inside", "%d", visit->child_inside);
	value("text", "%s", visit->text);
	value("errno", "%d", visit->err);
	if (broken("links-first")) {
		row("join", "mnt: entered\tpid: open: %s", strerror(visit->err));
		check(visit->err == ENOENT, "the second link should not be found (ENOENT), is %s",
		      strerror(visit->err));
		verdict("after the first setns /proc is the container's: no %d in it",
			visit->target);
		return;
	}
	check(visit->err == 0, "joining should work, is %s", strerror(visit->err));
	check(ns_id_equal(visit->mnt, mnt),
	      "the visitor should be in the container's mount namespace");
	check(ns_id_equal(visit->children, pid_ns),
	      "its children should go to the container's PID namespace");
	check(visit->child_inside == 2, "its child should be number 2 inside, is %d",
	      visit->child_inside);
	check(strcmp(visit->text, "written inside") == 0, "it should read the container's file");
	check(visit->count == 2, "it should see 2 processes in /proc, sees %d", visit->count);
	verdict("a process born outside is PID %d inside, with its files", visit->child_inside);
}

void scene_join(void)
{
	struct visit *seen = shared_memory(sizeof(*seen));
	struct ns_id mnt, pid_ns, our_mnt, our_pid;
	struct witness container;
	char nothing[64];

	playground();
	const char *dir = in_playground("data");
	place_dir(dir);
	witness_start(&container, CLONE_NEWPID | CLONE_NEWNS, settle_in, (void *)dir);
	*seen = (struct visit){ .target = container.child.pid, .note = in_playground("data/note") };
	act("A container, PID %d, is 1 inside. Another process of the host joins it:",
	    seen->target);
	ns_of(seen->target, "mnt", &mnt);
	ns_of(seen->target, "pid", &pid_ns);
	ns_of(0, "mnt", &our_mnt);
	ns_of(0, "pid_for_children", &our_pid);
	int host_reads = read_line(seen->note, nothing, sizeof(nothing));
	if (broken("links-first"))
		say("setns(open(\"/proc/%d/ns/mnt\")), then setns(open(\"/proc/%d/ns/pid\"))",
		    seen->target, seen->target);
	else
		show("nsenter --target %d --mount --pid", seen->target);
	pid_t visitor = fork();
	if (visitor == 0)
		visit(seen);
	waitpid(visitor, NULL, 0);
	if (!broken("links-first")) {
		host_is_stand_in();
		heads("VISITOR BEFORE", "AFTER SETNS");
		link_row("mnt", our_mnt, seen->mnt, mnt);
		link_row("pid, next", our_pid, seen->children, pid_ns);
		row("user", "the same already\tpassed over: setns would say EINVAL");
		act(NULL);
		heads("HOST", "THE VISITOR'S CHILD");
		row("PID", "(child of %d)\t%d", visitor, seen->child_inside);
		row("data/note", "%s\t\"%s\"", host_reads == 0 ? nothing : "No such file",
		    seen->text);
		row("in /proc", "\t%d processes", seen->count);
	}
	check(host_reads < 0, "the host should not see the container's file");
	judge_visit(seen, mnt, pid_ns);
	witness_end(&container);
}
