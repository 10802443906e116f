/*
 * scan.h: the table of all processes, kept from tick to tick.
 *
 * A tick costs one readdir of /proc and one stat a process. What does not change is not read
 * again: NSpid and the namespace links of a process are read when it is new, when it has called
 * exec, and in a slow round that comes to each once in 32 ticks.
 */
#pragma once

#include "model.h"

/* One process. Known by (pid, start), for a number is given again. */
struct process {
	pid_t pid, ppid;
	unsigned long long start, cpu_ticks;
	int64_t rss_kb;
	float cpu; /* % since the last tick; -1 not known yet */
	int exit_code;
	uint32_t ns[NS_KINDS]; /* inodes; 0: denied, or none */
	uint32_t uid;
	pid_t nspid[MODEL_LEVELS];
	short levels;
	char state;
	bool denied; /* we may not see its namespaces */
	short born;  /* ticks since first seen, stops at MODEL_FRESH */
	int stat;    /* its stat file, kept open; 0: not kept */
	char comm[32];
};

struct scan {
	int procfd;
	bool keep; /* stat files are kept open between ticks: the real /proc only */
	int kept, kept_most;
	int count, room;
	struct process *table; /* by pid */
	int gone_count, gone_room;
	struct process *gone; /* that were here at the last tick */
	int denied;
	unsigned ticks;
	double seconds; /* monotonic time of the last tick */
	/* inside a tick */
	int old_count, old_at;
	struct process *old;
	double elapsed;
};

/* Reads /proc anew. procfd: a descriptor of the proc directory; seconds: a monotonic clock.
 * Returns 0, or -1 with errno: ENOMEM, or of reading the directory. */
int scan_tick(struct scan *scan, int procfd, double seconds);

/* From here on stat files are kept open, as many as the limit on open files allows: to read one
 * again from its start costs the kernel half of what opening, reading and closing it does. */
void scan_keep_files(struct scan *scan);

/* The process, or NULL. */
struct process *scan_find(const struct scan *scan, pid_t pid);

void scan_free(struct scan *scan);

/* Reads the eight links PID/ns/NAME into inodes (0: none). Returns false if we may not. pid 0:
 * self. */
bool ns_links_read(int procfd, pid_t pid, uint32_t inode[NS_KINDS]);

/* "pid:[4026531836]" -> 4026531836; 0: not such a text. */
uint32_t ns_link_parse(const char *text);
