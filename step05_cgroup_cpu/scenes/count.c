/*
 * count.c: what there is, and what has been used.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "step05_cgroup_cpu/given/abilities.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"
#include "scenes.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- subsystems ---- */

/* What became of v1's subsystems. The first ones are controllers that we use, the rest has other
 * names now, or none. */
static const struct {
	const char *v1, *v2;
} fates[] = {
	{ "cpu", "cpu" },
	{ "cpuacct", "cpu.stat, everywhere" },
	{ "cpuset", "cpuset" },
	{ "memory", "memory" },
	{ "pids", "pids" },
	{ "blkio", "io" },
	{ "freezer", "cgroup.freeze, everywhere" },
	{ "devices", "no files: a BPF program" },
	{ "net_cls", "gone, as net_prio is: BPF" },
	{ "ns", "gone since 3.0" },
};

/* Where a subsystem is mounted: the last part of the mount point, for v1 and v2. */
static const char *place_of(const char *name, char *out, size_t size)
{
	snprintf(out, size, "-");
	for (int i = 0; i < arena_host()->trees; i++) {
		const struct cgroup_tree *tree = &arena_host()->tree[i];
		char list[160], *save;
		snprintf(list, sizeof(list), "%s", tree->subsystems);
		for (char *word = strtok_r(list, ", ", &save); word;
		     word = strtok_r(NULL, ", ", &save))
			if (strcmp(word, name) == 0 ||
			    (tree->version == 2 && strcmp(word, "io") == 0 &&
			     strcmp(name, "blkio") == 0))
				snprintf(out, size, "v%d %.40s", tree->version, tree->mount);
	}
	return out;
}

static int count_files(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), files = 0;
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	for (struct dirent *entry; list && (entry = readdir(list));)
		files += entry->d_type == DT_REG;
	if (list)
		closedir(list);
	return files;
}

static int count_words(int dir, const char *file)
{
	char *text = read_whole_at(dir, file, NULL);
	int lines = 0;

	if (!text)
		return -1;
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	free(text);
	return lines;
}

static void *rest(void *arg)
{
	pause();
	return arg;
}

static int three_threads(void *arg)
{
	pthread_t thread;

	(void)arg;
	for (int i = 0; i < 2; i++)
		if (pthread_create(&thread, NULL, rest, NULL) != 0)
			return 1;
	pause();
	return 0;
}

void scene_subsystems(void)
{
	struct cgroup group;
	char place[64];
	int there = 0;

	act("v1 name    here                               in v2");
	for (size_t i = 0; i < sizeof(fates) / sizeof(*fates); i++) {
		place_of(fates[i].v1, place, sizeof(place));
		there += place[0] != '-';
		say("%-10s %-34s %s", fates[i].v1, place, fates[i].v2);
	}
	act(NULL);
	arena_group(&group, CG(CG_CPU), "files");
	const struct cgroup_part *part = group_part(&group, CG_CPU);
	int files = count_files(part->dir);
	show("mkdir %s; ls %s | wc -l", arena_short(part->path), arena_short(part->path));
	pid_t pid = arena_run(&group, three_threads, NULL);
	const char *tasks = part->version == 1 ? "tasks" : "cgroup.threads";
	for (int i = 0; i < 5000 && count_words(part->dir, tasks) < 3; i++)
		arena_sleep_ms(2); /* a busy or emulated machine takes its time */
	int threads = count_words(part->dir, tasks), procs = count_words(part->dir, "cgroup.procs");
	say("%d files; a process of 3 threads: %d in cgroup.procs, %d in %s", files, procs, threads,
	    tasks);
	value("controllers", "%d", there);
	value("files", "%d", files);
	value("procs", "%d", procs);
	value("threads", "%d", threads);
	check(there > 0, "the host should have at least one subsystem");
	check(files > 5, "mkdir should make files appear, there are %d", files);
	check(procs == 1 && threads == 3, "1 process and 3 threads should be listed, %d and %d are",
	      procs, threads);
	verdict("%d of them here; mkdir made %d files", there, files);
	arena_stop(pid);
	arena_end(&group);
}

/* ---- accounting ---- */

enum { WORK_MS = 150, MIB = 1 << 20, HOLD_MIB = 12 };

static double own_seconds(void)
{
	struct timespec used = { 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* So much CPU, however long that takes on a busy machine. What it took to be born and to join is
 * not the group's: told, to be left out. */
static int work(void *arg)
{
	double *outside = arg, start = own_seconds();

	*outside += start;
	while (own_seconds() < start + WORK_MS / 1e3)
		;
	return 0;
}

static int hold(void *arg)
{
	(void)arg;
	if (mmap(NULL, (size_t)HOLD_MIB * MIB, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) == MAP_FAILED)
		return 1;
	pause();
	return 0;
}

/* What wait4(2) says of a child, against what its group says. */
static double used_by(pid_t pid)
{
	struct rusage usage;
	int status;

	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			return -1;
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void scene_accounting(void)
{
	struct cgroup group;
	struct cgroup_cpu_stat cpu;
	struct cgroup_memory_stat memory = { .current = -1 };
	double total = 0, *outside = mmap(NULL, sizeof(*outside), PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool with_memory = host_can(CAN_CGROUP_MEMORY, NULL);
	char text[32], peak[32], line[64];

	if (outside == MAP_FAILED)
		fail_scene();
	act("three workers in one group; all three are dead before we ask");
	arena_group(&group, CG(CG_CPUACCT) | (with_memory ? CG(CG_MEMORY) : 0), "count");
	const struct cgroup_part *part = group_part(&group, CG_CPUACCT);
	for (int i = 0; i < 3; i++)
		total += used_by(arena_run(&group, work, outside));
	double seconds = total - *outside;
	if (cgroup_read_cpuacct(part->dir, part->version, &cpu) < 0)
		fail_scene();
	double counted = (double)cpu.usage_us / 1e6;
	row("wait4(2)", "%.3f s   the sum of the three", seconds);
	row(part->version == 1 ? "cpuacct" : "cpu.stat", "%.3f s   the group's, whoever ran in it",
	    counted);
	show("cat %s", part->version == 1 ? "cpuacct.usage" : "cpu.stat | grep usage_usec");
	evidence("%s", arena_text(part->dir, part->version == 1 ? "cpuacct.usage" : "cpu.stat",
				  line, sizeof(line)));
	if (with_memory) {
		const struct cgroup_part *m = group_part(&group, CG_MEMORY);
		pid_t pid = arena_run(&group, hold, NULL);
		for (int i = 0; i < 2500 && memory.current < HOLD_MIB * MIB; i++) {
			arena_sleep_ms(4);
			cgroup_read_memory(m->dir, m->version, &memory);
		}
		row("memory", "%s now, %s at its peak: %d MiB were touched",
		    arena_bytes(memory.current, text, sizeof(text)),
		    arena_bytes(memory.peak, peak, sizeof(peak)), HOLD_MIB);
		check(memory.current >= HOLD_MIB * MIB, "%d MiB should be charged, %s are",
		      HOLD_MIB, text);
		arena_stop(pid);
	}
	say("ps forgets the dead; a group counts on. This is what bills are made of.");
	act(NULL);
	value("rusage", "%.3f", seconds);
	value("counted", "%.3f", counted);
	check(seconds > 0.05, "the workers should have worked, used %.3f s", seconds);
	check(counted > seconds * 0.9 && counted < total * 1.1 + 0.1,
	      "the group should count %.3f s, counts %.3f", seconds, counted);
	verdict("%.3f s counted of %.3f s used by the dead", counted, seconds);
	arena_end(&group);
}
