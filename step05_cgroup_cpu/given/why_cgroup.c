/*
 * why_cgroup.c: why cgroups cannot be made, changed, joined or removed.
 */
#define _GNU_SOURCE
#include "why_cgroup.h"
#include "step01_clone_pid/floor/call/why_when.h"

#include <string.h>

static WHEN(cgroup_file)
{
	static const char *const prefixes[] = { "cgroup.",  "cpu.",	"cpuacct.", "cpuset.",
						"memory.",  "pids.",	"io.",	    "blkio.",
						"freezer.", "devices.", "hugetlb.", NULL };
	const char *name = base_name(f->subject);

	for (int i = 0; prefixes[i]; i++)
		if (starts(name, prefixes[i]))
			return true;
	return strcmp(name, "tasks") == 0 || strcmp(name, "notify_on_release") == 0;
}

static WHEN(cgroup_procs)
{
	static const char *const names[] = { "cgroup.procs", "cgroup.threads", "tasks", NULL };

	return one_of(base_name(f->subject), names);
}

static WHEN(subtree_control)
{
	return strcmp(base_name(f->subject), "cgroup.subtree_control") == 0;
}

static WHEN(cgroup_path)
{
	return strstr(f->subject, "/cgroup/") || cgroup_file(h, f);
}

static WHEN(cpuset_first)
{
	return facts_mounted(h, "cgroup") && cgroup_procs(h, f);
}

/* Rows are read as a table. */
/* clang-format off */
static const struct why_row rows[] = {
/* ---- cgroup files ---- */
{ OPEN, ENOENT, cgroup_file, "%s does not exist: the group is not there, or its controller is not switched on for it.",
  "v2: echo +cpu > cgroup.subtree_control in the parent; v1: is the controller in /proc/cgroups and mounted?" },
{ OPEN, EACCES, cgroup_file, "%s belongs to another user: cgroups are changed by root, or by whom they were delegated to.",
  "Run it as root, or in a delegated group: systemd-run --user --scope -p Delegate=yes ..." },
{ OPEN "|write", EROFS, cgroup_path, "The cgroup file system is mounted read-only here, as in most containers.",
  "Run it on the host, or start the container with --privileged." },
{ WRITE, EBUSY, subtree_control, "A v2 group with processes of its own cannot hand controllers down to its children.",
  "Move the processes to a child group first." },
{ WRITE, EBUSY, cgroup_procs, "A v2 group that hands controllers down takes no processes of its own.",
  "Move the process into a group below it." },
{ WRITE, EBUSY, cgroup_file, "%s cannot be changed while the group is in use.", "Empty the group first, then write." },
{ WRITE, EINVAL, cgroup_file, "%s does not take this value.",
  "Check unit and format (cpu.max: \"QUOTA PERIOD\" in us); a child's value must fit its parent's." },
{ WRITE, ENOSPC, cpuset_first, "A v1 cpuset takes no process before its cpus and mems are set.",
  "Write cpuset.cpus and cpuset.mems first; the parent's values are a good start." },
{ WRITE, EACCES, cgroup_file, "This user may not move processes between these groups: the common parent is not his.",
  "Run it as root, or stay below the delegated group." },
{ WRITE, EPERM, cgroup_file, "Only root of the first user namespace may write %s.", AS_ROOT },
{ WRITE, ESRCH, cgroup_procs, "The process to be moved is gone.",
  "Check that it still runs; write its number as seen from here." },
{ WRITE, ENOENT, subtree_control, "One of these controllers is not available in this group.",
  "cat cgroup.controllers; switch it on in the parent's cgroup.subtree_control first." },
{ WRITE, EOPNOTSUPP, cgroup_file, "The group is of the wrong type: threaded or \"domain invalid\".", "cat cgroup.type." },
{ "rmdir|unlinkat", EBUSY, cgroup_path,
  "The group %s still has processes or child groups, or the last process has only just left.",
  "cat cgroup.procs; remove the children first; try again after a moment." },
/* ---- groups are directories ---- */
{ MKDIR, EACCES, cgroup_path, "Cgroups are made by root, or by the user to whom the parent was delegated.",
  "Run it as root, or: systemd-run --user --scope -p Delegate=yes ..." },
{ MKDIR, EAGAIN, cgroup_path, "A limit on groups is reached: cgroup.max.descendants or cgroup.max.depth of a group above.",
  "Remove groups that are left over." },
};
/* clang-format on */

struct why_table why_cgroup = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]) };
