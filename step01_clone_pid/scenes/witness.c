/*
 * witness.c: children that wait to be looked at, for step 1's scenes.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/scene.h"
#include "scenes.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static int witness_child(void *arg)
{
	struct witness *self = arg;

	/* Should the parent be dead already, the first meeting fails: its end of the socket is
	 * closed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stage_child(&self->stages);
	sys_trace_as("child");
	self->seen->pid = getpid();
	self->seen->ppid = getppid();
	if (self->act && self->act(self) < 0) {
		stage_fail(&self->stages);
		return 1;
	}
	return witness_wait(self) < 0;
}

int witness_wait(struct witness *self)
{
	if (stage_reach(&self->stages, STAGE_READY) < 0)
		return -1;
	return stage_await(&self->stages, STAGE_START, -1, -1);
}

void witness_start(struct witness *self, int flags, int (*action)(struct witness *self), void *arg)
{
	*self = (struct witness){ .act = action, .arg = arg };
	self->seen = mmap(NULL, sizeof(*self->seen), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (self->seen == MAP_FAILED || stage_open(&self->stages) < 0)
		fail_scene();
	self->child = (struct spawn){ .flags = flags, .fn = witness_child, .arg = self };
	if (spawn(&self->child) < 0)
		fail_scene();
	stage_parent(&self->stages);
	if (stage_await(&self->stages, STAGE_READY, self->child.pidfd, -1) < 0)
		fail_scene();
	must_show(&self->child);
}

void must_show(const struct spawn *child)
{
	if (proc_shows(host_proc(), child->pid, child->pidfd))
		return;
	sys_failure_set(errno, "proc_shows", "/proc/self/fdinfo/PIDFD",
			"/proc does not show the child that was made by the number that it has.",
			"unshare -pf --mount-proc ...");
	fail_scene();
}

int witness_end(struct witness *self)
{
	int status = -1;

	stage_reach(&self->stages, STAGE_START);
	stage_close(&self->stages);
	spawn_wait(&self->child, &status);
	return status;
}

void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

int host_proc(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = proc_open();
	if (fd < 0)
		fail_scene();
	return fd;
}

struct search {
	struct ns_id ns;
	pid_t *pids;
	int max, count;
};

static int in_namespace(pid_t pid, void *arg)
{
	struct search *search = arg;
	struct ns_id ns;

	if (proc_ns_id(host_proc(), pid, "pid", &ns) == 0 && ns_id_equal(ns, search->ns)) {
		if (search->count < search->max)
			search->pids[search->count] = pid;
		search->count++;
	}
	return 0;
}

int processes_in(struct ns_id ns, pid_t pids[], int max)
{
	struct search search = { .ns = ns, .pids = pids, .max = max };

	proc_each(host_proc(), in_namespace, &search);
	return search.count;
}

struct ns_id pid_ns_of(pid_t pid)
{
	struct ns_id ns = { 0 };

	if (proc_ns_id(host_proc(), pid, "pid", &ns) < 0) {
		sys_failure_set(errno, "fstatat", "/proc/PID/ns/pid", NULL, NULL);
		fail_scene();
	}
	return ns;
}
