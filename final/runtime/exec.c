/*
 * exec.c: the operation exec.
 */
#define _GNU_SOURCE
#include "exec.h"
#include "exec_group.h"
#include "between.h"
#include "final/runtime/inside/conceal.h"
#include "final/runtime/inside/console.h"
#include "final/runtime/inside/cwd.h"
#include "final/runtime/inside/identity.h"
#include "final/runtime/inside/keyring.h"
#include "final/runtime/inside/priority.h"
#include "final/runtime/inside/rlimits.h"
#include "final/runtime/inside/seccomp_cache.h"

#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/inherit.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step02_mount_ns/given/ns_links.h"
#include "step02_mount_ns/mount_ns.h"
#include "step04_net_user/given/id_map.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

struct joining {
	const struct spec *spec;
	const struct exec_request *request;
	pid_t init;		     /* the container's first process */
	struct container *container; /* of its members: process, stages, group, filter */
	struct ns_links links;
};

/* ---- the new process ---- */

static int take_stdio(const struct exec_request *request)
{
	if (request->process->terminal)
		return console_take(request->console, request->process, false);
	for (int fd = 0; fd <= 2; fd++)
		if (request->stdio[fd] >= 0 && SYS(dup2(request->stdio[fd], fd), fd) < 0)
			return -1;
	return 0;
}

static int close_but(const struct joining *j, const int more[], int count)
{
	int keep[8] = { stage_child(&j->container->stages), sys_trace_fd() };

	for (int i = 0; i < count; i++)
		keep[2 + i] = more[i];
	return inherit_close_from(3 + j->request->preserve_fds, keep, 2 + count);
}

/* Not in the process between: that has no number in the container's /proc, which says whether
 * setgroups(2) is denied. */
static int take_first_ids(const struct spec *spec, const struct spec_process *process)
{
	if (identity_first(spec, process) < 0)
		return -1;
	if (!(spec->namespaces & CLONE_NEWUSER) && !spec->join[NS_USER])
		return 0;
	return SYS(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "0");
}

static int prepare(struct joining *j, char ***env, char *path)
{
	const struct exec_request *request = j->request;
	const struct spec_process *process = request->process;
	const int way[] = { request->console, request->stdio[0], request->stdio[1],
			    request->stdio[2] };
	struct stages *stages = &j->container->stages;

	conceal_environment();
	inherit_signals();
	signal(SIGPIPE, SIG_IGN);
	stages->plain = true;
	if (close_but(j, way, 4) < 0 || SYS(prctl(PR_SET_PDEATHSIG, SIGKILL), "SIGKILL") < 0)
		return -1;
	/* The parent sets the limits while this process has its rights. */
	if (stage_await(stages, STAGE_MAPPED, -1, -1) < 0)
		return -1;
	if (take_first_ids(j->spec, process) < 0)
		return -1;
	if (take_stdio(request) < 0 || console_session(process->terminal) < 0 ||
	    close_but(j, NULL, 0) < 0 || keyring_own() < 0 ||
	    priority_take_cpus(process->cpus ? process->cpus : process->first_cpus) < 0 ||
	    priority_take_memory(&j->spec->memory_policy) < 0 || priority_take(process) < 0)
		return -1;
	/* A change of ids sets what /proc/sys/fs/suid_dumpable says. */
	if (cwd_and_identity(process, &j->container->filter) < 0 ||
	    SYS(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "0") < 0)
		return -1;
	if (!(*env = identity_environment(process)) ||
	    identity_find_command(process->args[0], *env, path) < 0)
		return -1;
	if (SYS(prctl(PR_SET_PDEATHSIG, request->dies_with_caller ? SIGKILL : 0), "PDEATHSIG") < 0)
		return -1;
	if (stage_reach(stages, STAGE_READY) < 0)
		return -1;
	return stage_await(stages, STAGE_START, -1, -1);
}

static int exec_main(void *arg)
{
	struct joining *j = arg;
	char **env = NULL, path[PATH_MAX];

	sys_trace_as("child");
	if (prepare(j, &env, path) == 0) {
		signal(SIGPIPE, SIG_DFL);
		SYS_EXEC(execve(path, j->request->process->args, env), path);
	}
	stage_fail(&j->container->stages);
	return sys_failure_status(sys_failure());
}

/* ---- the process between ---- */

/* Its memory is a copy of the caller's, and /proc/PID/exe is the host's: no process of the
 * container may open them. */
static int join(void *arg)
{
	struct joining *j = arg;
	struct container *c = j->container;

	umask(0022);
	if (SYS(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "0") < 0)
		return -1;
	if (j->request->process->first_cpus &&
	    priority_take_cpus(j->request->process->first_cpus) < 0)
		return -1;
	if (c->has_group && exec_group_join(&c->group, j->init) < 0)
		return -1;
	return join_namespaces(j->links.fds, j->links.count);
}

/* ---- the caller ---- */

static int refuse(const struct box *box, int err, const char *cause)
{
	sys_failure_set(err, "exec", box->id, cause, NULL);
	return -1;
}

static int check_status(const struct box *box, bool ignore_paused)
{
	switch (box_status(box)) {
	case BOX_UNKNOWN:
		return -1;
	case BOX_STOPPED:
		return refuse(box, ESRCH,
			      "cannot exec in a stopped container: container not running");
	case BOX_CREATING:
		return refuse(box, EBUSY, "cannot exec in a container that is being created");
	case BOX_PAUSED:
		return ignore_paused
			       ? 0
			       : refuse(box, EBUSY,
					"cannot exec in a paused container (use --ignore-paused to "
					"override)");
	default:
		return 0;
	}
}

/* The links are those of the record's process: what a number means is asked before and after. */
static int open_links(const struct box *box, const struct spec *spec, struct ns_links *links)
{
	/* A kernel that has no time namespaces has no such file. */
	const int time = (spec->namespaces & CLONE_NEWTIME) || spec->join[NS_TIME] ? CLONE_NEWTIME
										   : 0;
	const int kinds = time | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
			  CLONE_NEWNET | CLONE_NEWUSER | CLONE_NEWCGROUP;
	int pidfd = box_pidfd(box), procfd = pidfd < 0 ? -1 : SYS(proc_open(), "/proc");
	int result = -1;

	if (pidfd < 0)
		return errno == ESRCH ? refuse(box, ESRCH, "container not running") : -1;
	if (procfd >= 0)
		result = ns_links_open(links, procfd, box->record.pid, kinds);
	if (result == 0 && !proc_shows(procfd, box->record.pid, pidfd)) {
		ns_links_close(links);
		result = refuse(box, ESRCH, "container not running");
	}
	close_keeping_errno(procfd);
	close_keeping_errno(pidfd);
	return result;
}

/* --cgroup. Without a group there is nothing to go down in. */
static int enter_groups(struct cgroup *group, const char *const places[])
{
	if (!places || !places[0])
		return 0;
	group_learn(group);
	if (group->parts)
		return exec_group_enter(group, places);
	sys_failure_set(ENOENT, "exec --cgroup", places[0], "The container has no group.",
			"Leave --cgroup out.");
	return -1;
}

static int run_joined(struct joining *j)
{
	struct container *c = j->container;
	const struct exec_request *request = j->request;

	c->process = (struct spawn){ .fn = exec_main, .arg = j };
	if (stage_open(&c->stages) < 0 || spawn_between(&c->process, join, j) < 0)
		return -1;
	stage_parent(&c->stages);
	if (rlimits_set(c->process.pid, request->process) < 0 ||
	    stage_reach(&c->stages, STAGE_MAPPED) < 0 ||
	    stage_await(&c->stages, STAGE_READY, c->process.pidfd, -1) < 0)
		return -1;
	if (request->pid_file && runtime_write_pid(request->pid_file, c->process.pid) < 0)
		return -1;
	if (request->pidfd_socket &&
	    runtime_send_pidfd(request->pidfd_socket, c->process.pidfd) < 0)
		return -1;
	if (stage_reach(&c->stages, STAGE_START) < 0)
		return -1;
	return stage_await_exec(&c->stages, c->process.pidfd);
}

int runtime_exec(const struct box *box, const struct spec *spec, const struct exec_request *request,
		 struct container *c)
{
	struct joining j = { .spec = spec, .request = request, .container = c };

	*c = (struct container){ .spec = spec, .id = box->id, .gate = { -1, -1 } };
	c->process.pid = c->process.pidfd = -1;
	if (inherit_check_standard() < 0 || check_status(box, request->ignore_paused) < 0 ||
	    seccomp_prepare(spec->seccomp, box->root->dir, &c->filter) < 0)
		return -1;
	if (open_links(box, spec, &j.links) < 0) {
		seccomp_free(&c->filter);
		return -1;
	}
	int result = box_groups(box, &c->group);
	c->has_group = c->group.parts > 0;
	j.init = box->record.pid;
	if (result == 0)
		result = enter_groups(&c->group, request->groups);
	if (result == 0)
		result = run_joined(&j);
	int saved = errno, status;
	ns_links_close(&j.links);
	stage_close(&c->stages);
	seccomp_free(&c->filter);
	/* The group is the container's: it is let go of, and not removed. */
	group_close(&c->group);
	c->has_group = false;
	if (result < 0 && c->process.pid > 0 && c->process.pidfd >= 0) {
		kill(c->process.pid, SIGKILL);
		spawn_wait(&c->process, &status);
	}
	errno = saved;
	return result;
}
