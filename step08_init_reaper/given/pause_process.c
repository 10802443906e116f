/*
 * pause_process.c: nothing, done well.
 */
#define _GNU_SOURCE
#include "pause_process.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/meet/stage.h"
#include "step04_net_user/net_user.h"
#include "step04_net_user/given/rtnetlink.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void watch(sigset_t *watched)
{
	sigemptyset(watched);
	sigaddset(watched, SIGTERM);
	sigaddset(watched, SIGINT);
	sigaddset(watched, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, watched, NULL);
}

int pause_run(void *arg)
{
	sigset_t watched;

	(void)arg;
	watch(&watched);
	for (;;) {
		/* Before the first wait, too: setting SIGCHLD to its default throws a pending one
		 * away. */
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		int signal_number = sigwaitinfo(&watched, NULL);
		if (signal_number == SIGTERM || signal_number == SIGINT)
			return 0;
	}
}

struct pause_setup {
	int namespaces;
	uid_t uid;
	gid_t gid;
	struct stages stages;
};

static int set_up(const struct pause_setup *setup)
{
	if ((setup->namespaces & CLONE_NEWUSER) && self_map_write(setup->uid, setup->gid) < 0)
		return -1;
	if (!(setup->namespaces & CLONE_NEWNET))
		return 0;
	/* Down, as lo is born, the pod's containers could not even talk to themselves. */
	int netlink = rtnl_open();
	if (netlink < 0)
		return -1;
	int result = link_up(netlink, "lo");
	close_keeping_errno(netlink);
	return result;
}

static int pause_child(void *arg)
{
	struct pause_setup *setup = arg;
	sigset_t watched;

	stage_child(&setup->stages);
	prctl(PR_SET_NAME, "pause");
	sys_trace_as("pause");
	watch(&watched); /* before we are said to be there: PID 1 without it would miss the signal
			    for good */
	if (set_up(setup) < 0)
		return stage_fail(&setup->stages), 1;
	stage_reach(&setup->stages, STAGE_READY);
	stage_close(&setup->stages);
	return pause_run(NULL);
}

int pause_start(struct spawn *pause, int namespaces)
{
	struct pause_setup setup = { .namespaces = namespaces, .uid = geteuid(), .gid = getegid() };
	int status;

	if (stage_open(&setup.stages) < 0)
		return -1;
	*pause = (struct spawn){ .flags = namespaces, .fn = pause_child, .arg = &setup };
	if (spawn(pause) < 0)
		goto bad;
	stage_parent(&setup.stages);
	if (stage_await(&setup.stages, STAGE_READY, pause->pidfd, -1) < 0) {
		int saved = errno;
		spawn_wait(pause, &status); /* it has ended, or is about to: its failure came from
					       its last act */
		errno = saved;
		goto bad;
	}
	stage_close(&setup.stages);
	return 0;
bad:
	stage_close(&setup.stages);
	return -1;
}
