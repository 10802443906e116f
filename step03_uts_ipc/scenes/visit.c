/*
 * visit.c: a child that enters a namespace and tells what it sees.
 */
#define _GNU_SOURCE
#include "visit.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *kind_of(int nstype)
{
	for (int kind = 0; kind < NS_KINDS; kind++)
		if (ns_info[kind].flag == nstype)
			return ns_info[kind].name;
	return "any kind";
}

static int look_around(int fd, int nstype, struct visit *found)
{
	sys_trace_as("visit");
	/* A plain file, or a link of another kind, is EINVAL: that is what some scenes ask. */
	if (SYS_MAY(setns(fd, nstype), kind_of(nstype), EINVAL) < 0)
		found->error = errno;
	if (gethostname(found->hostname, sizeof(found->hostname)) < 0 ||
	    proc_ns_id(host_proc(), 0, "uts", &found->uts) < 0 ||
	    proc_ns_id(host_proc(), 0, "ipc", &found->ipc) < 0)
		return 1;
	return 0;
}

void visit(int fd, int nstype, struct visit *found)
{
	struct visit *seen = shared_memory(sizeof(*seen));
	int status = -1;

	host_proc(); /* opened here, so that the visitor has it wherever it goes */
	pid_t pid = fork();
	if (pid == 0)
		_exit(look_around(fd, nstype, seen));
	if (pid < 0)
		fail_scene();
	waitpid(pid, &status, 0);
	check(status == 0, "the visitor could not look around: wait status %#x", status);
	*found = *seen;
	munmap(seen, sizeof(*seen));
}

void visit_path(const char *path, int nstype, struct visit *found)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		*found = (struct visit){ .error = errno };
		return;
	}
	visit(fd, nstype, found);
	close(fd);
}

void witness_cue(struct witness *witness)
{
	if (stage_reach(&witness->stages, STAGE_START) < 0 ||
	    stage_await(&witness->stages, STAGE_READY, witness->child.pidfd, -1) < 0)
		fail_scene();
}

struct ns_id ns_of(pid_t pid, const char *name)
{
	struct ns_id ns = { 0 };

	if (proc_ns_id(host_proc(), pid, name, &ns) < 0) {
		sys_failure_set(errno, "fstatat", name, NULL, NULL);
		fail_scene();
	}
	return ns;
}

const char *clip(const char *text, int width)
{
	static char clipped[4][80];
	static unsigned turn;
	char *out = clipped[turn++ % 4];

	if ((int)strlen(text) <= width)
		snprintf(out, sizeof(*clipped), "%s", text);
	else
		snprintf(out, sizeof(*clipped), "%.*s..", width - 2, text);
	return out;
}
