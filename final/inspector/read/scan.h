/*
 * scan.h: the table of all processes, kept from tick to tick.
 *
 * A tick costs one readdir of /proc and at most one stat and one status a process. What cannot have
 * changed is not read again (process.h):
 *
 *   stat     of who has run since the last tick, of who has more than one thread or was running
 *            then, of who has lost its parent; and a slice of the others, for their memory may be
 *            taken while they sleep: 128 of them or a sixteenth, whichever is more
 *   status   and the namespace links: of who is new or has called exec, at once; of who has run, 32
 *   and ns   and more in each tick, everybody within 32 ticks
 */
#pragma once

#include "process.h"

struct scan {
	int procfd;
	bool keep; /* a file of each is kept open between ticks: the real /proc only */
	int kept, kept_most;
	int count, room;
	struct process *table; /* by pid */
	int gone_count, gone_room;
	struct process *gone; /* that were here at the last tick */
	int denied;
	int stand_ins; /* how many processes are marked so (stand_in.h) */
	unsigned ticks;
	double seconds; /* monotonic time of the last tick */
	/* inside a tick */
	int old_count, old_at;
	struct process *old;
	double elapsed;
	int slice_from, slice_to; /* whose stat is read in any case, by place in the table */
	int budget;		  /* how many more may be read slowly */
	bool deaths;		  /* somebody became a zombie or is gone */
};

/* Reads /proc anew. procfd: a descriptor of the proc directory; seconds: a monotonic clock.
 * Returns 0, or -1 with errno: ENOMEM, or of reading the directory. */
int scan_tick(struct scan *scan, int procfd, double seconds);

/* From here on a file of each process is kept open (process.h), as many as the limit on open files
 * allows: to read one again from its start costs the kernel half of what opening, reading and
 * closing it does. Where the kernel does not count runs, nothing is kept and each tick reads every
 * stat. */
void scan_keep_files(struct scan *scan, int procfd);

/* The process, or NULL. */
struct process *scan_find(const struct scan *scan, pid_t pid);

void scan_free(struct scan *scan);

/* Reads the eight links PID/ns/NAME into inodes (0: none). Returns false if we may not. pid 0:
 * self. */
bool ns_links_read(int procfd, pid_t pid, uint32_t inode[NS_KINDS]);

/* "pid:[4026531836]" -> 4026531836; 0: not such a text. */
uint32_t ns_link_parse(const char *text);
