/*
 * arena.c: groups and loops for scenes. Unlike a piece it may end the scene.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "step05_cgroup_cpu/given/demo_group.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- groups ---- */

const struct cgroup_host *arena_host(void)
{
	static struct cgroup_host host;

	if (!host.trees && cgroup_find(AT_FDCWD, &host) < 0)
		fail_scene();
	return &host;
}

int arena_version(enum cgroup_controller controller)
{
	int tree = arena_host()->of[controller];

	return tree < 0 ? 0 : arena_host()->tree[tree].version;
}

void arena_group(struct cgroup *group, unsigned controllers, const char *suffix)
{
	if (demo_group_create(arena_host(), controllers, suffix, group) < 0)
		fail_scene();
}

static void hand_down(const struct cgroup_part *part)
{
	for (int c = 0; c < CG_KINDS; c++) {
		const char *name = cgroup_controller_name((enum cgroup_controller)c, 2);
		if ((part->controllers & CG(c)) && name &&
		    cgroup_writef(part->dir, "cgroup.subtree_control", "+%s", name) < 0)
			fail_scene();
	}
}

void arena_child(const struct cgroup *above, const char *name, struct cgroup *group)
{
	*group = (struct cgroup){ .parts = above->parts };
	for (int i = 0; i < above->parts; i++) {
		const struct cgroup_part *from = &above->part[i];
		struct cgroup_part *part = &group->part[i];
		*part = *from;
		if (part->version == 2)
			hand_down(from);
		snprintf(part->path, sizeof(part->path), "%.*s/%s", CG_PATH - 64, from->path, name);
		part->dir = cgroup_create(from->dir, name);
		if (part->dir < 0 || ((part->controllers & CG(CG_CPUSET)) && part->version == 1 &&
				      cgroup_cpuset(part->dir, 1, NULL, NULL) < 0))
			fail_scene();
	}
}

void arena_end(struct cgroup *group)
{
	if (group_kill(group, 5000) == 0 && group_remove(group) == 0)
		return;
	sys_failure_set(errno, "group_kill and group_remove", "the group", NULL, NULL);
	sys_failure_explain();
	check(false, "the group should be empty and go: %s: %s: %s", sys_failure()->call,
	      strerror(errno), sys_failure()->cause);
}

/* ---- processes ---- */

static void spin(int cpu) __attribute__((noreturn));

static void spin(int cpu)
{
	cpu_set_t set;

	if (cpu >= 0) {
		CPU_ZERO(&set);
		CPU_SET((size_t)cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
	}
	for (volatile unsigned long i = 0;; i++)
		;
}

static pid_t forked(void)
{
	pid_t pid = SYS(fork(), "a process for the scene");

	if (pid < 0)
		fail_scene();
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

pid_t arena_spin(void)
{
	pid_t pid = forked();

	if (pid == 0)
		spin(-1);
	return pid;
}

static int spin_on(void *cpu)
{
	spin(*(int *)cpu);
}

pid_t arena_spin_in(const struct cgroup *group, int cpu)
{
	return arena_run(group, spin_on, &cpu);
}

pid_t arena_run(const struct cgroup *group, int (*fn)(void *arg), void *arg)
{
	pid_t pid = forked();

	if (pid == 0)
		_exit(group_join(group, 0) < 0 ? 125 : fn(arg));
	return pid;
}

int arena_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void arena_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	arena_wait(pid);
}

/* ---- measuring ---- */

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int64_t arena_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* A process's own CPU clock: nanoseconds, where /proc/PID/stat has hundredths of a second. */
static int64_t cpu_ns(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) == 0 ? clock_ns(clock) : 0;
}

/* The two clocks cannot be read at once, and on a busy machine others may run in between. So the
 * wall clock is read outermost: a share may come out too small, never too large. */
void meter_start(struct meter *meter, pid_t pid)
{
	meter->pid = pid;
	meter->wall_ns = arena_now_ns();
	meter->cpu_ns = cpu_ns(pid);
}

double meter_peek(const struct meter *meter)
{
	int64_t used = cpu_ns(meter->pid) - meter->cpu_ns;
	int64_t wall = arena_now_ns() - meter->wall_ns;

	return wall > 0 ? (double)used / (double)wall : 0;
}

double meter_share(struct meter *meter)
{
	double share = meter_peek(meter);

	meter_start(meter, meter->pid);
	return share;
}

void arena_come_first(const struct cgroup *group)
{
	const struct cgroup_part *part = group_part(group, CG_CPU);

	if (cgroup_cpu_shares(part->dir, part->version, 262144) < 0)
		fail_scene();
}

void arena_skip_busy(double share)
{
	skip_scene(
		"end what else runs (top shows it), and run it again",
		"others keep the CPUs so busy that the loop got %.0f %% of one and never came to "
		"its limit",
		share * 100);
}

long arena_idle_ticks(int cpu)
{
	char name[16] = "cpu ";
	long idle = -1;
	char *text = read_whole_at(AT_FDCWD, "/proc/stat", NULL);

	if (cpu >= 0)
		snprintf(name, sizeof(name), "cpu%d ", cpu);
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		if (strncmp(line, name, strlen(name)) == 0)
			sscanf(line + strlen(name), "%*d %*d %*d %ld", &idle);
	free(text);
	return idle;
}

void arena_sleep_ms(long ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/* ---- words ---- */

const char *arena_bar(double part, int width, char *buf, unsigned long size)
{
	int n = (int)(part * width + 0.5);

	n = n < 0 ? 0 : n > width ? width : n;
	snprintf(buf, size, "%.*s%*s", n,
		 "############################################################", width - n, "");
	return buf;
}

const char *arena_bytes(int64_t bytes, char *buf, unsigned long size)
{
	if (bytes < 0)
		snprintf(buf, size, "?");
	else if (bytes >= 10LL << 30)
		snprintf(buf, size, "%.1fg", (double)bytes / (1 << 30));
	else if (bytes >= 1 << 20)
		snprintf(buf, size, "%.1fm", (double)bytes / (1 << 20));
	else
		snprintf(buf, size, "%.0fk", (double)bytes / 1024);
	return buf;
}

const char *arena_short(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *arena_text(int dir, const char *file, char *buf, unsigned long size)
{
	if (read_file_at(dir, file, buf, size) < 0)
		snprintf(buf, size, "-");
	buf[strcspn(buf, "\n")] = '\0';
	return buf;
}

int arena_first_cpu(int *count)
{
	cpu_set_t set;
	int first = -1;

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	for (int i = 0; i < CPU_SETSIZE && first < 0; i++)
		if (CPU_ISSET((size_t)i, &set))
			first = i;
	if (count)
		*count = CPU_COUNT(&set);
	return first < 0 ? 0 : first;
}
