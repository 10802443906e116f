/*
 * collect.h: the collector. One tick reads /proc and the container's cgroup below a root
 * directory and brings a model up to date. Whatever it is given to read (a fixture, a recording's
 * host), the same files give the same model.
 */
#pragma once

#include "boxes.h"
#include "limits.h"
#include "final/inspector/model/model.h"
#include "scan.h"

enum { JOINED_MOST = 16 };
#define NOBODYS ((uid_t)-1)

struct collector {
	int rootfd, procfd;
	bool live; /* the real /: may ask by setns(2) */
	bool all;  /* rows of the whole host, not only of the container */
	struct scan scan;
	struct cgroup_host cgroups;
	struct limits_state limits;
	uint32_t host[NS_KINDS];
	unsigned ticks;
	/* Which container: */
	char wanted[64]; /* a name or a PID as the user said it; "": the newest */
	pid_t init;	 /* the one that is looked at; 0: none */
	unsigned long long init_start;
	int ended;	 /* ticks since it went */
	uid_t uid;	 /* whose containers come first where a name fits several; NOBODYS */
	pid_t session;	 /* and of those, whose session's; 0: no matter */
	char note[128];	 /* which was chosen of several; "" there was one, or it has been told */
	int mounts_read; /* ticks since its mountinfo was read; -1 never */
	pid_t known_init;
	int joined_count;
	pid_t joined[JOINED_MOST]; /* parents of processes that came in by setns(2) */
};

/* root: a directory that stands for / (NULL: the real one). Returns 0, or -1 with errno. */
int collector_open(struct collector *collector, const char *root);
/* Goes on with another root, as if it were the next moment: for fixtures. */
int collector_reopen(struct collector *collector, const char *root);
void collector_close(struct collector *collector);

/* Which container to follow: a name (or its beginning), a PID, or "" for the newest one. */
void collector_want(struct collector *collector, const char *wanted);
void collector_want_box(struct collector *collector, const struct box *box);

/* One tick. clock: wall clock in ms; seconds: a monotonic clock. Returns 0, or -1 with errno. */
int collector_tick(struct collector *collector, int64_t clock, double seconds, struct model *model);
