/*
 * process.h: one process, as /proc has it, and reading no more of it than has changed.
 *
 * A process that has not run since the last look has changed nothing of itself: its name, its
 * state, its times, its namespaces are what they were. Whether it has run stands in PID/schedstat,
 * which costs the kernel a third of what PID/stat does. Of who runs all the time that would only
 * come on top: there stat is kept open, which spares opening it.
 */
#pragma once

#include "final/inspector/model/model.h"
#include "step01_clone_pid/floor/meet/procfs.h"

/* Known by (pid, start), for a number is given again. */
struct process {
	pid_t pid, ppid;
	unsigned long long start, cpu_ticks;
	unsigned long long ran; /* what its schedstat said at the last look; 0: nothing yet */
	int64_t rss_kb;
	float cpu; /* % since the last tick; -1 not known yet */
	int exit_code;
	uint32_t ns[NS_KINDS]; /* inodes; 0: denied, or none */
	uint32_t uid;
	pid_t nspid[MODEL_LEVELS];
	short levels;
	char state;
	bool alone;	      /* it has one thread */
	bool stand_in;	      /* a demo's scene: it stands for the host (stand_in.h) */
	bool denied;	      /* we may not see its namespaces */
	bool owed;	      /* it may have changed what process_read_slow() reads */
	short born;	      /* ticks since first seen, stops at MODEL_FRESH */
	int file;	      /* its schedstat, kept open; 0: not kept */
	bool by_stat;	      /* the file is its stat: it runs all the time */
	unsigned char streak; /* looks in a row that speak for the other kind of file */
	char comm[32];
};

enum has_run { RUN_UNKNOWN, RUN_NOT, RUN_YES };

/* Has the process (its first thread) run since the last call? A descriptor stays with its process:
 * where that has ended, the file is closed and p->file 0. Nothing kept: RUN_UNKNOWN. Its stat kept:
 * RUN_YES, for that is kept of those who always have. */
enum has_run process_has_run(struct process *p);

/* Does the kernel below procfd count what has_run needs? */
bool process_runs_are_counted(int procfd);

/* Opens its schedstat or its stat, to be kept instead of what is. Returns false, and has nothing
 * open, if that cannot be. */
bool process_keep(int procfd, struct process *p, bool by_stat);
void process_forget(struct process *p);

/* Reads its stat: the one kept, or by its path. Returns 0, or -1. */
int process_read_stat(int procfd, const struct process *p, struct proc_stat *stat);

/* Reads status and the namespaces' links: what changes at exec, setns, unshare, setuid only. */
void process_read_slow(int procfd, struct process *p);
