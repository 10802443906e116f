/*
 * oom_watch.c: eventfd(2) and memory.events.
 */
#define _GNU_SOURCE
#include "oom_watch.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Reading is what makes the next change an event again. */
static int64_t killed(const struct oom_watch *watch)
{
	char text[512];
	ssize_t n = watch->version == 2
			    ? pread(watch->fd, text, sizeof(text) - 1, 0)
			    : read_file_at(watch->dir, "memory.oom_control", text, sizeof(text));

	if (n <= 0)
		return -1;
	text[n] = '\0';
	return cgroup_key(text, "oom_kill");
}

static int open_v1(struct oom_watch *watch)
{
	int control = SYS(openat(watch->dir, "memory.oom_control", O_RDONLY | O_CLOEXEC),
			  "memory.oom_control");

	if (control < 0)
		return -1;
	watch->fd = SYS(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
	int result = watch->fd < 0 ? -1
				   : cgroup_writef(watch->dir, "cgroup.event_control", "%d %d",
						   watch->fd, control);
	close_keeping_errno(control);
	watch->events = POLLIN;
	return result;
}

int oom_watch_open(const struct cgroup *group, struct oom_watch *watch)
{
	const struct cgroup_part *part = group_part(group, CG_MEMORY);
	int result;

	*watch = (struct oom_watch){ .fd = -1 };
	if (!part)
		return 0;
	watch->dir = part->dir;
	watch->version = part->version;
	if (part->version == 2) {
		watch->fd = SYS(openat(part->dir, "memory.events", O_RDONLY | O_CLOEXEC),
				"memory.events");
		watch->events = POLLPRI;
		result = watch->fd < 0 ? -1 : 0;
	} else {
		result = open_v1(watch);
	}
	if (result < 0) {
		oom_watch_close(watch);
		return -1;
	}
	watch->seen = killed(watch);
	return 0;
}

bool oom_watch_happened(struct oom_watch *watch)
{
	uint64_t times = 0;
	int64_t now;

	if (watch->fd < 0)
		return false;
	if (watch->version == 1)
		return read(watch->fd, &times, sizeof(times)) == sizeof(times) && times > 0;
	now = killed(watch);
	if (now <= watch->seen)
		return false;
	watch->seen = now;
	return true;
}

void oom_watch_close(struct oom_watch *watch)
{
	close_keeping_errno(watch->fd);
	watch->fd = -1;
}
