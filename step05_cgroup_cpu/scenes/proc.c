/*
 * proc.c: /proc does not know of groups. What tells the host's numbers, and which of them
 * can be mended.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"
#include "step05_cgroup_cpu/given/proc_view.h"
#include "scenes.h"
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step02_mount_ns/given/busybox_root.h"

#include <ctype.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_MIB = 64, QUOTA_US = 20000 };

/* What can be asked, and the answer as text. */
struct answers {
	long meminfo_kb, sysinfo_kb, free_kb, top_kb;
	long cpuinfo, stat_cpus, affinity, nproc;
	double uptime, load;
};

struct inside {
	const struct cgroup *group;
	char busybox[512];
	bool fix;
	int failed; /* errno of setting up */
	struct answers before, after;
};

static struct inside *inside; /* shared memory */

/* ---- asking ---- */

static long count_lines(const char *text, const char *start)
{
	long count = 0;

	for (const char *line = text; line && *line;
	     line = strchr(line, '\n'), line += line != NULL) {
		size_t n = strlen(start);
		/* "cpu" with a digit behind it, or "processor" */
		count += strncmp(line, start, n) == 0 &&
			 (strcmp(start, "cpu") != 0 || isdigit((unsigned char)line[n]));
	}
	return count;
}

/* The output of a busybox applet, or "". */
static const char *applet(const char *busybox, const char *line, char *out, size_t size)
{
	char command[600];
	size_t n = 0;

	out[0] = '\0';
	if (!busybox[0])
		return out;
	snprintf(command, sizeof(command), "%s %s 2>/dev/null", busybox, line);
	FILE *pipe = popen(command, "re");
	if (pipe) {
		n = fread(out, 1, size - 1, pipe);
		pclose(pipe);
	}
	out[n] = '\0';
	return out;
}

static long number_after(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	at = at ? at + strlen(word) : "";
	at += strcspn(at, "0123456789");
	return *at ? strtol(at, NULL, 10) : -1;
}

/* A number that this function finds in a file of /proc; 0: no such file. */
static double number_in(const char *path, double (*find)(const char *text))
{
	char *text = read_whole_at(AT_FDCWD, path, NULL);
	double number = text ? find(text) : 0;

	free(text);
	return number;
}

static double total_memory(const char *text)
{
	return (double)number_after(text, "MemTotal:");
}

static double count_processors(const char *text)
{
	return count_lines(text, "processor");
}

static double count_cpus(const char *text)
{
	return count_lines(text, "cpu");
}

static double first_number(const char *text)
{
	return strtod(text, NULL);
}

static void ask(const char *busybox, struct answers *out)
{
	static char text[65536];
	struct sysinfo info;
	cpu_set_t set;

	memset(out, 0, sizeof(*out));
	out->meminfo_kb = (long)number_in("/proc/meminfo", total_memory);
	out->cpuinfo = (int)number_in("/proc/cpuinfo", count_processors);
	out->stat_cpus = (int)number_in("/proc/stat", count_cpus);
	out->load = number_in("/proc/loadavg", first_number);
	out->uptime = number_in("/proc/uptime", first_number);
	if (sysinfo(&info) == 0)
		out->sysinfo_kb = (long)(info.totalram * info.mem_unit / 1024);
	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	out->affinity = CPU_COUNT(&set);
	out->free_kb = number_after(applet(busybox, "free -k", text, sizeof(text)), "Mem:");
	out->nproc = number_after(applet(busybox, "nproc", text, sizeof(text)), "");
	applet(busybox, "top -b -n 1", text, sizeof(text));
	/* "Mem: 100K used, 200K free, ...": the two make the machine's total */
	long used = number_after(text, "Mem:"), rest = number_after(text, "used,");
	out->top_kb = used >= 0 && rest >= 0 ? used + rest : -1;
}

/* ---- a container with limits ---- */

/* Writes a text to a file of our own and binds it over the one in /proc. */
static int cover(const char *name, const char *text, int length)
{
	char file[64], target[64];

	snprintf(file, sizeof(file), "/tmp/.proc-%s", name);
	snprintf(target, sizeof(target), "/proc/%s", name);
	int fd = open(file, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0444);
	if (fd < 0 || length < 0 || write(fd, text, (size_t)length) != length)
		return -1;
	close(fd);
	return SYS(mount(file, target, NULL, MS_BIND, NULL), target);
}

/* Writes what stands in /proc/NAME as the container should see it into out (size bytes). */
typedef int (*view)(const char *host, char *out, size_t size);

static int view_meminfo(const char *host, char *out, size_t size)
{
	const struct cgroup_part *memory = group_part(inside->group, CG_MEMORY);
	struct cgroup_memory_stat stat;

	cgroup_read_memory(memory->dir, memory->version, &stat);
	return proc_view_meminfo(host, stat.max, stat.current, stat.cache, out, size);
}

static int view_cpuinfo(const char *host, char *out, size_t size)
{
	return proc_view_cpuinfo(host, 1, out, size); /* 0.2 CPUs, rounded up */
}

static int view_stat(const char *host, char *out, size_t size)
{
	return proc_view_stat(host, 1, time(NULL), out, size);
}

static int view_uptime(const char *host, char *out, size_t size)
{
	(void)host;
	return proc_view_uptime(0.5, 0, 1, out, size);
}

static int cover_with(const char *name, view as_seen)
{
	char path[64];
	size_t length = 0;

	snprintf(path, sizeof(path), "/proc/%s", name);
	char *host = read_whole_at(AT_FDCWD, path, &length);
	size_t size = length + 1024; /* a view leaves out, and makes no line much longer */
	char *text = host ? malloc(size) : NULL;
	int result = text ? cover(name, text, as_seen(host, text, size)) : -1;
	int saved = errno;
	free(text);
	free(host);
	errno = saved;
	return result;
}

static int cover_all(void)
{
	/* A tmpfs of this mount namespace, to hold the files: nothing is left on a disk. */
	if (SYS(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=0755"), "/tmp") < 0)
		return -1;
	if (cover_with("meminfo", view_meminfo) < 0 || cover_with("cpuinfo", view_cpuinfo) < 0 ||
	    cover_with("stat", view_stat) < 0)
		return -1;
	return cover_with("uptime", view_uptime);
}

static int live_inside(void *arg)
{
	(void)arg;
	if (group_join(inside->group, 0) < 0 ||
	    SYS(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "/proc") <
		    0)
		goto bad;
	ask(inside->busybox, &inside->before);
	if (!inside->fix)
		return 0;
	if (cover_all() < 0)
		goto bad;
	ask(inside->busybox, &inside->after);
	return 0;
bad:
	inside->failed = errno ? errno : EIO;
	return 1;
}

/* A container as far as we have come: own PIDs, own /proc, 64 MiB and a fifth of a CPU. */
static void run_inside(struct cgroup *group, const char *suffix, bool fix)
{
	const struct cgroup_limits limits = { .cpu_quota_us = QUOTA_US,
					      .memory = (int64_t)LIMIT_MIB << 20 };
	struct spawn child = { .flags = CLONE_NEWPID | CLONE_NEWNS,

			       .fn = live_inside };
	int status = 0;

	inside = mmap(NULL, sizeof(*inside), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (inside == MAP_FAILED)
		fail_scene();
	arena_group(group, CG(CG_CPU) | CG(CG_MEMORY), suffix);
	if (group_limit(group, &limits) < 0)
		fail_scene();
	inside->group = group;
	inside->fix = fix;
	if (busybox_find(inside->busybox, sizeof(inside->busybox)) < 0)
		inside->busybox[0] = '\0';
	sys_failure_clear();
	if (spawn(&child) < 0 || spawn_wait(&child, &status) < 0)
		fail_scene();
	if (status != 0) {
		errno = inside->failed;
		fail_scene();
	}
}

/* ---- proc-leak ---- */

static void leak_row(const char *what, const char *host, const char *container, const char *limit)
{
	char right[64];

	snprintf(right, sizeof(right), "%-20s%s", container, limit);
	row(what, "%s\t%s", host, right);
}

static void number_row(const char *what, long host, long container, const char *unit,
		       const char *limit)
{
	char left[32], right[32];

	if (container < 0)
		return; /* no busybox here */
	snprintf(left, sizeof(left), "%ld%s", host, unit);
	snprintf(right, sizeof(right), "%ld%s", container, unit);
	leak_row(what, left, right, limit);
}

static void judge_leak(const struct answers *host, const struct answers *in, int64_t limit)
{
	value("host_meminfo_kb", "%ld", host->meminfo_kb);
	value("inside_meminfo_kb", "%ld", in->meminfo_kb);
	value("inside_free_kb", "%ld", in->free_kb);
	value("inside_nproc", "%ld", in->nproc);
	value("limit_bytes", "%lld", (long long)limit);
	check(limit == (int64_t)LIMIT_MIB << 20, "the limit should be in force, is %lld",
	      (long long)limit);
	check(in->meminfo_kb == host->meminfo_kb && in->sysinfo_kb == host->sysinfo_kb,
	      "meminfo should say the host's %ld kB, says %ld", host->meminfo_kb, in->meminfo_kb);
	check(in->cpuinfo == host->cpuinfo && in->stat_cpus == host->stat_cpus &&
		      in->affinity == host->affinity,
	      "it should see the host's %ld CPUs, sees %ld", host->cpuinfo, in->cpuinfo);
	check(in->free_kb < 0 || labs(in->free_kb - host->free_kb) < 1024,
	      "free should say the host's %ld kB, says %ld", host->free_kb, in->free_kb);
	check(in->uptime > 0 && in->uptime <= host->uptime,
	      "uptime should be the host's %.0f s, is %.0f", host->uptime, in->uptime);
}

void scene_proc_leak(void)
{
	struct cgroup group;
	struct answers host;
	char left[32], right[32];

	act("a container with own PIDs and own /proc, %d MiB, 0.2 CPUs", LIMIT_MIB);
	run_inside(&group, "leak", false);
	const struct answers *in = &inside->before;
	ask(inside->busybox, &host);
	const struct cgroup_part *memory = group_part(&group, CG_MEMORY);
	struct cgroup_memory_stat stat;
	cgroup_read_memory(memory->dir, memory->version, &stat);
	heads("HOST SAYS", "CONTAINER SAYS      ITS LIMIT SAYS");
	number_row("meminfo", host.meminfo_kb, in->meminfo_kb, " kB", "65536 kB");
	number_row("free", host.free_kb, in->free_kb, " kB", "65536 kB");
	number_row("top", host.top_kb, in->top_kb, " kB", "65536 kB");
	number_row("cpuinfo", host.cpuinfo, in->cpuinfo, " CPUs", "0.2 CPUs");
	number_row("stat", host.stat_cpus, in->stat_cpus, " CPUs", "0.2 CPUs");
	number_row("nproc", host.nproc, in->nproc, " CPUs", "0.2 CPUs");
	snprintf(left, sizeof(left), "%.2f", host.load);
	snprintf(right, sizeof(right), "%.2f", in->load);
	leak_row("loadavg", left, right, "-");
	snprintf(left, sizeof(left), "%.0f s", host.uptime);
	snprintf(right, sizeof(right), "%.0f s", in->uptime);
	leak_row("uptime", left, right, "(born just now)");
	act(NULL);
	judge_leak(&host, in, stat.max);
	verdict("a namespace hides, a limit limits, and /proc tells neither");
	arena_end(&group);
}

/* ---- proc-fixed ---- */

static void fixed_row(const char *what, long before, long after, const char *unit, long should)
{
	if (before < 0)
		return;
	char right[32];

	snprintf(right, sizeof(right), "%ld%s", after, unit);
	row(what, "%ld%s\t%-16s%s", before, unit, right,
	    after <= should ? "mended" : "STILL THE HOST'S");
}

void scene_proc_fixed(void)
{
	struct cgroup group;

	act("the same container; files that fit its limits are bound over /proc's");
	run_inside(&group, "fixed", true);
	const struct answers *old = &inside->before, *new = &inside->after;
	heads("BEFORE", "AFTER");
	fixed_row("meminfo", old->meminfo_kb, new->meminfo_kb, " kB", LIMIT_MIB * 1024);
	fixed_row("cpuinfo", old->cpuinfo, new->cpuinfo, " CPUs", 1);
	fixed_row("stat", old->stat_cpus, new->stat_cpus, " CPUs", 1);
	fixed_row("uptime", (long)old->uptime, (long)new->uptime, " s", 1);
	fixed_row("sysinfo(2)", old->sysinfo_kb, new->sysinfo_kb, " kB", LIMIT_MIB * 1024);
	fixed_row("free", old->free_kb, new->free_kb, " kB", LIMIT_MIB * 1024);
	row("loadavg", "%.2f\t%-16.2f%s", old->load, new->load, "(no such thing)");
	say("A file can be covered. A system call cannot: busybox's free asks");
	say("sysinfo(2), nproc asks sched_getaffinity(2); a cpuset mends that one.");
	act(NULL);
	value("meminfo_kb", "%ld", new->meminfo_kb);
	value("sysinfo_kb", "%ld", new->sysinfo_kb);
	value("cpuinfo", "%ld", new->cpuinfo);
	check(new->meminfo_kb == LIMIT_MIB * 1024, "meminfo should say 65536 kB now, says %ld",
	      new->meminfo_kb);
	check(new->cpuinfo == 1 && new->stat_cpus == 1,
	      "cpuinfo and stat should say 1 CPU now, say %ld and %ld", new->cpuinfo,
	      new->stat_cpus);
	check(new->uptime < 2, "uptime should be the container's own, is %.0f s", new->uptime);
	check(new->sysinfo_kb == old->sysinfo_kb &&new->sysinfo_kb > LIMIT_MIB * 1024,
	      "sysinfo should still say the host's %ld kB, says %ld", old->sysinfo_kb,
	      new->sysinfo_kb);
	check(new->affinity == old->affinity, "sched_getaffinity should not have changed");
	verdict("four files mended; sysinfo(2) still says %ld MiB", new->sysinfo_kb / 1024);
	arena_end(&group);
}
