/*
 * launch.c: the life of a container, parent and child. Each call is a step's lab piece.
 *
 * The order is the lesson: group before clone's child runs, ids before mounts, mounts before the
 * root is changed (sources are still in sight), names and network after, exec last.
 */
#define _GNU_SOURCE
#include "launch.h"
#include "inside.h"

#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/inherit.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step04_net_user/net_user.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Everything that has to be there before the child may go on: its limits and its ids. */
static int prepare_child(struct container *c)
{
	const struct spec *spec = c->spec;
	int procfd = SYS(proc_open(), "/proc"), result = 0;

	if (procfd < 0)
		return -1;
	/* Before it has children of its own: those would stay where it is now (step 5). */
	if (c->has_group && group_join(&c->group, c->process.pid) < 0)
		result = -1;
	struct id_maps maps = { .uid = spec->uid_map,
				.gid = spec->gid_map,
				.uids = spec->uid_maps,
				.gids = spec->gid_maps,
				.deny_setgroups = !facts_cap(host_facts_of(FACTS_SELF),
							     CAP_SETGID) };
	if (result == 0 && (spec->namespaces & CLONE_NEWUSER))
		result = id_maps_write(procfd, c->process.pid, &maps);
	close_keeping_errno(procfd);
	return result < 0 ? -1 : stage_reach(&c->stages, STAGE_MAPPED);
}

static int make_group(struct container *c)
{
	const struct spec *spec = c->spec;
	unsigned controllers = limits_need(&spec->resources.limits);
	struct cgroup_host host;

	if (SYS(cgroup_find(AT_FDCWD, &host), "/proc/self/mountinfo") < 0)
		return -1;
	const char *name = spec->cgroups_path ? spec->cgroups_path : c->group_name;
	if (group_create(&host, controllers, name, c->announce, c->announce_arg, &c->group) < 0)
		return -1;
	/* Also without limits: what has changed its ids does not die with us, and is found here. */
	c->has_group = group_add_to_end(&host, c->group_name, c->announce, c->announce_arg,
					&c->group);
	if (spec->swap_if_accounted)
		return group_limit_swap_optional(&c->group, &spec->resources.limits,
						 &c->swap_is_free);
	return group_limit(&c->group, &spec->resources.limits);
}

int container_create(struct container *c)
{
	/* The cgroup namespace is made by the child itself, after it has been moved into its group:
	 * it shows as its root the group that its maker is in at that moment. A time namespace is
	 * entered by the next child only. */
	int namespaces = c->spec->namespaces & ~(CLONE_NEWCGROUP | CLONE_NEWTIME);

	c->process = (struct spawn){ .flags = namespaces, .fn = inside_main, .arg = c };
	c->stages = (struct stages){ 0 };
	sys_trace_as("parent");
	if (inherit_check_standard() < 0)
		return -1;
	if (make_group(c) < 0)
		goto bad;
	if (stage_open(&c->stages) < 0)
		goto bad;
	if (spawn(&c->process) < 0)
		goto bad;
	stage_parent(&c->stages);
	if (c->note_process && c->note_process(c->process.pid, c->announce_arg) < 0)
		goto bad;
	if (prepare_child(c) < 0)
		goto bad;
	if (stage_await(&c->stages, STAGE_READY, c->process.pidfd, -1) < 0)
		goto bad;
	return 0;
bad:
	container_remove(c);
	return -1;
}

int container_start(struct container *c)
{
	if (stage_reach(&c->stages, STAGE_START) == 0 &&
	    stage_await_exec(&c->stages, c->process.pidfd) == 0) {
		stage_close(&c->stages);
		return 0;
	}
	container_remove(c);
	return -1;
}

int container_wait(struct container *c, int *status)
{
	return spawn_wait(&c->process, status);
}

void container_remove(struct container *c)
{
	int saved = errno, status;

	stage_close(&c->stages);
	/* kill(-1) would be every process that we may signal. */
	if (c->process.pid > 0 && c->process.pidfd >= 0) {
		kill(c->process.pid, SIGKILL);
		spawn_wait(&c->process, &status);
	}
	if (c->has_group) {
		group_kill(&c->group, 5000);
		group_remove(&c->group);
		c->has_group = false;
	}
	errno = saved;
}
