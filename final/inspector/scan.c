/*
 * scan.c: one tick over /proc.
 */
#define _GNU_SOURCE
#include "scan.h"
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SLOW_ROUND = 32, FILES_MOST = 16384, FILES_OURS = 64 };

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

/* What stays as it is, mostly: numbers, owner, namespaces. */
static void read_slow(int procfd, struct process *p)
{
	char path[32], status[4096], uid[64];

	snprintf(path, sizeof(path), "%d/status", p->pid);
	if (read_file_at(procfd, path, status, sizeof(status)) > 0) {
		pid_t numbers[33];
		int levels = nspid_parse(status, numbers, 33);
		if (levels < 1) { /* a kernel without NSpid: one number */
			numbers[0] = p->pid;
			levels = 1;
		}
		p->levels = (short)(levels < MODEL_LEVELS ? levels : MODEL_LEVELS);
		memcpy(p->nspid, numbers, (size_t)p->levels * sizeof(*numbers));
		if (status_value(status, "Uid", uid, sizeof(uid)) &&
		    sscanf(uid, "%*u %u", &p->uid) != 1)
			p->uid = 0;
	}
	uint32_t had[NS_KINDS];
	memcpy(had, p->ns, sizeof(had));
	p->denied = !ns_links_read(procfd, p->pid, p->ns);
	/* The dead keep only pid and user; what it was in, it was in. */
	for (int k = 0; k < NS_KINDS; k++)
		if (p->state == 'Z' && !p->ns[k])
			p->ns[k] = had[k];
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

void scan_keep_files(struct scan *scan)
{
	struct rlimit limit;

	scan->keep = true;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_cur < FILES_MOST) {
		limit.rlim_cur = limit.rlim_max < FILES_MOST ? limit.rlim_max : FILES_MOST;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	scan->kept_most = limit.rlim_cur < FILES_MOST ? (int)limit.rlim_cur - FILES_OURS
						      : FILES_MOST - FILES_OURS;
}

/* The kernel gives a stat whole to a reader with room for it, so nobody need ask whether there is
 * more. */
static int parse_from(int fd, struct proc_stat *stat)
{
	char text[1024];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return -1;
	text[n] = '\0';
	return proc_stat_parse(text, stat);
}

/* file: an open stat of the last tick, or 0; becomes what is kept for the next one. */
static int read_stat(struct scan *scan, pid_t pid, int *file, struct proc_stat *stat)
{
	char path[32];

	/* A descriptor stays with its process: if that has ended (ESRCH), the number is another's
	 * now. */
	if (*file && parse_from(*file, stat) == 0)
		return 0;
	if (*file) {
		close(*file);
		scan->kept--;
		*file = 0;
	}
	snprintf(path, sizeof(path), "%d/stat", pid);
	int fd = openat(scan->procfd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int result = parse_from(fd, stat);
	if (result == 0 && scan->keep && scan->kept < scan->kept_most) {
		*file = fd;
		scan->kept++;
	} else {
		close(fd);
	}
	return result;
}

static int note_process(pid_t pid, void *arg)
{
	struct scan *scan = arg;
	struct proc_stat stat;
	struct process *old = before(scan, pid);
	int file = old ? old->stat : 0;

	int gone = read_stat(scan, pid, &file, &stat);
	if (old)
		old->stat = 0; /* handed on, or closed */
	if (gone < 0)
		return 0; /* between readdir and here */
	if (!grow(&scan->table, &scan->room, scan->count + 1))
		return -1;
	struct process *p = &scan->table[scan->count++];
	bool same = old && old->start == stat.starttime;

	if (same)
		*p = *old;
	else
		*p = (struct process){ .pid = pid,
				       .start = stat.starttime,
				       .cpu = -1,
				       /* All that is here when we begin is not news. */
				       .born = scan->ticks ? 0 : MODEL_FRESH };
	bool exec = strncmp(p->comm, stat.comm, sizeof(p->comm) - 1) != 0;
	if (same) {
		p->born = (short)(p->born < MODEL_FRESH ? p->born + 1 : MODEL_FRESH);
		p->cpu = cpu_share(scan, stat.utime + stat.stime, p->cpu_ticks);
	}
	p->stat = file;
	p->ppid = stat.ppid;
	p->state = stat.state;
	p->cpu_ticks = stat.utime + stat.stime;
	p->rss_kb = (int64_t)stat.rss_pages * (sysconf(_SC_PAGESIZE) / 1024);
	p->exit_code = stat.state == 'Z' || stat.state == 'X' ? stat.exit_code : -1;
	snprintf(p->comm, sizeof(p->comm), "%.31s", stat.comm);
	/* A young process may still be between clone, unshare and exec. */
	if (!same || exec || p->born < 2 || ((unsigned)pid + scan->ticks) % SLOW_ROUND == 0)
		read_slow(scan->procfd, p);
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
		if (old->stat) { /* not in readdir any more */
			close(old->stat);
			old->stat = 0;
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
	return 0;
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
	scan->table = malloc((size_t)scan->room * sizeof(*scan->table));
	int result = scan->table ? proc_each(procfd, note_process, scan) : -1;
	for (int i = 1; result == 0 && i < scan->count; i++)
		if (scan->table[i - 1].pid > scan->table[i].pid) {
			qsort(scan->table, (size_t)scan->count, sizeof(*scan->table), by_pid);
			break;
		}
	if (result == 0)
		result = note_gone(scan);
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
		if (scan->table[i].stat)
			close(scan->table[i].stat);
	free(scan->table);
	free(scan->gone);
	memset(scan, 0, sizeof(*scan));
}
