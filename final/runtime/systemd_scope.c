/*
 * systemd_scope.c: a scope is asked for, found and changed.
 */
#define _GNU_SOURCE
#include "systemd_scope.h"
#include "systemd_call.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 10000, EVERY_MS = 5 };

bool systemd_is_users(void)
{
	const struct host_facts *host = host_facts_of(FACTS_SELF);

	return host->euid != 0 || host->in_user_ns;
}

/* ---- its name ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

int systemd_scope_parse(const char *cgroups_path, const char *id, bool user,
			struct systemd_scope *scope)
{
	const char *path = cgroups_path ? cgroups_path : "",
		   *usual = user ? "user.slice" : "system.slice";
	const char *prefix = strchr(path, ':'), *name = prefix ? strchr(prefix + 1, ':') : NULL;
	int slice, unit;

	*scope = (struct systemd_scope){ .user = user };
	if (!path[0]) {
		slice = snprintf(scope->slice, sizeof(scope->slice), "%s", usual);
		unit = snprintf(scope->unit, sizeof(scope->unit), "minibox-%s.scope", id);
	} else if (!name || !name[1] || strchr(name + 1, ':') || strchr(path, '/') ||
		   ends_with(name, ".slice")) {
		sys_failure_set(EINVAL, "linux.cgroupsPath", path,
				"expected cgroupsPath to be of format \"slice:prefix:name\" for "
				"systemd cgroups",
				"\"system.slice:minibox:NAME\", or no --systemd-cgroup.");
		return -1;
	} else {
		int before = (int)(prefix - path), between = (int)(name - prefix - 1);
		slice = snprintf(scope->slice, sizeof(scope->slice), "%.*s",
				 before ? before : (int)strlen(usual), before ? path : usual);
		unit = snprintf(scope->unit, sizeof(scope->unit), "%.*s%s%s.scope", between,
				prefix + 1, between ? "-" : "", name + 1);
	}
	if (slice < (int)sizeof(scope->slice) && unit < (int)sizeof(scope->unit))
		return 0;
	sys_failure_set(ENAMETOOLONG, "linux.cgroupsPath", path, NULL, NULL);
	return -1;
}

/* ---- the group ---- */

/* Where the process is, if that is the scope. */
static bool is_there(int procfd, pid_t pid, const struct cgroup_tree *tree, const char *unit,
		     char *dir)
{
	char path[CG_PATH];

	if (cgroup_path_of(procfd, pid, tree, path, sizeof(path)) < 0)
		return false;
	const char *last = strrchr(path, '/');
	return last && strcmp(last + 1, unit) == 0 &&
	       cgroup_directory(tree, path, dir, CG_PATH) == 0;
}

static int await(int procfd, pid_t pid, const struct cgroup_tree *tree, const char *unit, char *dir)
{
	for (int ms = 0; ms < WAIT_MS; ms += EVERY_MS) {
		if (is_there(procfd, pid, tree, unit, dir))
			return 0;
		nanosleep(&(struct timespec){ .tv_nsec = EVERY_MS * 1000000L }, NULL);
	}
	sys_failure_set(
		ETIMEDOUT, "StartTransientUnit", unit,
		"systemd has taken the call, and 10 s later the process is not in the unit.",
		"systemctl status UNIT, and the journal.");
	return -1;
}

static int take(const char *dir, int version, unsigned controllers, cgroup_announce *announce,
		void *arg, struct cgroup_part *part)
{
	struct cgroup_news news = { .what = CGROUP_WILL_BE, .path = dir, .dir = -1 };

	*part = (struct cgroup_part){ .version = version, .controllers = controllers };
	snprintf(part->path, sizeof(part->path), "%s", dir);
	if (announce && announce(&news, arg) != 0)
		return -1;
	part->dir = SYS(open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), dir);
	news.what = CGROUP_MADE;
	news.dir = part->dir;
	if (part->dir >= 0 && (!announce || announce(&news, arg) == 0))
		return 0;
	close_keeping_errno(part->dir);
	return -1;
}

static int find_group(const struct systemd_scope *scope, const struct cgroup_host *host,
		      unsigned controllers, pid_t pid, cgroup_announce *announce, void *arg,
		      struct cgroup *group)
{
	char dir[CG_PATH];
	int procfd = SYS(proc_open(), "/proc"), result = procfd < 0 ? -1 : 0;

	*group = (struct cgroup){ 0 };
	for (int tree = 0; result == 0 && tree < host->trees; tree++) {
		const struct cgroup_tree *t = &host->tree[tree];
		unsigned here = 0;
		for (int c = 0; c < CG_KINDS; c++)
			if (host->of[c] == tree)
				here |= CG(c);
		if (t->version == 1 && !(here & controllers))
			continue;
		result = await(procfd, pid, t, scope->unit, dir);
		if (result == 0)
			result = take(dir, t->version, here, announce, arg,
				      &group->part[group->parts]);
		group->parts += result == 0;
	}
	close_keeping_errno(procfd);
	if (result < 0) {
		int saved = errno;
		group_close(group);
		errno = saved;
	}
	return result;
}

static int version_of(const struct cgroup_host *host)
{
	return host->layout == CGROUP_V2 ? 2 : 1;
}

int systemd_scope_start(const struct systemd_scope *scope, const struct cgroup_host *host,
			unsigned controllers, const struct cgroup_limits *limits, pid_t pid,
			cgroup_announce *announce, void *arg, struct cgroup *group)
{
	static const char *const accounts[] = { "CPUAccounting", "MemoryAccounting", "IOAccounting",
						"TasksAccounting" };
	struct systemd_call *call = SYS(malloc(sizeof(*call)), "busctl");

	if (!call)
		return -1;
	systemd_call_begin(call, scope->user, "StartTransientUnit", "ssa(sv)a(sa(sv))");
	systemd_call_word(call, "%s", scope->unit);
	systemd_call_word(call, "fail"); /* another's unit of this name is not replaced */
	systemd_call_properties(call);
	systemd_call_property(call, "Description", "s", "A container of minibox");
	systemd_call_property(call, "Slice", "s", scope->slice);
	systemd_call_property(call, "DefaultDependencies", "b", "false");
	systemd_call_property(call, "CollectMode", "s", "inactive-or-failed");
	for (size_t i = 0; i < sizeof(accounts) / sizeof(*accounts); i++)
		systemd_call_property(call, accounts[i], "b", "true");
	systemd_call_property(call, "Delegate", "b", "true");
	systemd_call_property(call, "PIDs", "au", "1");
	systemd_call_word(call, "%d", pid);
	systemd_call_limits(call, limits, version_of(host));
	systemd_call_word(call, "0"); /* no further units */
	int result = systemd_call_run(call, "StartTransientUnit", scope->unit);
	free_keeping_errno(call);
	return result < 0 ? -1 : find_group(scope, host, controllers, pid, announce, arg, group);
}

int systemd_scope_update(const struct cgroup *group, const struct cgroup_host *host,
			 const struct cgroup_limits *limits)
{
	const char *unit = group->parts ? strrchr(group->part[0].path, '/') + 1 : NULL;
	struct systemd_call *call = unit ? SYS(malloc(sizeof(*call)), "busctl") : NULL;
	int result = 0;

	if (!call)
		return unit ? -1 : 0; /* the group has gone */
	systemd_call_begin(call, systemd_is_users(), "SetUnitProperties", "sba(sv)");
	systemd_call_word(call, "%s", unit);
	systemd_call_word(call, "true"); /* until the unit ends */
	systemd_call_properties(call);
	systemd_call_limits(call, limits, version_of(host));
	if (call->properties)
		result = systemd_call_run(call, "SetUnitProperties", unit);
	free_keeping_errno(call);
	return result;
}

int systemd_scope_end(const char *unit)
{
	struct systemd_call *call;

	if (!systemd_runs())
		return 0;
	if (!(call = SYS(malloc(sizeof(*call)), "busctl")))
		return -1;
	systemd_call_begin(call, systemd_is_users(), "StopUnit", "ss");
	systemd_call_word(call, "%s", unit);
	systemd_call_word(call, "replace");
	int result = systemd_call_run_may(call, "StopUnit", unit, "not loaded");
	free_keeping_errno(call);
	return result;
}
