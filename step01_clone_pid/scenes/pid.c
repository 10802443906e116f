/*
 * pid.c: who has which number, and who sees it.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/scene.h"
#include "scenes.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- pid-one ---- */

enum { STACK_SIZE = 256 * 1024 }; /* as in clone_pid.c */

static int do_nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* The misprint, `clone(child, STACK_SIZE, ...)`: the size is taken for an address. glibc writes
 * function and argument there, in the caller, before any child exists. */
static void clone_with_size_for_stack(void)
{
	int status = 0;
	pid_t caller = scene_fork();

	if (caller == 0) {
		clone(do_nothing, (void *)(uintptr_t)STACK_SIZE, SIGCHLD, NULL);
		_exit(0);
	}
	waitpid(caller, &status, 0);
	say("clone(child, STACK_SIZE, CLONE_NEWPID | SIGCHLD, NULL)   in process %d", caller);
	say("waitpid(%d): %s", caller,
	    WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it lives");
	value("signal", "%d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	      "the caller should die of SIGSEGV, status is %#x", status);
	verdict("%d is an address nobody mapped: the caller itself died", STACK_SIZE);
}

void scene_pid_one(void)
{
	struct witness child;
	pid_t numbers[4] = { 0 };
	char line[512];

	if (broken("stack")) {
		clone_with_size_for_stack();
		return;
	}
	act("clone(child, stack_top, CLONE_NEWPID | SIGCHLD, NULL)");
	witness_start(&child, CLONE_NEWPID, NULL, NULL);

	pid_t pid = child.child.pid;
	struct ns_id ours = pid_ns_of(getpid()), theirs = pid_ns_of(pid);
	heads("HOST", "CONTAINER");
	row("PID", "%d\t%d", pid, child.seen->pid);
	row("parent", "%d\t%d  (no number in here)", getpid(), child.seen->ppid);
	row("pid ns", "%lu\t%lu", (unsigned long)ours.ino, (unsigned long)theirs.ino);
	act(NULL);

	int count = nspid_read(host_proc(), pid, numbers, 4);
	if (!proc_status_value(host_proc(), pid, "NSpid", line, sizeof(line)))
		fail_scene();
	show("grep NSpid /proc/%d/status", pid);
	evidence("NSpid:\t%s", line);
	act(NULL);

	value("pid_outside", "%d", pid);
	value("pid_inside", "%d", child.seen->pid);
	value("ns_host", "%lu", (unsigned long)ours.ino);
	value("ns_container", "%lu", (unsigned long)theirs.ino);
	check(child.seen->pid == 1, "getpid() inside should say 1, says %d", child.seen->pid);
	check(child.seen->ppid == 0, "getppid() inside should say 0, says %d", child.seen->ppid);
	check(count >= 2 && numbers[0] == pid && numbers[count - 1] == 1,
	      "NSpid should hold %d and 1, holds \"%s\"", pid, line);
	check(!ns_id_equal(ours, theirs), "the namespaces should differ, both are %lu",
	      (unsigned long)ours.ino);
	check(witness_end(&child) == 0, "the child should end with 0");
	verdict("1 inside, %d outside, same process", pid);
}

/* ---- half-an-illusion ---- */

static int count_one(pid_t pid, void *arg)
{
	(void)pid;
	++*(int *)arg;
	return 0;
}

static int look_around(struct witness *self)
{
	int proc = proc_open();
	ssize_t n = readlink("/proc/self", self->seen->text, sizeof(self->seen->text) - 1);

	if (proc < 0)
		return -1;
	proc_each(proc, count_one, &self->seen->count);
	snprintf(self->seen->text + (n < 0 ? 0 : n), 16, "%s", n < 0 ? "?" : "");
	close(proc);
	return 0;
}

void scene_half_an_illusion(void)
{
	struct witness child;
	int host = 0;

	act(NULL);
	witness_start(&child, CLONE_NEWPID, look_around, NULL);
	proc_each(host_proc(), count_one, &host);
	int inside = processes_in(pid_ns_of(child.child.pid), NULL, 0);

	heads("HOST", "CONTAINER");
	row("getpid()", "%d\t%d", child.child.pid, child.seen->pid);
	row("in /proc", "%d processes\t%d processes", host, child.seen->count);
	row("/proc/self", "%d\t%s", getpid(), child.seen->text);
	row("in its ns", "\t%d process", inside);
	say("/proc is a file system, mounted by the host: it shows the namespace");
	say("of whoever mounted it. A proc of its own comes with step 2.");
	act(NULL);

	value("seen_by_host", "%d", host);
	value("seen_inside", "%d", child.seen->count);
	value("in_namespace", "%d", inside);
	check(child.seen->pid == 1, "it should be PID 1, is %d", child.seen->pid);
	check(inside == 1, "its namespace should hold 1 process, holds %d", inside);
	check(child.seen->count > 1 && abs(child.seen->count - host) <= host / 4 + 5,
	      "PID 1 should see about the host's %d processes, sees %d", host, child.seen->count);
	check(atoi(child.seen->text) == child.child.pid,
	      "/proc/self should name the host's number %d, names %s", child.child.pid,
	      child.seen->text);
	witness_end(&child);
	verdict("1 process in the namespace, %d in its /proc", child.seen->count);
}

/* ---- unshare-setns ---- */

struct moves {
	char pid[3][64],
		for_children[3][64]; /* at the start, after unshare, after the first child */
	pid_t before, after, child_outside, child_inside;
	pid_t visitor_child_inside;
	bool visitor_stayed, unborn, ready;
};

static ssize_t read_link(const char *path, char *out, size_t size)
{
	char text[64];
	ssize_t n = readlink(path, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	snprintf(out, size, "%s", n < 0 ? "?" : text);
	return n;
}

static void read_links(struct moves *moves, int when)
{
	char *next = moves->for_children[when];

	read_link("/proc/self/ns/pid", moves->pid[when], sizeof(moves->pid[when]));
	if (read_link("/proc/self/ns/pid_for_children", next, sizeof(moves->for_children[when])) <
	    0) {
		moves->unborn = moves->unborn || errno == ENOENT;
		snprintf(next, sizeof(moves->for_children[when]), "(%s)",
			 errno == ENOENT ? "none yet" : strerror(errno));
	}
}

/* A third process: enters by setns the namespace that its sibling made for its first child. */
static void visit(struct moves *moves, pid_t sibling, pid_t first)
{
	char path[64];
	pid_t before = getpid();

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", first);
	int fd = SYS(open(path, O_RDONLY | O_CLOEXEC), path);
	if (fd >= 0 && !proc_is_child(host_proc(), first, sibling)) {
		sys_failure_set(errno, "proc_is_child", path, NULL, NULL);
		fail_scene();
	}
	if (fd < 0 || SYS(setns(fd, CLONE_NEWPID), path) < 0)
		fail_scene();
	moves->visitor_stayed = getpid() == before;
	pid_t child = scene_fork();
	if (child == 0) {
		moves->visitor_child_inside = getpid();
		_exit(0);
	}
	waitpid(child, NULL, 0);
	_exit(0);
}

static void mover(struct moves *moves, int hold)
{
	char byte;

	moves->before = getpid();
	read_links(moves, 0);
	if (SYS(unshare(CLONE_NEWPID), "pid") < 0)
		fail_scene();
	moves->after = getpid();
	read_links(moves, 1);
	pid_t child = scene_fork();
	if (child == 0) {
		moves->child_inside = getpid();
		_exit(read(hold, &byte, 1) < 0); /* until the scene closes its end */
	}
	moves->child_outside = child;
	read_links(moves, 2);
	__atomic_store_n(&moves->ready, true, __ATOMIC_SEQ_CST);
	waitpid(child, NULL, 0);
	_exit(0);
}

void scene_unshare_setns(void)
{
	struct moves *moves = mmap(NULL, sizeof(*moves), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int hold[2];

	if (moves == MAP_FAILED || pipe2(hold, O_CLOEXEC) < 0)
		fail_scene();
	act(NULL);
	pid_t caller = scene_fork();
	if (caller == 0) {
		close(hold[1]);
		mover(moves, hold[0]);
	}
	close(hold[0]);
	while (!(__atomic_load_n(&moves->ready, __ATOMIC_SEQ_CST) && moves->child_inside) &&
	       waitpid(caller, NULL, WNOHANG) == 0)
		usleep(1000);
	pid_t visitor = scene_fork();
	if (visitor == 0)
		visit(moves, caller, moves->child_outside);
	waitpid(visitor, NULL, 0);
	close(hold[1]);
	waitpid(caller, NULL, 0);

	heads("/proc/self/ns/pid", "pid_for_children");
	row("at first", "%s\t%s", moves->pid[0], moves->for_children[0]);
	row("unshare()", "%s\t%s", moves->pid[1], moves->for_children[1]);
	row("fork()", "%s\t%s", moves->pid[2], moves->for_children[2]);
	act(NULL);
	heads("CALLER", "ITS NEXT CHILD");
	row("unshare", "%d, still %d\t%d inside, %d outside", moves->before, moves->after,
	    moves->child_inside, moves->child_outside);
	row("setns", "%s\t%d inside", moves->visitor_stayed ? "has not moved" : "MOVED",
	    moves->visitor_child_inside);

	value("caller_before", "%d", moves->before);
	value("caller_after", "%d", moves->after);
	value("child_inside", "%d", moves->child_inside);
	value("visitor_child_inside", "%d", moves->visitor_child_inside);
	check(moves->before == moves->after, "the caller's PID should not change");
	check(strcmp(moves->pid[0], moves->pid[2]) == 0, "the caller's pid link should not change");
	check(moves->unborn, "pid_for_children should not exist before the first child");
	check(strcmp(moves->pid[2], moves->for_children[2]) != 0,
	      "pid_for_children should be another namespace");
	check(moves->child_inside == 1, "the next child should be 1, is %d", moves->child_inside);
	check(moves->visitor_stayed && moves->visitor_child_inside > 1,
	      "setns's next child should have a number inside, has %d",
	      moves->visitor_child_inside);
	verdict("the caller keeps %d; its next child is 1", moves->after);
}

/* ---- nested ---- */

static int inner(void *arg)
{
	struct witness *self = arg;

	self->seen->other = getpid();
	/* The middle one's clone may return after we are here already. */
	while (!__atomic_load_n(&self->seen->count, __ATOMIC_SEQ_CST))
		usleep(1000);
	return witness_wait(self) < 0;
}

static int clone_again(struct witness *self)
{
	struct spawn deeper = { .flags = CLONE_NEWPID, .fn = inner, .arg = self };
	int status;

	if (spawn(&deeper) < 0)
		return -1;
	/* its number as the middle one sees it */
	__atomic_store_n(&self->seen->count, deeper.pid, __ATOMIC_SEQ_CST);
	return spawn_wait(&deeper, &status);
}

void scene_nested(void)
{
	struct witness outer;
	pid_t numbers[8] = { 0 };

	act("clone(CLONE_NEWPID) inside clone(CLONE_NEWPID)");
	witness_start(&outer, CLONE_NEWPID, clone_again, NULL);
	/* The inner one is the outer one's only child, found as anybody would: by its parent's
	 * number. */
	pid_t deepest = 0;
	char path[64], text[64];
	snprintf(path, sizeof(path), "%d/task/%d/children", outer.child.pid, outer.child.pid);
	if (read_file_at(host_proc(), path, text, sizeof(text)) > 0)
		deepest = atoi(text);
	int count = deepest ? nspid_read(host_proc(), deepest, numbers, 8) : -1;

	show("grep NSpid /proc/%d/status", deepest);
	if (count >= 3)
		evidence("NSpid:\t%d\t%d\t%d", numbers[count - 3], numbers[count - 2],
			 numbers[count - 1]);
	row("host", "%d", deepest);
	row("middle", "%d", outer.seen->count);
	row("inside", "%d", outer.seen->other);
	act(NULL);

	value("numbers", "%d", count);
	value("outside", "%d", deepest);
	check(count >= 3, "NSpid should hold three numbers, holds %d", count);
	check(count >= 3 && numbers[count - 2] == outer.seen->count && numbers[count - 1] == 1 &&
		      outer.seen->other == 1,
	      "NSpid should agree with what each level sees");
	verdict("%d, %d, 1: an outer namespace sees all that is below it", deepest,
		outer.seen->count);
	witness_end(&outer);
}
