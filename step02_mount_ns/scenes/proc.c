/*
 * proc.c: the same path /proc, before and after.
 */
#define _GNU_SOURCE
#include "step02_mount_ns/mount_ns.h"
#include "scenes.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What PID 1 finds in /proc. */
struct view {
	int processes;
	char self[32], first[64]; /* where /proc/self leads; the name of process 1 */
};

struct views {
	struct view before, after;
};

static int count_one(pid_t pid, void *arg)
{
	(void)pid;
	++*(int *)arg;
	return 0;
}

static int look(struct view *view)
{
	int procfd = proc_open();
	ssize_t n = readlink("/proc/self", view->self, sizeof(view->self) - 1);

	if (procfd < 0 || proc_each(procfd, count_one, &view->processes) < 0)
		return -1;
	close(procfd);
	view->self[n < 0 ? 0 : n] = '\0';
	read_line("/proc/1/comm", view->first, sizeof(view->first));
	return 0;
}

/* The name is inherited: taken before the fork, so that nobody sees the child under another one. */
static void make_worker(const char *name)
{
	prctl(PR_SET_NAME, name);
	if (fork() == 0)
		for (;;)
			pause();
	prctl(PR_SET_NAME, "pid-one");
}

/* PID 1 of new PID and mount namespaces. */
static int mount_and_look(struct witness *self)
{
	struct views *views = self->arg;

	make_worker("worker-1");
	make_worker("worker-2");
	if (look(&views->before) < 0 || mount_private() < 0)
		return -1;
	if (!broken("own-proc") && mount_own_proc(AT_FDCWD, "/proc", PROC_FLAGS, NULL) < 0)
		return -1;
	return look(&views->after);
}

/* What `ps` prints, from the container's own /proc, which the host reaches by /proc/PID/root. */
struct listing {
	int procfd, lines, strangers;
};

static int list_one(pid_t pid, void *arg)
{
	struct listing *listing = arg;
	struct proc_stat stat;

	if (proc_stat_read(listing->procfd, pid, &stat) < 0)
		return 0;
	if (listing->lines++ < 4)
		evidence("%7d %7d %s", stat.pid, stat.ppid, stat.comm);
	listing->strangers += strcmp(stat.comm, "pid-one") != 0 &&
			      strncmp(stat.comm, "worker-", 7) != 0;
	return 0;
}

static struct listing list_container(pid_t pid)
{
	char path[64];
	struct listing listing = { 0 };

	snprintf(path, sizeof(path), "/proc/%d/root/proc", pid);
	show("ps -e -o pid,ppid,comm");
	evidence("    PID    PPID COMMAND");
	listing.procfd = SYS(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path);
	if (listing.procfd < 0)
		fail_scene();
	proc_each(listing.procfd, list_one, &listing);
	close(listing.procfd);
	if (listing.lines > 4)
		evidence("    ... and %d more", listing.lines - 4);
	return listing;
}

static void judge(const struct views *views, const struct listing *listing, int alive)
{
	value("before", "%d", views->before.processes);
	value("after", "%d", views->after.processes);
	value("listed", "%d", listing->lines);
	value("strangers", "%d", listing->strangers);
	check(views->before.processes > 3,
	      "the inherited /proc should list the host's processes, lists %d",
	      views->before.processes);
	if (broken("own-proc")) {
		check(listing->strangers > 0, "the host's processes should be listed, none is");
		verdict("in its own PID namespace, and ps still lists %d strangers",
			listing->strangers);
		return;
	}
	check(views->after.processes == 3 && listing->lines == 3,
	      "3 processes should be listed, %d are", listing->lines);
	check(listing->strangers == 0, "no process of the host should be listed, %d are",
	      listing->strangers);
	check(strcmp(views->after.self, "1") == 0, "/proc/self should lead to 1, leads to %s",
	      views->after.self);
	check(alive == 3, "the host should count 3 processes in that namespace, counts %d", alive);
	verdict("%d processes in the host's /proc, 3 in its own", views->before.processes);
}

void scene_own_proc(void)
{
	struct views *views = shared_memory(sizeof(*views));
	struct witness one;

	act("PID 1 looks into /proc, %s, and looks again. Then ps:",
	    broken("own-proc") ? "mounts nothing on it" : "mounts proc on it");
	witness_start(&one, CLONE_NEWPID | CLONE_NEWNS, mount_and_look, views);
	heads("HOST'S /proc", broken("own-proc") ? "STILL THE HOST'S" : "CONTAINER'S OWN /proc");
	row("in /proc", "%d processes\t%d processes", views->before.processes,
	    views->after.processes);
	row("process 1", "%s\t%s", views->before.first, views->after.first);
	row("/proc/self", "-> %s\t-> %s", views->before.self, views->after.self);
	act(NULL);

	struct listing listing = list_container(one.child.pid);
	int alive = processes_in(pid_ns_of(one.child.pid), NULL, 0);
	act(NULL);
	value("pid", "%d", one.child.pid);
	judge(views, &listing, alive);
	witness_end(&one);
}
