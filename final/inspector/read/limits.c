/*
 * limits.c: reading the group, in either layout, as it is at one moment. What that says of the time
 * since the last one: limits_growth.c.
 */
#define _GNU_SOURCE
#include "limits.h"
#include "whole.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The directory of a group, opened below rootfd; -1 if there is none. */
static int open_group(int rootfd, const struct cgroup_tree *tree, const char *path)
{
	char dir[CG_PATH * 2];

	if (cgroup_directory(tree, path, dir, sizeof(dir)) < 0)
		return -1;
	const char *below = dir + strspn(dir, "/");
	return openat(rootfd, *below ? below : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static const struct cgroup_tree *tree_of(const struct cgroup_host *host, enum cgroup_controller c)
{
	return host->of[c] < 0 ? NULL : &host->tree[host->of[c]];
}

/* The controllers whose groups we would call "the container's". */
static const enum cgroup_controller telling[] = { CG_CPU,     CG_MEMORY, CG_PIDS,
						  CG_FREEZER, CG_IO,	 CG_CPUSET };
enum { TELLING = sizeof(telling) / sizeof(*telling) };

static bool own_path(const struct cgroup_host *host, const char *text, const char *ours, char *path,
		     size_t size)
{
	char there[CG_PATH], here[CG_PATH];

	for (int i = 0; i < TELLING; i++) {
		const struct cgroup_tree *tree = tree_of(host, telling[i]);
		if (!tree || cgroup_path_parse(text, tree, there, sizeof(there)) < 0)
			continue;
		if (!*path)
			snprintf(path, size, "%.*s", (int)size - 1, there);
		if (cgroup_path_parse(ours, tree, here, sizeof(here)) < 0)
			here[0] = '\0';
		if (strcmp(there, "/") != 0 && strcmp(there, here) != 0) {
			snprintf(path, size, "%.*s", (int)size - 1, there);
			return true;
		}
	}
	return false;
}

/* The text of a /proc/PID/cgroup; "" if it cannot be read. A path alone may have 4096 bytes. */
static const char *cgroup_text(struct whole *kept, int dirfd, const char *file)
{
	return whole_read(kept, dirfd, file) > 0 ? kept->text : "";
}

bool limits_choose(int procfd, const struct cgroup_host *host, const pid_t *pids, int count,
		   char *path, size_t path_size, const char **text)
{
	static struct whole self, kept;
	const char *ours = cgroup_text(&self, procfd, "self/cgroup");
	char file[32], first[192] = "";

	for (int i = 0; i < count; i++) {
		snprintf(file, sizeof(file), "%d/cgroup", pids[i]);
		*text = cgroup_text(&kept, procfd, file);
		path[0] = '\0';
		if (own_path(host, *text, ours, path, path_size))
			return true;
		if (!first[0])
			snprintf(first, sizeof(first), "%s", path);
	}
	snprintf(path, path_size, "%s", first);
	snprintf(file, sizeof(file), "%d/cgroup", count ? pids[0] : 0);
	*text = count ? cgroup_text(&kept, procfd, file) : "";
	return false;
}

/* Walks from the group's parent to the top; fn sees each directory. */
static void each_parent(int rootfd, const struct cgroup_tree *tree, const char *path,
			void (*fn)(int dir, int version, const char *path, void *arg), void *arg)
{
	char up[CG_PATH];

	snprintf(up, sizeof(up), "%s", path);
	for (char *slash; (slash = strrchr(up, '/')) && slash != up;) {
		*slash = '\0';
		int dir = open_group(rootfd, tree, up);
		if (dir < 0)
			continue;
		fn(dir, tree->version, up, arg);
		close(dir);
	}
}

static double percent(const struct cgroup_cpu_stat *cpu)
{
	return cpu->quota_us < 0 || cpu->quota_us == CGROUP_MAX || cpu->period_us <= 0
		       ? -1
		       : 100.0 * (double)cpu->quota_us / (double)cpu->period_us;
}

static void parent_cpu(int dir, int version, const char *path, void *arg)
{
	struct cgroup_model *cg = arg;
	struct cgroup_cpu_stat cpu;

	if (cgroup_read_cpu(dir, version, &cpu) < 0)
		return;
	double quota = percent(&cpu);
	if (quota < 0 || (cg->quota >= 0 && quota >= cg->quota) ||
	    (cg->tighter_quota >= 0 && quota >= cg->tighter_quota))
		return;
	cg->tighter_quota = quota;
	snprintf(cg->tighter_quota_at, sizeof(cg->tighter_quota_at), "%.95s", path);
}

static void tighter(struct usage *usage, int64_t max, const char *path)
{
	if (max < 0 || max == CGROUP_MAX || (usage->max >= 0 && max >= usage->max) ||
	    (usage->tighter >= 0 && max >= usage->tighter))
		return;
	usage->tighter = max;
	snprintf(usage->tighter_at, sizeof(usage->tighter_at), "%.95s", path);
}

static void parent_memory(int dir, int version, const char *path, void *arg)
{
	tighter(arg, cgroup_number(dir, version == 2 ? "memory.max" : "memory.limit_in_bytes"),
		path);
}

static void parent_pids(int dir, int version, const char *path, void *arg)
{
	(void)version;
	tighter(arg, cgroup_number(dir, "pids.max"), path);
}

/* Where to look: what stands for /, its hierarchies, the container's /proc/PID/cgroup and our own.
 */
struct place {
	int rootfd;
	const struct cgroup_host *host;
	const char *text, *ours;
};

/* Opens the group of one controller. path: room for its path. -1: none. */
static int open_part(const struct place *at, enum cgroup_controller c, char path[CG_PATH],
		     const struct cgroup_tree **tree)
{
	char ours[CG_PATH] = "";

	*tree = tree_of(at->host, c);
	if (!*tree || cgroup_path_parse(at->text, *tree, path, CG_PATH) < 0)
		return -1;
	/* What everybody is in, we as well, says nothing of this container. */
	cgroup_path_parse(at->ours, *tree, ours, sizeof(ours));
	if (strcmp(path, "/") == 0 || strcmp(path, ours) == 0)
		return -1;
	return open_group(at->rootfd, *tree, path);
}

static int64_t read_cpu(const struct place *at, struct cgroup_model *cg)
{
	const struct cgroup_tree *tree;
	struct cgroup_cpu_stat cpu = { -1, -1, -1, -1, -1, -1, -1 }, acct = cpu;
	char path[CG_PATH];
	int dir = open_part(at, CG_CPU, path, &tree);

	if (dir >= 0) {
		cg->cpu_there = cgroup_read_cpu(dir, tree->version, &cpu) == 0;
		close(dir);
		cg->quota = percent(&cpu);
		each_parent(at->rootfd, tree, path, parent_cpu, cg);
	}
	dir = open_part(at, CG_CPUACCT, path, &tree);
	if (dir >= 0) {
		cgroup_read_cpuacct(dir, tree->version, &acct);
		close(dir);
	}
	cg->shares = cpu.shares;
	cg->periods = cpu.periods;
	cg->throttled = cpu.throttled;
	cg->throttled_us = cpu.throttled_us;
	return acct.usage_us;
}

static void read_memory(const struct place *at, struct cgroup_model *cg)
{
	const struct cgroup_tree *tree;
	struct cgroup_memory_stat memory;
	char path[CG_PATH];
	int dir = open_part(at, CG_MEMORY, path, &tree);

	if (dir < 0)
		return;
	cg->memory.there = cgroup_read_memory(dir, tree->version, &memory) == 0;
	close(dir);
	if (!cg->memory.there)
		return;
	cg->memory.now = memory.current;
	cg->memory.max = memory.max;
	cg->peak = memory.peak;
	cg->cache = memory.cache;
	cg->anon = memory.anon;
	cg->failcnt = memory.failcnt;
	cg->oom_kill = memory.oom_kill;
	each_parent(at->rootfd, tree, path, parent_memory, &cg->memory);
}

static void read_pids(const struct place *at, struct cgroup_model *cg)
{
	const struct cgroup_tree *tree;
	struct cgroup_pids_stat pids;
	char path[CG_PATH];
	int dir = open_part(at, CG_PIDS, path, &tree);

	if (dir < 0)
		return;
	cg->pids.there = cgroup_read_pids(dir, tree->version, &pids) == 0;
	close(dir);
	if (!cg->pids.there)
		return;
	cg->pids.now = pids.current;
	cg->pids.max = pids.max;
	cg->refused = pids.refused;
	each_parent(at->rootfd, tree, path, parent_pids, &cg->pids);
}

/* A list may name every second of 8192 CPUs. */
static void read_cpus(int dir, int version, struct cgroup_model *cg)
{
	static struct whole kept;
	const int most = sizeof(cg->cpuset) - sizeof("...");

	if (whole_read(&kept, dir, version == 2 ? "cpuset.cpus.effective" : "cpuset.cpus") <= 0)
		return;
	int n = (int)strcspn(kept.text, "\n");
	snprintf(cg->cpuset, sizeof(cg->cpuset), "%.*s%s", n < most ? n : most, kept.text,
		 n > most ? "..." : "");
}

static void read_rest(const struct place *at, struct cgroup_model *cg, struct cgroup_io_stat *io)
{
	const struct cgroup_tree *tree;
	char path[CG_PATH];
	int dir = open_part(at, CG_IO, path, &tree);

	*io = (struct cgroup_io_stat){ -1, -1, -1, -1 };
	if (dir >= 0) {
		cgroup_read_io(dir, tree->version, io);
		close(dir);
	}
	dir = open_part(at, CG_FREEZER, path, &tree);
	if (dir >= 0) {
		cg->frozen = cgroup_read_frozen(dir, tree->version);
		close(dir);
	}
	dir = open_part(at, CG_CPUSET, path, &tree);
	if (dir >= 0) {
		read_cpus(dir, tree->version, cg);
		close(dir);
	}
}

/* All but the history, the path and whose it is. */
static void forget_numbers(struct cgroup_model *cg)
{
	struct model empty;

	model_init(&empty);
	memcpy(empty.cgroup.path, cg->path, sizeof(cg->path));
	empty.cgroup.own = cg->own;
	empty.cgroup.samples = cg->samples;
	memcpy(empty.cgroup.cpu_history, cg->cpu_history, sizeof(cg->cpu_history));
	memcpy(empty.cgroup.memory_history, cg->memory_history, sizeof(cg->memory_history));
	*cg = empty.cgroup;
}

void limits_read(int rootfd, const struct cgroup_host *host, const char *text, double seconds,
		 struct limits_state *state, struct model *model)
{
	struct cgroup_model *cg = &model->cgroup;
	static struct whole self;
	struct place at = { rootfd, host, text, cgroup_text(&self, rootfd, "proc/self/cgroup") };
	struct cgroup_io_stat io;

	forget_numbers(cg);
	limits_follow(state, model);
	int64_t usage_us = read_cpu(&at, cg);
	read_memory(&at, cg);
	read_pids(&at, cg);
	read_rest(&at, cg, &io);
	limits_grown(usage_us, io.read_bytes, io.write_bytes, seconds, state, model);
}
