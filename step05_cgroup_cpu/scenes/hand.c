/*
 * hand.c: what to type, on this host.
 */
#define _GNU_SOURCE
#include "hand.h"
#include "step05_cgroup_cpu/given/cgroup_parent.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define IN_GROUP "(echo 0 >h/cgroup.procs; "

static const struct line {
	const char *scene;
	enum cgroup_controller controller;
	/* "%s" is the directory; a line without one is the same everywhere. In ( ), so that it
	 * leaves the reader where he was. */
	const char *v1, *v2;
	const char *shows;
	const char *ours; /* for a delegated group in which our own shell sits */
} lines[] = {
	{ "quota", CG_CPU,
	  "(cd %s; mkdir h; echo 20000 >h/cpu.cfs_quota_us; " IN_GROUP
	  "timeout 1 yes >/dev/null); cat h/cpu.stat; sleep .1; rmdir h)",
	  "(cd %s; mkdir h; echo 20000 >h/cpu.max; " IN_GROUP
	  "timeout 1 yes >/dev/null); cat h/cpu.stat; sleep .1; rmdir h)",
	  "nr_periods [1-9]|\"20000 100000\" -> ",
	  "step05_cgroup_cpu --cpu 20% --explain -- true 2>&1 | grep cpu.max" },
	{ "shares", CG_CPU, "(cd %s; mkdir h; cat h/cpu.shares; rmdir h)",
	  "(cd %s; mkdir h; cat h/cpu.weight; rmdir h)", "^(1024|100)$|\"200\" -> ",
	  "step05_cgroup_cpu --explain --scene shares 2>&1 | grep cpu.weight" },
	{ "memory", CG_MEMORY,
	  "(cd %s; mkdir h; echo 32M >h/memory.limit_in_bytes; " IN_GROUP
	  "tail /dev/zero); echo status $?; sleep .1; rmdir h)",
	  "(cd %s; mkdir h; echo 32M >h/memory.max; " IN_GROUP
	  "tail /dev/zero); echo status $?; sleep .1; rmdir h)",
	  "status 137", "step05_cgroup_cpu --memory 32m -- tail /dev/zero; echo status $?" },
	{ "hierarchy", CG_CPU, "cat /proc/self/cgroup /proc/$$/cgroup | sort | uniq -c", NULL,
	  "2 0::/|2 [0-9]+:", NULL },
	{ "proc-leak", CG_CPU, "unshare -Urpf --mount-proc grep MemTotal /proc/meminfo; free -k",
	  NULL, "MemTotal: +[0-9]+", NULL },
	{ "subsystems", CG_CPU, "cat /proc/cgroups; mount -t cgroup,cgroup2", NULL,
	  "^cpu[[:space:]]", NULL },
	{ "pids", CG_PIDS,
	  "(cd %s; mkdir h; echo 3 >h/pids.max; " IN_GROUP
	  "for i in 1 2 3 4; do sleep .2 & done; wait); cat h/pids.events; sleep .4; rmdir h)",
	  NULL, "max [1-9]|fork",
	  "step05_cgroup_cpu --pids 3 -- sh -c 'for i in 1 2 3 4; do sleep .2 & done; wait'" },
	{ "cpuset", CG_CPUSET,
	  "(cd %s; mkdir h; echo 0 >h/cpuset.cpus; cat cpuset.mems >h/cpuset.mems; " IN_GROUP
	  "grep Cpus_allowed_list /proc/self/status); sleep .1; rmdir h)",
	  "(cd %s; mkdir h; echo 0 >h/cpuset.cpus; " IN_GROUP
	  "grep Cpus_allowed_list /proc/self/status); sleep .1; rmdir h)",
	  "Cpus_allowed_list:[[:space:]]0$",
	  "taskset -c 0 grep Cpus_allowed_list /proc/self/status" },
	{ "io", CG_IO, "cat %s/blkio.throttle.io_service_bytes", "cat %s/io.stat",
	  "Total|rbytes|[0-9]:[0-9]|blkio", "grep blkio /proc/cgroups" },
	{ "freezer", CG_FREEZER,
	  "(cd %s; mkdir h; sleep 9 & echo $! >h/cgroup.procs; echo FROZEN >h/freezer.state; sleep "
	  ".1; cat h/freezer.state; echo THAWED "
	  ">h/freezer.state; kill $!; wait; sleep .1; rmdir h)",
	  "(cd %s; mkdir h; sleep 9 & echo $! >h/cgroup.procs; echo 1 >h/cgroup.freeze; sleep .1; "
	  "cat h/cgroup.events; kill -9 $!; wait; sleep "
	  ".1; rmdir h)",
	  "FROZEN|frozen 1", NULL },
	{ "devices", CG_DEVICES, "cat %s/devices.list", "ls %s | grep -c devices", "rwm|^0$",
	  NULL },
	{ "accounting", CG_CPUACCT, "cat %s/cpuacct.usage", "grep usage_usec %s/cpu.stat",
	  "[1-9][0-9]+", NULL },
	{ "cgroup-ns", CG_CPU, "unshare -UrC cat /proc/self/cgroup", NULL, ":/$", NULL },
	{ "proc-fixed", CG_CPU,
	  "unshare -Urm sh -c 'mount --bind /proc/version /proc/uptime; cat /proc/uptime'", NULL,
	  "^Linux version", NULL },
};

static void make_line(const struct cgroup_host *host, const struct line *line, struct scene *scene)
{
	static char texts[sizeof(lines) / sizeof(*lines)][512];
	char *text = texts[line - lines];
	struct cgroup_parent parent;
	int tree = host->of[line->controller];

	if (!strstr(line->v1, "%s")) {
		scene->by_hand = line->v1;
		scene->shows = line->shows;
		return;
	}
	if (tree < 0 || cgroup_parent_find(host, tree, CG(line->controller), &parent) < 0)
		parent = (struct cgroup_parent){ .version = tree < 0 ? 2 : host->tree[tree].version,
						 .path = "/sys/fs/cgroup" };
	bool v2 = parent.version == 2;
	/* Where processes would have to move first, that is what our program is for. */
	if (v2 && parent.enable && line->ours)
		snprintf(text, sizeof(texts[0]), "%s", line->ours);
	else
		snprintf(text, sizeof(texts[0]), v2 && line->v2 ? line->v2 : line->v1, parent.path);
	scene->by_hand = text;
	scene->shows = line->shows;
}

void hand_lines(struct scene *scenes)
{
	static struct cgroup_host host;

	if (cgroup_find(AT_FDCWD, &host) < 0)
		return;
	for (struct scene *scene = scenes; scene->name; scene++)
		for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
			if (strcmp(lines[i].scene, scene->name) == 0)
				make_line(&host, &lines[i], scene);
}
