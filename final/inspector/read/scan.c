/*
 * scan.c: one tick over /proc.
 */
#define _GNU_SOURCE
#include "scan.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	SLOW_ROUND = 32, /* ticks within which everybody's turn comes */
	BUDGET_LEAST = 32,
	BUDGET_PART = 64,
	SLICE_LEAST = 128,
	SLICE_PART = 16,
	FILES_MOST = 16384,
	FILES_OURS = 64
};

static bool grow(struct process **table, int *room, int need)
{
	if (need <= *room)
		return true;
	int more = *room ? *room + *room / 2 : 256;
	struct process *bigger = reallocarray(*table, (size_t)more, sizeof(**table));
	if (!bigger)
		return false;
	*table = bigger;
	*room = more;
	return true;
}

/* The table of the last tick is by pid, and so is readdir of /proc: both are walked side by side.
 */
static struct process *before(struct scan *scan, pid_t pid)
{
	if (scan->old_at > 0 && scan->old[scan->old_at - 1].pid >= pid) /* a fixture's directory */
		scan->old_at = 0;
	while (scan->old_at < scan->old_count && scan->old[scan->old_at].pid < pid)
		scan->old_at++;
	if (scan->old_at < scan->old_count && scan->old[scan->old_at].pid == pid)
		return &scan->old[scan->old_at];
	return NULL;
}

static float cpu_share(const struct scan *scan, unsigned long long now, unsigned long long then)
{
	static long hertz;

	if (!hertz)
		hertz = sysconf(_SC_CLK_TCK);
	if (scan->elapsed <= 0 || now < then)
		return scan->elapsed <= 0 ? -1 : 0;
	return (float)((double)(now - then) * 100.0 / (double)hertz / scan->elapsed);
}

void scan_keep_files(struct scan *scan, int procfd)
{
	struct rlimit limit;

	scan->keep = process_runs_are_counted(procfd);
	if (!scan->keep || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_cur < FILES_MOST) {
		limit.rlim_cur = limit.rlim_max < FILES_MOST ? limit.rlim_max : FILES_MOST;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	scan->kept_most = limit.rlim_cur < FILES_MOST ? (int)limit.rlim_cur - FILES_OURS
						      : FILES_MOST - FILES_OURS;
}

/* As it was at the last tick, and asleep since. Whoever ran then may be running still, on a CPU
 * that has not counted it yet; other threads than the first are counted elsewhere. */
static bool slept(const struct scan *scan, const struct process *old, enum has_run run)
{
	bool due = scan->count >= scan->slice_from && scan->count < scan->slice_to;

	return run == RUN_NOT && old->alone && old->state != 'R' && !due;
}

static void take_stat(struct scan *scan, struct process *p, const struct proc_stat *stat, bool same)
{
	unsigned long long ticks = stat->utime + stat->stime;

	if (same)
		p->cpu = cpu_share(scan, ticks, p->cpu_ticks);
	if (stat->state == 'Z' && p->state != 'Z')
		scan->deaths = true;
	p->ppid = stat->ppid;
	p->state = stat->state;
	p->alone = stat->threads == 1;
	p->cpu_ticks = ticks;
	p->rss_kb = (int64_t)stat->rss_pages * (sysconf(_SC_PAGESIZE) / 1024);
	p->exit_code = stat->state == 'Z' || stat->state == 'X' ? stat->exit_code : -1;
	snprintf(p->comm, sizeof(p->comm), "%.31s", stat->comm);
}

/* Is it its turn for status and namespaces? */
static bool slow_due(struct scan *scan, const struct process *p, enum has_run run)
{
	if (p->born < 2) /* it may still be between clone, unshare and exec */
		return true;
	if (!p->owed)
		return false;
	if (((unsigned)p->pid + scan->ticks) % SLOW_ROUND == 0)
		return true;
	return run != RUN_UNKNOWN && scan->budget-- > 0;
}

/* What is kept of it, from the last tick or opened now. A schedstat is read before the stat is:
 * what it does in between is seen at the next tick. */
static struct process watched(struct scan *scan, pid_t pid, struct process *old)
{
	struct process p = { .pid = pid };

	if (old && old->file) {
		p.file = old->file;
		p.ran = old->ran;
		p.by_stat = old->by_stat;
		p.streak = old->streak;
		old->file = 0;
	} else if (scan->keep && scan->kept < scan->kept_most &&
		   process_keep(scan->procfd, &p, false)) {
		scan->kept++;
		process_has_run(&p);
	}
	return p;
}

/* Two looks at which it had run, and its stat is kept; eight at which that had not moved, and its
 * schedstat is, which the next look begins with. */
static void choose_file(struct scan *scan, struct process *p, enum has_run run, bool moved)
{
	bool other = p->by_stat ? !moved && p->state != 'R' : run == RUN_YES;

	p->streak = other ? p->streak + 1 : 0;
	if (p->file && p->streak >= (p->by_stat ? 8 : 2))
		scan->kept -= !process_keep(scan->procfd, p, !p->by_stat);
}

/* Into the free place at the end of the table. Returns false if it is gone: between readdir and
 * here. */
static bool read_process(struct scan *scan, pid_t pid, struct process *old, enum has_run run,
			 struct process *p)
{
	struct process watch = watched(scan, pid, old);
	struct proc_stat stat;

	if (process_read_stat(scan->procfd, &watch, &stat) < 0) {
		scan->kept -= watch.file != 0;
		process_forget(&watch);
		return false;
	}
	bool same = old && old->start == stat.starttime;
	if (same)
		*p = *old;
	else
		*p = (struct process){ .pid = pid,
				       .start = stat.starttime,
				       .cpu = -1,
				       /* All that is here when we begin is not news. */
				       .born = scan->ticks ? 0 : MODEL_FRESH };
	p->file = watch.file;
	p->ran = watch.ran;
	p->by_stat = watch.by_stat;
	p->streak = watch.streak;
	bool exec = strncmp(p->comm, stat.comm, sizeof(p->comm) - 1) != 0;
	bool moved = p->cpu_ticks != stat.utime + stat.stime;
	if (same && p->born < MODEL_FRESH)
		p->born++;
	take_stat(scan, p, &stat, same);
	p->owed |= run != RUN_NOT;
	if (!same || exec || slow_due(scan, p, run))
		process_read_slow(scan->procfd, p);
	choose_file(scan, p, run, moved);
	return true;
}

static int note_process(pid_t pid, void *arg)
{
	struct scan *scan = arg;
	struct process *old = before(scan, pid);
	bool kept = old && old->file;
	enum has_run run = old ? process_has_run(old) : RUN_UNKNOWN;

	if (kept && !old->file)
		scan->kept--;
	if (!grow(&scan->table, &scan->room, scan->count + 1))
		return -1;
	struct process *p = &scan->table[scan->count];
	if (old && slept(scan, old, run)) {
		*p = *old;
		old->file = 0;
		p->streak = 0;
		p->cpu = cpu_share(scan, p->cpu_ticks, p->cpu_ticks);
		p->born = (short)(p->born < MODEL_FRESH ? p->born + 1 : MODEL_FRESH);
		if (p->owed && slow_due(scan, p, run))
			process_read_slow(scan->procfd, p);
	} else if (!read_process(scan, pid, old, run, p)) {
		return 0;
	}
	scan->count++;
	scan->denied += p->denied;
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct process *left = a, *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

/* Who was here and is not. Both tables are by pid. */
static int note_gone(struct scan *scan)
{
	int at = 0;

	scan->gone_count = 0;
	for (int i = 0; i < scan->old_count; i++) {
		struct process *old = &scan->old[i];
		if (old->file) { /* not in readdir any more */
			process_forget(old);
			scan->kept--;
		}
		while (at < scan->count && scan->table[at].pid < old->pid)
			at++;
		if (at < scan->count && scan->table[at].pid == old->pid &&
		    scan->table[at].start == old->start)
			continue;
		if (!grow(&scan->gone, &scan->gone_room, scan->gone_count + 1))
			return -1;
		scan->gone[scan->gone_count++] = *old;
	}
	scan->deaths |= scan->gone_count > 0;
	return 0;
}

/* Who loses its parent gets another one and sleeps on. */
static void adopted(struct scan *scan)
{
	struct proc_stat stat;

	for (int i = 0; scan->deaths && i < scan->count; i++) {
		struct process *p = &scan->table[i];
		const struct process *parent = p->ppid ? scan_find(scan, p->ppid) : p;
		if (parent && parent->state != 'Z' && parent->start <= p->start)
			continue;
		if (process_read_stat(scan->procfd, p, &stat) == 0 && stat.starttime == p->start)
			p->ppid = stat.ppid;
	}
}

/* Whose turn it is, and how much may be done. */
static void plan(struct scan *scan)
{
	int slice = scan->old_count / SLICE_PART > SLICE_LEAST ? scan->old_count / SLICE_PART
							       : SLICE_LEAST;

	scan->slice_from = scan->slice_to < scan->old_count ? scan->slice_to : 0;
	scan->slice_to = scan->slice_from + slice;
	scan->budget = BUDGET_LEAST + scan->old_count / BUDGET_PART;
	scan->deaths = false;
}

int scan_tick(struct scan *scan, int procfd, double seconds)
{
	scan->old = scan->table;
	scan->old_count = scan->count;
	scan->old_at = 0;
	scan->elapsed = scan->ticks ? seconds - scan->seconds : 0;
	scan->seconds = seconds;
	scan->procfd = procfd;
	scan->room = scan->count + scan->count / 16 + 64;
	scan->count = scan->denied = 0;
	plan(scan);
	scan->table = malloc((size_t)scan->room * sizeof(*scan->table));
	int result = scan->table ? proc_each(procfd, note_process, scan) : -1;
	for (int i = 1; result == 0 && i < scan->count; i++)
		if (scan->table[i - 1].pid > scan->table[i].pid) {
			qsort(scan->table, (size_t)scan->count, sizeof(*scan->table), by_pid);
			break;
		}
	if (result == 0)
		result = note_gone(scan);
	if (result == 0)
		adopted(scan);
	free(scan->old);
	scan->old = NULL;
	scan->ticks++;
	return result;
}

struct process *scan_find(const struct scan *scan, pid_t pid)
{
	int low = 0, high = scan->count;

	while (low < high) {
		int middle = (low + high) / 2;
		if (scan->table[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < scan->count && scan->table[low].pid == pid ? &scan->table[low] : NULL;
}

void scan_free(struct scan *scan)
{
	for (int i = 0; i < scan->count; i++)
		process_forget(&scan->table[i]);
	free(scan->table);
	free(scan->gone);
	memset(scan, 0, sizeof(*scan));
}
