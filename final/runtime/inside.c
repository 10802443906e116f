/*
 * inside.c: what the container's own process does before it becomes the command.
 */
#define _GNU_SOURCE
#include "inside.h"
#include "launch.h"
#include "mounts.h"

#include "step01_clone_pid/floor/sys.h"
#include "step01_clone_pid/floor/terminal.h"
#include "step02_mount_ns/mount_ns.h"
#include "step02_mount_ns/resolve.h"
#include "step03_uts_ipc/uts_ipc.h"
#include "step04_net_user/net_user.h"
#include "step04_net_user/rtnetlink.h"
#include "step08_init_reaper/init_reaper.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { CANNOT_START = 125, CANNOT_RUN = 126, NOT_FOUND = 127, GRACE_MS = 10000 };

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

/* Docker makes a missing working directory; so do we. */
static int enter_cwd(const char *cwd)
{
	if (chdir(cwd) == 0)
		return 0;
	if (errno == ENOENT) {
		int made = make_dir_in_root(AT_FDCWD, cwd, 0755);
		if (made < 0)
			return -1;
		close(made);
	}
	if (SYS_MAY(chdir(cwd), cwd, ENOTDIR) == 0)
		return 0;
	if (errno == ENOTDIR)
		sys_failure_set(ENOTDIR, "chdir", cwd,
				"The working directory, or a part of its path, is a file there.",
				"Give a directory of the container's root.");
	return -1;
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
	if (mounts_make(root, spec) < 0 || pivot_into(root) < 0)
		return -1;
	if (spec->root_read_only &&
	    SYS(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "/") < 0)
		return -1;
	if ((spec->namespaces & CLONE_NEWUTS) &&
	    uts_set_names(spec->hostname, spec->domainname) < 0)
		return -1;
	if ((spec->namespaces & CLONE_NEWNET) && bring_lo_up() < 0)
		return -1;
	return enter_cwd(spec->cwd);
}

static int become_command(void *arg)
{
	struct container *c = arg;

	/* PATH is the container's own from here on: execvp looks it up in environ. */
	environ = c->spec->env;
	SYS_EXEC(execvp(c->spec->args[0], c->spec->args), c->spec->args[0]);
	stage_fail(&c->stages);
	return errno == ENOENT ? NOT_FOUND : CANNOT_RUN;
}

/* --init: this process stays PID 1 and serves, the command is its child (step 8). */
static int serve_command(struct container *c)
{
	struct init init = { .fn = become_command,
			     .arg = c,
			     .terminal = c->terminal ? 0 : -1,
			     .grace_ms = GRACE_MS };

	if (init_start(&init) < 0)
		return stage_fail(&c->stages), CANNOT_START;
	stage_close(&c->stages); /* the command's copy is the one that counts now */
	setsid();		 /* init_run.c says why */
	if (init_serve(&init) < 0)
		return CANNOT_START;
	return init_status(init.status);
}

int inside_main(void *arg)
{
	struct container *c = arg;
	const struct spec *spec = c->spec;

	stage_child(&c->stages);
	sys_trace_as("child");
	if (c->terminal && !spec->init)
		terminal_take();
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a foreground container ends with the one who runs it */
	if (stage_await(&c->stages, STAGE_MAPPED, -1, -1) < 0)
		return CANNOT_START; /* the parent has given up and says why */
	/* In a user namespace this is what gives the new process its capabilities there over files,
	 * too. */
	if ((spec->namespaces & CLONE_NEWUSER) && id_become(0, 0) < 0)
		goto bad;
	if (own_world(c) < 0)
		goto bad;
	if ((spec->uid || spec->gid) && id_become(spec->uid, spec->gid) < 0)
		goto bad;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of ids has cleared it */
	if (stage_reach(&c->stages, STAGE_READY) < 0 ||
	    stage_await(&c->stages, STAGE_START, -1, -1) < 0)
		return CANNOT_START;
	signal(SIGPIPE, SIG_DFL);
	return spec->init ? serve_command(c) : become_command(c);
bad:
	stage_fail(&c->stages);
	return CANNOT_START;
}
