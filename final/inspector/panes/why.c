/*
 * why_cell.c: for every cell, what it means. The words are data; the numbers in the commands are
 * those of the process under the cursor.
 */
#define _GNU_SOURCE
#include "why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define L1 "lessons/01_clone_pid"
#define L2 "lessons/02_mount_ns"
#define L3 "lessons/03_uts_ipc"
#define L4 "lessons/04_net_user"
#define L5 "lessons/05_cgroup_cpu"
#define L6 "lessons/06_overlay_rootfs"
#define L7 "lessons/07_volumes"
#define L8 "lessons/08_init_reaper"

/* %1$d the process, %2$d its parent, %3$d the container's init. */
struct entry {
	const char *title, *text, *command, *lesson;
};

static const struct entry columns[COLUMNS] = {
	[COL_PID] = { "PID on the host",
		      "The number that this process has in the host's PID namespace. The same "
		      "process has another one in every PID namespace below; the kernel keeps "
		      "both.",
		      "grep NSpid /proc/%1$d/status", L1 },
	[COL_PPID] = { "parent on the host",
		       "Who made it by clone(2) or fork(2), or who has adopted it since: the "
		       "nearest subreaper or the init of its PID namespace.",
		       "ps -o pid,ppid,comm -p %1$d,%2$d", L8 },
	[COL_STATE] = { "state",
			"R runs or waits for a CPU, S sleeps, D sleeps uninterruptibly, T is "
			"stopped, Z is a zombie: ended, but its parent has not asked for its "
			"status.",
			"ps -o pid,stat,wchan,comm -p %1$d", L8 },
	[COL_UID] = { "user id on the host",
		      "The user that the kernel judges file and signal permissions by on the host. "
		      "In a user namespace the same user may be called 0 inside.",
		      "grep Uid /proc/%1$d/status; cat /proc/%1$d/uid_map", L4 },
	[COL_CPU] = { "share of one CPU",
		      "How much of one CPU it has used since the last picture, from utime and "
		      "stime in /proc/PID/stat. A quota of its cgroup shows here as a ceiling.",
		      "cut -d' ' -f14,15 /proc/%1$d/stat", L5 },
	[COL_RSS] = { "resident memory",
		      "Pages that it has in RAM. Shared pages are counted for each process, so the "
		      "sum may exceed what its memory cgroup is charged.",
		      "grep VmRSS /proc/%1$d/status", L5 },
	[COL_COMM] = { "command",
		       "The name in /proc/PID/comm: that of the program of the last execve(2), or "
		       "what the process has called itself. At most 15 bytes.",
		       "cat /proc/%1$d/comm; tr '\\0' ' ' </proc/%1$d/cmdline", L1 },
	[COL_NSPID] = { "PID inside",
			"The number that it has in the container's PID namespace, where counting "
			"began at 1. getpid(2) in there returns this one. A dot: it is outside and "
			"has none.",
			"grep NSpid /proc/%1$d/status", L1 },
	[COL_NSPPID] = { "parent inside",
			 "The parent's number in there. 0: the parent is outside and has no number "
			 "in the container; so it is for PID 1 and for whoever came in by "
			 "setns(2).",
			 "nsenter -t %3$d -p -m ps -o pid,ppid,comm", L1 },
	[COL_NSUID] = { "user id inside",
			"The host's user id seen through the container's uid_map. ?: no line of "
			"the map names it, so it reads as 65534, nobody.",
			"cat /proc/%3$d/uid_map", L4 },
	[COL_NSCOMM] = { "the same process inside",
			 "The same process once more, not a copy: a container is ordinary "
			 "processes of the host, seen through other namespaces.",
			 "ls -l /proc/%1$d/ns", L1 },
};

static const struct entry zombie = {
	"zombie",
	"It has ended and holds no memory; only its number and exit status are kept until its "
	"parent %2$d calls wait(2). Killing it does nothing: the dead cannot be killed.",
	"ps -o pid,ppid,stat,comm -p %1$d", L8
};
static const struct entry joined = {
	"joined from outside",
	"It was put into the container's namespaces by setns(2), as nsenter and exec do. Its "
	"parent is outside and has no number in here, so its PPID reads 0.",
	"grep -E 'NSpid|PPid' /proc/%1$d/status", L1
};
static const struct entry outside = { "outside of the container",
				      "It is not in the container's PID namespace, so it has no "
				      "number there; processes inside cannot see or signal it.",
				      "ls -l /proc/%1$d/ns/pid /proc/%3$d/ns/pid", L1 };

static const struct entry kinds[NS_KINDS] = {
	[NS_PID] = { "pid namespace",
		     "Numbers processes anew from 1. Those outside see the ones inside, never the "
		     "other way round; when its PID 1 ends, all end.",
		     "ls -l /proc/self/ns/pid /proc/%3$d/ns/pid", L1 },
	[NS_MNT] = { "mnt namespace",
		     "Has a table of mounts of its own, so that mounts and pivot_root(2) in there "
		     "leave the host's alone.",
		     "diff /proc/self/mountinfo /proc/%3$d/mountinfo", L2 },
	[NS_UTS] = { "uts namespace", "Has a host name and NIS domain name of its own.",
		     "nsenter -t %3$d -u hostname", L3 },
	[NS_IPC] = { "ipc namespace",
		     "Has System V objects and POSIX message queues of its own: keys and names of "
		     "the host do not exist in there.",
		     "nsenter -t %3$d -i ipcs", L3 },
	[NS_NET] = { "net namespace",
		     "Has links, addresses, routes and ports of its own; it begins with lo alone, "
		     "and that is down.",
		     "nsenter -t %3$d -n ip addr", L4 },
	[NS_USER] = { "user namespace",
		      "Maps user and group ids: root in there may be an ordinary user of the host, "
		      "and its capabilities hold inside only.",
		      "cat /proc/%3$d/uid_map /proc/%3$d/gid_map", L4 },
	[NS_CGROUP] = { "cgroup namespace",
			"Shows the cgroup in which its creator was as the root /: paths of the "
			"host's groups cannot be seen.",
			"cat /proc/%3$d/cgroup", L5 },
	[NS_TIME] = { "time namespace",
		      "Shifts CLOCK_MONOTONIC and CLOCK_BOOTTIME, for processes that move between "
		      "machines. The wall clock is never virtual.",
		      "cat /proc/%3$d/timens_offsets", L4 },
};

static const struct entry cgroups[CGI_ITEMS] = {
	[CGI_CPU] = { "cpu of the group",
		      "The bar is one CPU; the mark in it is the quota. Who has used up the quota "
		      "of a period is throttled: it waits for the next one, and nr_throttled "
		      "grows.",
		      "cat %4$s/cpu.stat", L5 },
	[CGI_MEMORY] = { "memory of the group",
			 "What the group is charged for: anonymous memory and cache. At the limit "
			 "the kernel reclaims cache first; when that is not enough, its OOM killer "
			 "ends a process.",
			 "cat %4$s/memory.stat", L5 },
	[CGI_PIDS] = { "processes of the group",
		       "At pids.max fork(2) and clone(2) fail with EAGAIN. Zombies count as well, "
		       "until they are waited for.",
		       "cat %4$s/pids.current %4$s/pids.max", L5 },
	[CGI_IO] = { "block I/O of the group",
		     "Bytes a second that reached a block device on behalf of the group. Reads "
		     "served from the page cache do not count.",
		     "cat %4$s/io.stat", L5 },
	[CGI_FREEZER] = { "freezer",
			  "Frozen, no process of the group runs a single instruction, and none "
			  "gets a signal by which it could notice. On v1 even SIGKILL waits for "
			  "the thaw.",
			  "cat %4$s/cgroup.freeze", L5 },
};

static const struct entry identities[IDI_ITEMS] = {
	[IDI_MAP] = { "uid map",
		      "\"0->100000 x65536\": the 65536 ids from 0 on inside are those from 100000 "
		      "on outside. One line 0->0 xall is the host's own map: root inside is root.",
		      "cat /proc/%3$d/uid_map", L4 },
	[IDI_CAPS] = { "capabilities",
		       "The pieces of root's power that init has now (CapEff). In a user namespace "
		       "of its own they hold for that namespace only. Enter lists them.",
		       "grep CapEff /proc/%3$d/status", L4 },
	[IDI_SECCOMP] = { "seccomp",
			  "A filter judges every system call before the kernel carries it out; "
			  "what it forbids fails or kills. It can only be made tighter.",
			  "grep Seccomp /proc/%3$d/status", L8 },
	[IDI_NNP] = { "no_new_privs",
		      "With 1, execve(2) can give nothing more: set-user-ID bits and file "
		      "capabilities are ignored, for good and for all children.",
		      "grep NoNewPrivs /proc/%3$d/status", L8 },
	[IDI_HOSTNAME] = { "host name on both sides",
			   "gethostname(2) answers from the caller's uts namespace. To know the "
			   "inner name somebody has to go in.",
			   "hostname; nsenter -t %3$d -u hostname", L3 },
	[IDI_ROOT] = { "root directory",
		       "What the container has as /. An overlay shows read-only lower layers with "
		       "one writable upper directory over them; deleting leaves a whiteout in "
		       "upper.",
		       "grep ' / / ' /proc/%3$d/mountinfo", L6 },
};

static const struct entry log_entry = {
	"the log of changes",
	"Births, deaths and zombies are differences between two looks at /proc; what lives shorter "
	"than the interval is not seen. Throttling, OOM kills and refused forks are the group's "
	"own counters.",
	"cat %4$s/cpu.stat", L5
};

/* The cgroup's directory, as a shell would find it. */
static void cgroup_place(const struct model *model, enum pane pane, int item, char *out,
			 size_t size)
{
	static const char *const v1[] = { "cpu", "memory", "pids", "blkio", "freezer" };
	const char *tree = pane == PANE_CGROUP && item < 5 ? v1[item] : "cpu";
	const char *path = strcmp(model->cgroup.path, "/") == 0 ? "" : model->cgroup.path;

	if (model->layout == CGROUP_V2)
		snprintf(out, size, "/sys/fs/cgroup%s", path);
	else
		snprintf(out, size, "/sys/fs/cgroup/%s%s", tree, path);
}

static const struct entry *choose(const struct view *view, const struct row *row)
{
	int item = view->item[view->pane];

	switch (view->pane) {
	case PANE_NS:
		return &kinds[item];
	case PANE_CGROUP:
		return &cgroups[item];
	case PANE_IDENTITY:
		return &identities[item];
	case PANE_CHANGES:
		return &log_entry;
	default:
		break;
	}
	if (row && row->state == 'Z' && item != COL_NSPID && item != COL_UID && item != COL_NSUID)
		return &zombie;
	if (row && row->relation == REL_JOINED && item >= COL_NSPID)
		return &joined;
	if (row && item >= COL_NSPID && !row_is_inside(row))
		return &outside;
	return &columns[item];
}

static const char *verdict_words(const struct model *model, enum ns_verdict verdict)
{
	if (model->stand_in && verdict == NS_OWN)
		return "Here: its own, not that of the demo's stand-in for the host. ";
	if (model->stand_in && verdict == NS_SHARED)
		return "Here: SHARED with the demo's stand-in for the host. ";
	return verdict == NS_OWN      ? "Here: its own. "
	       : verdict == NS_SHARED ? "Here: SHARED with the host, so this is not isolated. "
	       : verdict == NS_DENIED ? "Here: denied, it is another user's process. "
				      : "This kernel has no such kind. ";
}

/* v1's files have names of their own. */
static const char *v1_command(const struct view *view, const char *command)
{
	static const char *const files[CGI_ITEMS] = {
		[CGI_IO] = "cat %4$s/blkio.throttle.io_service_bytes",
		[CGI_FREEZER] = "cat %4$s/freezer.state",
	};

	return view->pane == PANE_CGROUP && files[view->item[PANE_CGROUP]]
		       ? files[view->item[PANE_CGROUP]]
		       : command;
}

/* A format that may use only some of its numbered arguments: printf wants none left out, so they
 * are put in by hand. */
static void expand(char *out, size_t size, const char *format, pid_t pid, pid_t ppid, pid_t init,
		   const char *dir)
{
	size_t used = 0;

	for (const char *c = format; *c && used + 1 < size;) {
		if (c[0] == '%' && c[1] >= '1' && c[1] <= '4' && c[2] == '$') {
			int numbers[] = { pid, ppid, init };
			if (c[1] == '4')
				snprintf(out + used, size - used, "%s", dir);
			else
				snprintf(out + used, size - used, "%d", numbers[c[1] - '1']);
			used += strlen(out + used);
			c += 4;
		} else {
			out[used++] = *c++;
		}
	}
	out[used < size ? used : size - 1] = '\0';
}

void why_cell(const struct model *model, const struct view *view, const struct order *order,
	      struct why_cell *out)
{
	const struct row *row = model_row(model, view->cursor);
	char dir[300], text[400];

	(void)order;
	const struct entry *entry = choose(view, row);
	pid_t pid = row ? row->pid : model->box.init ? model->box.init : 1;
	pid_t init = model->box.init ? model->box.init : pid;
	const char *command = model->layout == CGROUP_V2 ? entry->command
							 : v1_command(view, entry->command);
	cgroup_place(model, view->pane, view->item[view->pane], dir, sizeof(dir));
	expand(text, sizeof(text), entry->text, pid, row ? row->ppid : 0, init, dir);
	if (view->pane == PANE_NS && (model->found || model->ended))
		snprintf(out->text, sizeof(out->text), "%s%.330s",
			 verdict_words(model, model->ns[view->item[PANE_NS]].verdict), text);
	else
		snprintf(out->text, sizeof(out->text), "%s", text);
	expand(out->command, sizeof(out->command), command, pid, row ? row->ppid : 0, init, dir);
	snprintf(out->title, sizeof(out->title), "%s", entry->title);
	snprintf(out->lesson, sizeof(out->lesson), "%s", entry->lesson);
}
