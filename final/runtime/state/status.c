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
	static const char *const names[] = {
		[BOX_CREATING] = "creating", [BOX_CREATED] = "created", [BOX_RUNNING] = "running",
		[BOX_PAUSED] = "paused",     [BOX_STOPPED] = "stopped", [BOX_UNKNOWN] = "unknown"
	};
	return names[status];
}

int box_is_of_this_boot(const struct box *box)
{
	char boot[40] = "";
	int procfd = SYS(proc_open(), "/proc");

	if (procfd < 0)
		return -1;
	ssize_t n = SYS(read_file_at(procfd, "sys/kernel/random/boot_id", boot, sizeof(boot)),
			"/proc/sys/kernel/random/boot_id");
	close_keeping_errno(procfd);
	boot[strcspn(boot, "\n")] = '\0';
	return n < 0 ? -1 : strcmp(boot, box->record.boot) == 0;
}

static bool is_gone(int err)
{
	return err == ENOENT || err == ESRCH || err == EINVAL; /* EINVAL: a zombie's link */
}

/* The same process as the record's: this boot, and a PID namespace, number and start time that
 * agree. A /proc of another PID namespace shows other processes under these numbers. Returns 1 or
 * 0, or -1 with errno. */
static int is_it(int procfd, const struct box_record *record)
{
	struct proc_stat stat;
	struct ns_id own = { 0 }, ns;

	if (SYS(proc_ns_id(procfd, 0, "pid", &own), "/proc/self/ns/pid") < 0)
		return -1;
	if (!ns_id_equal(own, record->owner_ns))
		return 0;
	if (proc_stat_read(procfd, record->pid, &stat) < 0)
		return is_gone(errno) ? 0 : -1;
	if (stat.state == 'Z' || stat.state == 'X' || stat.starttime != record->start)
		return 0;
	if (proc_ns_id(procfd, record->pid, "pid", &ns) == 0)
		return ns_id_equal(ns, record->pid_ns);
	return errno == EACCES ? 1 : is_gone(errno) ? 0 : -1;
}

static int pidfd_of(int procfd, const struct box_record *record)
{
	char subject[32];
	/* First the descriptor, then the question: the answer is about its process, or that is
	 * dead. */
	int pidfd = (int)SYS_MAY(syscall(SYS_pidfd_open, record->pid, 0), record->pid, ESRCH);
	int it_is = pidfd < 0 ? -1 : is_it(procfd, record);

	if (it_is > 0 || pidfd < 0)
		return pidfd;
	if (it_is < 0 && !sys_failure()->err) {
		snprintf(subject, sizeof(subject), "/proc/%d", record->pid);
		sys_failure_set(errno, "open", subject, NULL, NULL);
	}
	close_keeping_errno(pidfd);
	if (it_is == 0)
		errno = ESRCH;
	return -1;
}

int box_pidfd(const struct box *box)
{
	int now = box->record.pid ? box_is_of_this_boot(box) : 0;

	if (now < 0)
		return -1;
	if (!now)
		return errno = ESRCH, -1;
	int procfd = SYS(proc_open(), "/proc");
	int pidfd = procfd < 0 ? -1 : pidfd_of(procfd, &box->record);
	close_keeping_errno(procfd);
	return pidfd;
}

int box_groups(const struct box *box, struct cgroup *group)
{
	int now = box_is_of_this_boot(box);

	*group = (struct cgroup){ 0 };
	if (now <= 0)
		return now;
	for (int i = 0; i < box->record.groups.count; i++) {
		const struct record_group *one = &box->record.groups.list[i];
		if (one->made && one->role == CGROUP_GROUP &&
		    SYS(group_add_known(group, one->path, one->id.dev, one->id.ino), one->path) < 0)
			return -1;
	}
	return 0;
}

/* 1 or 0, or -1 with errno. */
static int is_paused(const struct box *box)
{
	struct cgroup group;
	int paused = box_groups(box, &group);

	const struct cgroup_part *part = paused < 0 ? NULL : group_part(&group, CG_FREEZER);
	if (part)
		paused = cgroup_read_frozen(part->dir, part->version) == CGROUP_FROZEN;
	int saved = errno;
	group_close(&group);
	errno = saved;
	return paused;
}

enum box_status box_status(const struct box *box)
{
	int pidfd = box_pidfd(box);

	if (pidfd < 0 && errno != ESRCH)
		return BOX_UNKNOWN;
	if (pidfd < 0)
		return box->record.creating && !box->record.pid ? BOX_CREATING : BOX_STOPPED;
	close(pidfd);
	if (box->record.creating)
		return BOX_CREATING;
	int paused = is_paused(box);
	if (paused != 0)
		return paused > 0 ? BOX_PAUSED : BOX_UNKNOWN;
	int waits = gate_is_waited_at(box->dir);
	return waits > 0 ? BOX_CREATED : waits == 0 ? BOX_RUNNING : BOX_UNKNOWN;
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
	struct proc_stat stat = { 0 };
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
