/*
 * try_map.c: asking the kernel about a map.
 */
#define _GNU_SOURCE
#include "try_map.h"
#include "step04_net_user/net_user.h"
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/host/ground.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/stage.h"

#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MOST_LINES = 340, TAKEN = 0, REFUSED = 1, USAGE = 2 };

const char try_map_help[] =
	"  map 'INSIDE OUTSIDE COUNT[,...]'   would the kernel take this uid_map from you?\n"
	"  --really         wall-clock with the clock really set: in a guest only\n";

/* Lives until the parent closes its end. */
static int wait_mapped(void *arg)
{
	struct stages *stages = arg;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stage_child(stages);
	stage_await(stages, STAGE_START, -1, -1);
	return 0;
}

static int ask_kernel(int procfd, const struct id_maps *maps)
{
	struct stages stages = { 0 };
	struct spawn child = { .flags = CLONE_NEWUSER, .fn = wait_mapped, .arg = &stages };
	char path[32], *text;
	int status, result = -1;

	if (stage_open(&stages) < 0)
		return -1;
	if (spawn(&child) < 0)
		goto bad;
	stage_parent(&stages);
	result = id_maps_write(procfd, child.pid, maps);
	snprintf(path, sizeof(path), "%d/uid_map", child.pid);
	if (result == 0 && (text = read_whole_at(procfd, path, NULL))) {
		printf("$ cat /proc/%s\n%s", path, text);
		free(text);
	}
bad:
	stage_close(&stages); /* and so the child ends */
	if (child.pid > 0)
		spawn_wait(&child, &status);
	return result < 0 ? -1 : 0;
}

int try_map_command(int argc, char **argv)
{
	static struct id_map lines[MOST_LINES];
	struct id_map group = { 0, getegid(), 1 };
	struct id_maps maps = { .uid = lines, .gid = &group, .gids = 1 };

	if (argc < 2 || strcmp(argv[1], "map") != 0)
		return -1;
	if (argc != 3) {
		dprintf(2,
			"step04_net_user: map takes one argument, the lines of the map\n  try: "
			"bin/step04_net_user map '0 %u 1'\n",
			getuid());
		return USAGE;
	}
	if ((maps.uids = id_map_parse(argv[2], lines, MOST_LINES)) < 0) {
		sys_failure_print(2, "step04_net_user");
		return USAGE;
	}
	if (ground_check(NULL) != GROUND_GOOD) { /* PID/uid_map would be another process's */
		ground_say("step04_net_user");
		return REFUSED;
	}
	maps.deny_setgroups = !facts_cap(host_facts_of(FACTS_SELF), CAP_SETGID);
	int procfd = proc_open();
	if (procfd < 0 || ask_kernel(procfd, &maps) < 0) {
		sys_failure_print(2, "step04_net_user");
		return REFUSED;
	}
	close(procfd);
	return TAKEN;
}
