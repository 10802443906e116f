/*
 * inside.c: what the container's own process does before it becomes the command.
 */
#define _GNU_SOURCE
#include "inside.h"
#include "final/runtime/inside/console.h"
#include "final/runtime/inside/devices.h"
#include "launch.h"
#include "final/runtime/inside/mounts.h"
#include "final/runtime/inside/rlimits.h"

#include "step01_clone_pid/floor/meet/inherit.h"
#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/mount_ns.h"
#include "step02_mount_ns/given/resolve.h"
#include "step03_uts_ipc/uts_ipc.h"
#include "step04_net_user/net_user.h"
#include "step04_net_user/given/rtnetlink.h"
#include "step07_volumes/given/mount_flags.h"
#include "step08_init_reaper/given/init_life.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CANNOT_START = EXIT_OURS };

/* Where lo exists and nobody else will set it up. */
static int bring_lo_up(void)
{
	int netlink = rtnl_open();

	if (netlink < 0)
		return -1;
	int result = link_up(netlink, "lo");
	close(netlink);
	return result;
}

/* The root file system that is in sight, and nothing behind it. After the caller's descriptors are
 * closed no path leads out any more; this would notice one. */
static int check_cwd(const char *cwd)
{
	char path[PATH_MAX] = "";

	/* The kernel's own answer for a directory that is outside: "(unreachable)/...". */
	if (SYS(syscall(SYS_getcwd, path, sizeof(path)), cwd) < 0)
		return -1;
	if (path[0] == '/')
		return 0;
	sys_failure_set(EXDEV, "getcwd", cwd,
			"The working directory is outside the container's root.",
			"Give a directory of the container's root.");
	return -1;
}

/* Docker makes a missing working directory; so do we. A magic link (/proc/PID/fd/N, /proc/PID/cwd)
 * is not followed: it does not stay inside the root (resolve.h). */
static int enter_cwd(const char *cwd)
{
	int dir = make_dir_in_root(AT_FDCWD, cwd, 0755);

	if (dir < 0 && (errno == ENOTDIR || errno == ELOOP || errno == EXDEV)) {
		int saved = errno;
		sys_failure_clear();
		sys_failure_set(saved, "openat2", cwd,
				saved == ENOTDIR
					? "The working directory, or a part of its path, is a "
					  "file there."
					: "The path of the working directory goes through a link "
					  "that leads out of the container's root, or in a circle.",
				"Give a directory of the container's root.");
		return -1;
	}
	if (dir < 0)
		return -1;
	int result = SYS(fchdir(dir), cwd);
	close_keeping_errno(dir);
	return result < 0 ? -1 : check_cwd(cwd);
}

static int own_world(struct container *c)
{
	const struct spec *spec = c->spec;
	char path[PATH_MAX];

	if ((spec->namespaces & CLONE_NEWCGROUP) && SYS(unshare(CLONE_NEWCGROUP), "cgroup") < 0)
		return -1;
	if (mount_private() < 0)
		return -1;
	if (spec->root_path[0] == '/')
		snprintf(path, sizeof(path), "%s", spec->root_path);
	else
		snprintf(path, sizeof(path), "%s/%s", c->bundle, spec->root_path);
	int root = SYS(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path);
	if (root < 0)
		return -1;
	if (mounts_make(root, spec, c->bundle) < 0 || devices_make(root, spec) < 0 ||
	    pivot_into(root) < 0)
		return -1;
	if (spec->root_read_only && mounts_root_read_only() < 0)
		return -1;
	if ((spec->namespaces & CLONE_NEWUTS) &&
	    uts_set_names(spec->hostname, spec->domainname) < 0)
		return -1;
	if ((spec->namespaces & CLONE_NEWNET) && bring_lo_up() < 0)
		return -1;
	return 0;
}

/* Standard input, output and error, from the caller's pipes or a terminal of the container's. */
static int take_stdio(struct container *c)
{
	if (c->spec->process.terminal)
		return console_take(c->console, &c->spec->process);
	for (int fd = 0; fd <= 2; fd++)
		if (c->stdio[fd] >= 0 && SYS(dup2(c->stdio[fd], fd), fd) < 0)
			return -1;
	return 0;
}

/* What crosses execve(2) besides memory and names: identity last, it takes the right to the rest.
 */
static int take_identity(const struct spec *spec)
{
	if (rlimits_set(&spec->process) < 0)
		return -1;
	/* The caller's keys are not the container's. A kernel without keys has none to hand on. */
	if (SYS_MAY(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL), "session keyring",
		    ENOSYS) < 0 &&
	    errno != ENOSYS)
		sys_failure_clear(); /* a filter, or a quota: the keys stay out of reach of ids */
	if (id_become_with(spec->process.uid, spec->process.gid, spec->process.additional_gids,
			   spec->process.additional_gid_count) < 0)
		return -1;
	umask(spec->process.has_umask ? spec->process.umask : 0022);
	if (spec->process.no_new_privileges && SYS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "1") < 0)
		return -1;
	return SYS(prctl(PR_SET_PDEATHSIG, SIGKILL), "SIGKILL"); /* a change of ids clears it */
}

static int become_command(void *arg)
{
	struct container *c = arg;

	/* PATH is the container's own from here on: execvp looks it up in environ. */
	environ = c->spec->process.env;
	SYS_EXEC(execvp(c->spec->process.args[0], c->spec->process.args), c->spec->process.args[0]);
	stage_fail(&c->stages);
	return sys_failure_status(sys_failure());
}

/* Below an init the command has the session with the terminal. Were it its init's, Ctrl-Z would
 * stop the command, and no shell would be there to wake it. */
static int become_command_of_init(void *arg)
{
	struct container *c = arg;

	/* init_start() has made us a group's leader, and a leader may not have a new session: PID
	 * 1's group has room. */
	if (SYS(setpgid(0, 1), "PID 1's group") < 0 ||
	    console_session(c->spec->process.terminal) < 0)
		return stage_fail(&c->stages), CANNOT_START;
	return become_command(c);
}

/* The command's copies are the ones that count now, and nothing of the caller's stays open here. */
static void leave_to_command(void *arg)
{
	struct container *c = arg;

	stage_close(&c->stages);
	sys_trace_to(-1);
}

/* --init: this process stays PID 1 and serves, the command is its child (step 8). */
static int serve_command(struct container *c)
{
	struct init_life life = { .fn = become_command_of_init,
				  .arg = c,
				  .started = leave_to_command };
	int status = init_live(&life);

	if (status >= 0)
		return status;
	stage_fail(&c->stages);
	return CANNOT_START;
}

/* From the caller's process to one of its own: no descriptor, signal or session of the caller's. */
static int leave_caller(struct container *c)
{
	int keep[] = { stage_child(&c->stages),
		       sys_trace_fd(),
		       c->console,
		       c->stdio[0],
		       c->stdio[1],
		       c->stdio[2] };

	inherit_signals();
	signal(SIGPIPE, SIG_IGN); /* until the exec an error of write is told, not died of */
	signal(SIGXFSZ, SIG_IGN);
	if (inherit_close(keep, sizeof(keep) / sizeof(*keep)) < 0)
		return -1;
	umask(0022); /* what is made on the way has the modes that are written there */
	return SYS(prctl(PR_SET_PDEATHSIG, SIGKILL), "SIGKILL");
}

/* All that was kept for the way, but the stages and the trace, before the command can see it. */
static int close_all_else(struct container *c)
{
	int keep[] = { stage_child(&c->stages), sys_trace_fd() };

	return inherit_close(keep, sizeof(keep) / sizeof(*keep));
}

int inside_main(void *arg)
{
	struct container *c = arg;
	const struct spec *spec = c->spec;

	sys_trace_as("child");
	if (leave_caller(c) < 0)
		goto bad;
	if (stage_await(&c->stages, STAGE_MAPPED, -1, -1) < 0)
		goto bad; /* or the parent has given up: then nobody reads it, and it says why */
	/* In a user namespace this is what gives the new process its capabilities there over files,
	 * too. */
	if ((spec->namespaces & CLONE_NEWUSER) && id_become(0, 0) < 0)
		goto bad;
	if (own_world(c) < 0 || take_stdio(c) < 0)
		goto bad;
	if (console_session(spec->process.terminal && !spec->init) < 0 || close_all_else(c) < 0)
		goto bad;
	if (enter_cwd(spec->process.cwd) < 0 || take_identity(spec) < 0)
		goto bad;
	if (stage_reach(&c->stages, STAGE_READY) < 0 ||
	    stage_await(&c->stages, STAGE_START, -1, -1) < 0)
		goto bad;
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	return spec->init ? serve_command(c) : become_command(c);
bad:
	stage_fail(&c->stages);
	return CANNOT_START;
}
