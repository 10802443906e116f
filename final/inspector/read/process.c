/*
 * process.c: stat, schedstat, status and ns of one process.
 */
#define _GNU_SOURCE
#include "process.h"
#include "scan.h"
#include "whole.h"
#include "step01_clone_pid/clone_pid.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "31057 31539 1": ns on a CPU, ns waiting for one, how often it came to run. The first grows while
 * it runs and the last when it begins to, so their sum stands still only as long as it does. */
static unsigned long long runs_parse(const char *text)
{
	char *end;
	unsigned long long time = strtoull(text, &end, 10);

	strtoull(end, &end, 10);
	return time + strtoull(end, NULL, 10);
}

enum has_run process_has_run(struct process *p)
{
	char text[80];
	unsigned long long before = p->ran;

	if (!p->file)
		return RUN_UNKNOWN;
	if (p->by_stat)
		return RUN_YES;
	ssize_t n = pread(p->file, text, sizeof(text) - 1, 0);
	if (n <= 0) {
		process_forget(p);
		return RUN_UNKNOWN;
	}
	text[n] = '\0';
	p->ran = runs_parse(text);
	if (!p->ran || !before)
		return RUN_UNKNOWN;
	return p->ran == before ? RUN_NOT : RUN_YES;
}

bool process_runs_are_counted(int procfd)
{
	char text[80];

	return read_file_at(procfd, "self/schedstat", text, sizeof(text)) > 0 && runs_parse(text);
}

bool process_keep(int procfd, struct process *p, bool by_stat)
{
	char path[32];

	process_forget(p);
	snprintf(path, sizeof(path), by_stat ? "%d/stat" : "%d/schedstat", p->pid);
	int fd = openat(procfd, path, O_RDONLY | O_CLOEXEC);
	if (fd <= 0)
		return false;
	p->file = fd;
	p->by_stat = by_stat;
	return true;
}

void process_forget(struct process *p)
{
	if (p->file)
		close(p->file);
	p->file = 0;
	p->by_stat = false;
	p->streak = 0;
	p->ran = 0;
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

int process_read_stat(int procfd, const struct process *p, struct proc_stat *stat)
{
	char path[32];

	if (p->file && p->by_stat)
		return parse_from(p->file, stat);
	snprintf(path, sizeof(path), "%d/stat", p->pid);
	int fd = openat(procfd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int result = parse_from(fd, stat);
	close(fd);
	return result;
}

void process_read_slow(int procfd, struct process *p)
{
	static struct whole
		kept; /* a supplementary group takes up to 11 bytes, and there may be 65536 */
	char path[32], uid[64];

	snprintf(path, sizeof(path), "%d/status", p->pid);
	if (whole_read(&kept, procfd, path) > 0) {
		const char *status = kept.text;
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
	p->owed = false;
}
