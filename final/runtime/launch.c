/*
 * launch.c: the life of a container, as its maker sees it. Each call is a step's lab piece, or one
 * concern of final/runtime. inside.c is the other side.
 *
 * The order is the lesson: group before the child has children, limits and ids before mounts,
 * mounts before the root is changed (sources are still in sight), names and network after, the
 * identity last, then the gate.
 */
#define _GNU_SOURCE
#include "launch.h"
#include "early_end.h"
#include "inside.h"
#include "joined.h"
#include "own_group.h"
#include "final/runtime/inside/conceal.h"
#include "final/runtime/inside/rlimits.h"

#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/inherit.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step04_net_user/net_user.h"
#include "step04_net_user/given/sub_ids.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- what the child cannot do itself ---- */

static bool is_one_own_id(const struct spec *spec)
{
	return spec->uid_maps == 1 && spec->gid_maps == 1 && spec->uid_map->count == 1 &&
	       spec->gid_map->count == 1;
}

/* Without the right to map ids of others that is what newuidmap(1) is for. */
static int write_maps(const struct container *c, int procfd)
{
	const struct spec *spec = c->spec;
	bool may_map = facts_cap(host_facts_of(FACTS_SELF), CAP_SETGID);
	struct id_maps maps = { .uid = spec->uid_map,
				.gid = spec->gid_map,
				.uids = spec->uid_maps,
				.gids = spec->gid_maps,
				.deny_setgroups = !may_map };

	if (!may_map && !is_one_own_id(spec))
		return sub_ids_write(c->process.pid, &maps);
	return id_maps_write(procfd, c->process.pid, &maps);
}

/* Lowering it needs CAP_SYS_RESOURCE; what it is already needs nothing. */
static int set_oom_score(const struct container *c, int procfd)
{
	char path[40], now[16], wanted[16];

	snprintf(path, sizeof(path), "%d/oom_score_adj", c->process.pid);
	snprintf(wanted, sizeof(wanted), "%d", c->spec->process.oom_score_adj);
	if (read_file_at(procfd, path, now, sizeof(now)) > 0 &&
	    atoi(now) == c->spec->process.oom_score_adj)
		return 0;
	return write_file_at(procfd, path, wanted);
}

static int prepare_child(struct container *c)
{
	const struct spec *spec = c->spec;
	int procfd = SYS(proc_open(), "/proc"), result = 0;

	if (procfd < 0)
		return -1;
	/* Before it has children of its own: those would stay where it is now (step 5). */
	result = own_group_join(c);
	if (result == 0)
		result = rlimits_set(c->process.pid, &spec->process);
	if (result == 0 && spec->process.has_oom_score_adj)
		result = set_oom_score(c, procfd);
	if (result == 0 && (spec->namespaces & CLONE_NEWUSER))
		result = write_maps(c, procfd);
	close_keeping_errno(procfd);
	return result < 0 ? -1 : stage_reach(&c->stages, STAGE_MAPPED);
}

struct oci_state container_state(const struct container *c, const char *status, pid_t pid)
{
	return (struct oci_state){ .oci_version = c->spec->oci_version ? c->spec->oci_version
								       : "1.0.2",
				   .id = c->id ? c->id : c->group_name,
				   .status = status,
				   .bundle = c->bundle,
				   .pid = pid,
				   .annotations = c->spec->annotations };
}

/* The namespaces are there and the mounts made, and the old root is still in sight of us. */
static int hooks_before_pivot(struct container *c)
{
	struct oci_state state = container_state(c, "creating", c->process.pid);

	if (!inside_waits_for_hooks(c->spec))
		return 0;
	if (stage_await(&c->stages, STAGE_MOUNTED, c->process.pidfd, -1) < 0 ||
	    hooks_run(c->spec, HOOK_PRESTART, &state) < 0 ||
	    hooks_run(c->spec, HOOK_CREATE_RUNTIME, &state) < 0)
		return -1;
	return stage_reach(&c->stages, STAGE_HOOKED);
}

static bool joins_any(const struct spec *spec)
{
	for (int kind = 0; kind < NS_KINDS; kind++)
		if (spec->join[kind])
			return true;
	return false;
}

int container_create(struct container *c)
{
	/* Three kinds are made by the child itself. A cgroup namespace shows as its root the group
	 * that its maker is in at that moment; a time namespace is entered by the next child only;
	 * the names come with the UTS namespace (step 3). */
	int namespaces = c->spec->namespaces & ~(CLONE_NEWCGROUP | CLONE_NEWTIME | CLONE_NEWUTS);

	c->process = (struct spawn){ .flags = namespaces, .fn = inside_main, .arg = c };
	c->stages = (struct stages){ 0 };
	c->gate = (struct gate){ -1, -1 };
	sys_trace_as("parent");
	if (inherit_check_standard() < 0)
		goto bad;
	if (own_group_make(c) < 0)
		goto bad;
	if (gate_make(c->state_dir, &c->gate) < 0)
		goto bad;
	if (stage_open(&c->stages) < 0)
		goto bad;
	conceal_learn();
	bind_sources_open(c->spec, c->bundle, &c->sources);
	if ((joins_any(c->spec) ? spawn_joined(c) : spawn(&c->process)) < 0)
		goto bad;
	stage_parent(&c->stages);
	gate_close(&c->gate);
	if (c->note_process && c->note_process(c->process.pid, c->announce_arg) < 0)
		goto bad;
	if (prepare_child(c) < 0)
		goto bad;
	if (hooks_before_pivot(c) < 0)
		goto bad;
	if (stage_await(&c->stages, STAGE_READY, c->process.pidfd, -1) < 0)
		goto bad;
	seccomp_free(&c->filter);
	bind_sources_close(&c->sources);
	return 0;
bad:
	early_end_explain(c);
	container_remove(c);
	return -1;
}

int container_start(struct container *c)
{
	if (gate_open(c->state_dir) == 0) {
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

void container_leave(struct container *c)
{
	int saved = errno;

	stage_close(&c->stages);
	gate_close(&c->gate);
	if (c->process.pid > 0 && c->process.pidfd >= 0)
		close(c->process.pidfd);
	c->process.pidfd = -1;
	if (c->has_group)
		group_close(&c->group);
	c->has_group = false;
	seccomp_free(&c->filter);
	errno = saved;
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
		if (c->systemd)
			systemd_scope_end(c->scope.unit);
		group_remove(&c->group);
		c->has_group = false;
	}
	gate_close(&c->gate);
	seccomp_free(&c->filter);
	bind_sources_close(&c->sources);
	errno = saved;
}
