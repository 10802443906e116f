/*
 * operate.c: the operations on a container that is there: start, kill, delete, state.
 */
#define _GNU_SOURCE
#include "runtime.h"

#include "final/runtime/group.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <json-c/json.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { END_MS = 10000 };

static int refuse(int err, const char *call, const struct box *box, const char *cause)
{
	sys_failure_set(err, call, box->id, cause, NULL);
	return -1;
}

/* The container's own copy of its config.json, which the caller may have parsed. own: spec_free()
 * it. NULL: errno. */
static const struct spec *spec_of(const struct box *box, struct spec *own)
{
	*own = (struct spec){ 0 };
	if (box->spec)
		return box->spec;
	return spec_read(box->dir, own) == 0 ? own : NULL;
}

static struct oci_state state_of(const struct box *box, const struct spec *spec,
				 enum box_status status)
{
	bool lives = status != BOX_STOPPED && box->record.pid;

	return (struct oci_state){ .oci_version = spec->oci_version ? spec->oci_version : "1.0.2",
				   .id = box->id,
				   .status = box_status_name(status),
				   .bundle = box->record.bundle,
				   .created = box->record.created,
				   .pid = lives ? box->record.pid : 0,
				   .annotations = spec->annotations };
}

/* Hooks whose failure stops nothing: it is said. */
static void run_hooks(const struct box *box, const struct spec *spec, enum hook_kind kind,
		      enum box_status status)
{
	struct oci_state state = state_of(box, spec, status);

	if (hooks_run(spec, kind, &state) == 0)
		return;
	sys_failure_print(2, "minibox-runtime: warning");
	sys_failure_clear();
}

/* One that fails is an error of start, and the container stops (runtime.md, "Lifecycle", 9). */
static int run_poststart(const struct box *box, const struct spec *spec)
{
	struct oci_state state = state_of(box, spec, BOX_RUNNING);
	struct pollfd end = { .events = POLLIN };

	if (hooks_run(spec, HOOK_POSTSTART, &state) == 0)
		return 0;
	int saved = errno;
	if ((end.fd = box_pidfd(box)) >= 0) {
		syscall(SYS_pidfd_send_signal, end.fd, SIGKILL, NULL, 0);
		poll(&end, 1, END_MS);
		close(end.fd);
	}
	errno = saved;
	return -1;
}

int runtime_start(struct box *box, struct notify *notify)
{
	enum box_status status = box_status(box);
	struct spec own;

	*notify = (struct notify){ -1, -1 };
	if (status == BOX_UNKNOWN)
		return -1;
	if (status == BOX_STOPPED)
		return refuse(ESRCH, "start", box, "cannot start a container that has stopped");
	if (status == BOX_CREATING)
		return refuse(EBUSY, "start", box,
			      "cannot start a container that is being created");
	if (status != BOX_CREATED)
		return refuse(EBUSY, "start", box, "cannot start an already running container");
	const struct spec *spec = spec_of(box, &own);
	if (!spec)
		return -1;
	int result = notify_open(box, notify);
	if (result == 0)
		result = gate_open(box->dir);
	if (result == 0)
		result = run_poststart(box, spec);
	int saved = errno;
	spec_free(&own);
	if (result < 0)
		notify_close(notify);
	errno = saved;
	return result;
}

/* Every member of its groups. */
static int signal_all(const struct box *box, int signal_number)
{
	struct cgroup group;
	int result = box_groups(box, &group);

	if (result == 0 && !group.parts)
		result = refuse(ENOTSUP, "kill --all", box,
				"The container has no cgroup: its processes cannot be told from "
				"others.");
	else if (result == 0)
		result = group_signal(&group, signal_number);
	group_close(&group);
	return result;
}

int runtime_kill(const struct box *box, int signal_number, bool all)
{
	if (all)
		return signal_all(box, signal_number);
	int pidfd = box_pidfd(box);
	if (pidfd < 0)
		return errno == ESRCH ? refuse(ESRCH, "kill", box, "container not running") : -1;
	int result = SYS(syscall(SYS_pidfd_send_signal, pidfd, signal_number, NULL, 0),
			 box->record.pid) < 0
			     ? -1
			     : 0;
	close_keeping_errno(pidfd);
	return result;
}

/* Waits for the end after a SIGKILL. */
static int await_end(int pidfd, pid_t pid, struct ending *ending)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int n;

	do
		n = poll(&end, 1, END_MS);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return 0;
	if (n < 0)
		snprintf(ending->why, sizeof(ending->why), "poll: its process %d: %s", pid,
			 strerror(errno));
	else
		snprintf(ending->why, sizeof(ending->why),
			 "its process %d does not end in %d ms after SIGKILL", pid, END_MS);
	return -1;
}

/* SIGKILL to the first process, and to all of the group, frozen or not. -1: ending says why, or the
 * failure record, where what lives cannot be told. */
static int end_processes(const struct box *box, bool this_boot, struct ending *ending)
{
	int pidfd = box_pidfd(box), result = 0;

	if (pidfd < 0 && errno != ESRCH)
		return -1;
	if (pidfd >= 0 &&
	    SYS_MAY(syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0), box->record.pid,
		    ESRCH) < 0 &&
	    errno != ESRCH)
		result = -1;
	/* The groups first: a process that a v1 freezer holds dies only when that lets it go. */
	if (result == 0 && this_boot)
		result = groups_end_own(&box->record.groups, ending);
	if (result == 0 && pidfd >= 0)
		result = await_end(pidfd, box->record.pid, ending);
	close_keeping_errno(pidfd);
	return result;
}

static int end_all(struct box *box)
{
	struct ending ending = { .timeout_ms = END_MS };
	struct spec own;
	int this_boot = box_is_of_this_boot(box);

	if (this_boot < 0)
		return -1;
	if (end_processes(box, this_boot, &ending) < 0)
		return ending.why[0] ? refuse(EBUSY, "delete", box, ending.why) : -1;
	if (this_boot && groups_end_others(&box->record.groups, &ending) == END_LEFT)
		return refuse(EBUSY, "delete", box, ending.why);
	const struct spec *spec = spec_of(box, &own);
	/* It may have hooks that free something outside: a later delete can read it. */
	if (!spec && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EIO))
		return -1;
	if (spec)
		run_hooks(box, spec, HOOK_POSTSTOP, BOX_STOPPED);
	else
		sys_failure_clear(); /* killed before it was written: then there were no hooks */
	spec_free(&own);
	return 0;
}

int runtime_delete(struct box *box, bool force)
{
	enum box_status status = box_status(box);
	char cause[400];

	if (status == BOX_UNKNOWN) {
		box_close(box);
		return -1;
	}
	if (!force && status != BOX_STOPPED && status != BOX_CREATED) {
		snprintf(cause, sizeof(cause),
			 "cannot delete container \"%s\" that is not stopped: %s", box->id,
			 box_status_name(status));
		refuse(EBUSY, "delete", box, cause);
		box_close(box);
		return -1;
	}
	if (end_all(box) < 0) {
		box_close(box);
		return -1;
	}
	return box_remove(box);
}

char *runtime_state(const struct box *box)
{
	const struct spec none = { 0 };
	struct spec own;
	char rootfs[2 * PATH_MAX];
	enum box_status status = box_status(box);

	if (status == BOX_UNKNOWN)
		return NULL;
	/* A create that was killed early has left none. */
	const struct spec *spec = spec_of(box, &own);
	struct oci_state state = state_of(box, spec ? spec : &none, status);

	sys_failure_clear();
	if (spec) {
		bool absolute = spec->root_path[0] == '/';
		snprintf(rootfs, sizeof(rootfs), "%s%s%s", absolute ? "" : state.bundle,
			 absolute ? "" : "/", spec->root_path);
		state.rootfs = rootfs;
	}
	char *text = oci_state_text(&state);
	spec_free(&own);
	return text;
}
