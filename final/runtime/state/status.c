/*
 * status.c: where a container's life stands, asked of the kernel and stored nowhere.
 */
#define _GNU_SOURCE
#include "box.h"

#include "final/runtime/gate.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *box_status_name(enum box_status status)
{
	static const char *const names[] = { [BOX_CREATING] = "creating",
					     [BOX_CREATED] = "created",
					     [BOX_RUNNING] = "running",
					     [BOX_PAUSED] = "paused",
					     [BOX_STOPPED] = "stopped" };
	return names[status];
}

bool box_is_of_this_boot(const struct box *box)
{
	char boot[40] = "";
	int procfd = proc_open();

	if (procfd < 0)
		return false;
	ssize_t n = read_file_at(procfd, "sys/kernel/random/boot_id", boot, sizeof(boot));
	close_keeping_errno(procfd);
	boot[strcspn(boot, "\n")] = '\0';
	return n > 0 && strcmp(boot, box->record.boot) == 0;
}

/* The same process as the record's: this boot, and a PID namespace, number and start time that
 * agree. A /proc of another PID namespace shows other processes under these numbers. */
static bool is_it(int procfd, const struct box_record *record)
{
	struct proc_stat stat;
	struct ns_id own, ns;

	return proc_ns_id(procfd, 0, "pid", &own) == 0 && ns_id_equal(own, record->owner_ns) &&
	       proc_stat_read(procfd, record->pid, &stat) == 0 && stat.state != 'Z' &&
	       stat.state != 'X' && stat.starttime == record->start &&
	       (proc_ns_id(procfd, record->pid, "pid", &ns) == 0 ? ns_id_equal(ns, record->pid_ns)
								 : errno == EACCES);
}

int box_pidfd(const struct box *box)
{
	int procfd, pidfd;

	if (!box->record.pid || !box_is_of_this_boot(box))
		goto gone;
	procfd = proc_open();
	if (procfd < 0)
		return -1;
	/* First the descriptor, then the question: the answer is about its process, or that is
	 * dead. */
	pidfd = (int)syscall(SYS_pidfd_open, box->record.pid, 0);
	bool it_is = pidfd >= 0 && is_it(procfd, &box->record);
	close_keeping_errno(procfd);
	if (it_is)
		return pidfd;
	if (pidfd >= 0)
		close(pidfd);
gone:
	errno = ESRCH;
	return -1;
}

void box_groups(const struct box *box, struct cgroup *group)
{
	*group = (struct cgroup){ 0 };
	if (!box_is_of_this_boot(box))
		return;
	for (int i = 0; i < box->record.groups.count; i++) {
		const struct record_group *one = &box->record.groups.list[i];
		if (one->made && one->role == CGROUP_GROUP)
			group_add_known(group, one->path, one->id.dev, one->id.ino);
	}
}

static bool is_paused(const struct box *box)
{
	struct cgroup group;
	bool paused = false;

	box_groups(box, &group);
	const struct cgroup_part *part = group_part(&group, CG_FREEZER);
	if (part)
		paused = cgroup_read_frozen(part->dir, part->version) == CGROUP_FROZEN;
	group_close(&group);
	return paused;
}

enum box_status box_status(const struct box *box)
{
	int pidfd = box_pidfd(box);

	if (pidfd < 0)
		return box->record.creating && !box->record.pid ? BOX_CREATING : BOX_STOPPED;
	close(pidfd);
	if (box->record.creating)
		return BOX_CREATING;
	if (is_paused(box))
		return BOX_PAUSED;
	return gate_is_waited_at(box->dir) ? BOX_CREATED : BOX_RUNNING;
}

/* ---- what create notes ---- */

static struct record_group *find(struct box_record *record, const char *path)
{
	for (int i = 0; i < record->groups.count; i++)
		if (strcmp(record->groups.list[i].path, path) == 0)
			return &record->groups.list[i];
	return NULL;
}

int box_note_group(const struct cgroup_news *news, void *arg)
{
	struct box *box = arg;
	struct record_group *group = find(&box->record, news->path);
	struct stat st;

	if (!group && !(group = box_record_add_group(&box->record)))
		return -1;
	if (news->what == CGROUP_NOT_MADE) {
		*group = box->record.groups.list[--box->record.groups.count];
		return box_record_write(box->dir, box->id, &box->record);
	}
	snprintf(group->path, sizeof(group->path), "%s", news->path);
	group->role = news->role;
	if (news->what == CGROUP_MADE) {
		if (SYS(fstat(news->dir, &st), news->path) < 0)
			return -1;
		group->made = true;
		group->id = (struct ns_id){ .dev = st.st_dev, .ino = st.st_ino };
	}
	return box_record_write(box->dir, box->id, &box->record);
}

int box_note_process(pid_t pid, void *arg)
{
	struct box *box = arg;
	struct proc_stat stat;
	int procfd = SYS(proc_open(), "/proc"), result = -1;

	if (procfd < 0)
		return -1;
	if (SYS(proc_stat_read(procfd, pid, &stat), pid) == 0 &&
	    SYS(proc_ns_id(procfd, pid, "pid", &box->record.pid_ns), pid) == 0) {
		box->record.pid = pid;
		box->record.start = stat.starttime;
		result = box_record_write(box->dir, box->id, &box->record);
	}
	close_keeping_errno(procfd);
	return result;
}
