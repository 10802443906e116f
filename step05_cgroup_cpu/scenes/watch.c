/*
 * watch.c: how much of a CPU a process gets, and what its group allows it.
 */
#define _GNU_SOURCE
#include "watch.h"
#include "arena.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"
#include "step01_clone_pid/floor/meet/escape.h"
#include "step01_clone_pid/floor/host/ground.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR = 30, USAGE = 2 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
	interrupted = signal_number;
}

static int complain(int status, const char *what, const char *about, const char *why)
{
	dprintf(2,
		"step05_cgroup_cpu: %s: %s\n  try: bin/step05_cgroup_cpu --watch PID [SECONDS]\n",
		SHOWN(about), what);
	if (why)
		dprintf(2, "  why: %s\n", why);
	return status;
}

/* The directory of the group that the process is in now: it may be moved while we watch. */
static int group_of(int proc, pid_t pid, int *version)
{
	static struct cgroup_host host;
	char path[CG_PATH], dir[CG_PATH];

	if (!host.trees && cgroup_find(AT_FDCWD, &host) < 0)
		return -1;
	if (host.of[CG_CPU] < 0)
		return -1;
	const struct cgroup_tree *tree = &host.tree[host.of[CG_CPU]];
	*version = tree->version;
	if (cgroup_path_of(proc, pid, tree, path, sizeof(path)) < 0 ||
	    cgroup_directory(tree, path, dir, sizeof(dir)) < 0)
		return -1;
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* "  quota 20%  thr 33", or "  no quota". */
static void describe_group(int proc, pid_t pid, char *out, size_t size)
{
	struct cgroup_cpu_stat stat;
	int version = 0, dir = group_of(proc, pid, &version);

	snprintf(out, size, "  no quota");
	if (dir >= 0 && cgroup_read_cpu(dir, version, &stat) == 0 && stat.quota_us > 0 &&
	    stat.quota_us != CGROUP_MAX && stat.period_us > 0)
		snprintf(out, size, "  quota %.0f%%  thr %lld",
			 100.0 * (double)stat.quota_us / (double)stat.period_us,
			 (long long)stat.throttled);
	if (dir >= 0)
		close(dir);
}

static bool is_same(int proc, pid_t pid, unsigned long long starttime)
{
	struct proc_stat now;

	return proc_stat_read(proc, pid, &now) == 0 && now.starttime == starttime &&
	       now.state != 'Z';
}

static void watch(int proc, const struct proc_stat *process, long seconds)
{
	struct meter meter;
	char bar[BAR + 1], group[64];

	meter_start(&meter, process->pid);
	for (long second = 1; second <= seconds && !interrupted; second++) {
		double share = 0;
		for (int step = 0; step < 4 && !interrupted; step++) {
			arena_sleep_ms(250);
			if (!is_same(proc, process->pid, process->starttime)) {
				say("PID %d has ended", process->pid);
				return;
			}
			share = meter_peek(&meter);
			describe_group(proc, process->pid, group, sizeof(group));
			if (live() && step == 0)
				say("%3lds %s %4.0f%%%s", second,
				    arena_bar(share, BAR, bar, sizeof(bar)), share * 100, group);
			else
				redraw("%3lds %s %4.0f%%%s", second,
				       arena_bar(share, BAR, bar, sizeof(bar)), share * 100, group);
		}
		if (!live())
			say("%3lds %s %4.0f%%%s", second, arena_bar(share, BAR, bar, sizeof(bar)),
			    share * 100, group);
		meter_share(&meter);
	}
}

int watch_command(int argc, char **argv)
{
	struct proc_stat process;
	char *end;
	long seconds = LONG_MAX;

	if (argc < 2 || strcmp(argv[1], "--watch") != 0)
		return -1;
	if (argc < 3 || argc > 4)
		return complain(USAGE, argc < 3 ? "a PID is missing" : "too many arguments",
				"--watch", NULL);
	long pid = strtol(argv[2], &end, 10);
	if (*end || end == argv[2] || pid < 1 || pid > INT_MAX)
		return complain(USAGE, "is no PID", argv[2], NULL);
	if (argc == 4 && ((seconds = strtol(argv[3], &end, 10)) < 1 || *end))
		return complain(USAGE, "is no number of seconds", argv[3], NULL);
	if (ground_check(NULL) != GROUND_GOOD) {
		ground_say("step05_cgroup_cpu");
		return 1;
	}
	int proc = proc_open();
	if (proc < 0 || proc_stat_read(proc, (pid_t)pid, &process) < 0)
		return complain(1, "no such process", argv[2],
				"It has ended, or has another number in this PID namespace: ps");
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = on_interrupt }, NULL);
	say("PID %ld (%s), Ctrl-C ends the watching", pid, process.comm);
	watch(proc, &process, seconds);
	close(proc);
	return 0;
}
