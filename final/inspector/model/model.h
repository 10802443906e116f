/*
 * model.h: what the inspector knows at one moment. The collector fills it, the renderer reads it,
 * --json prints it, a recording is a file of them. Nothing here knows /proc or a terminal.
 *
 * A number that the kernel does not give (no such file, not ours to read) is -1; "no limit" is
 * MODEL_NO_LIMIT.
 */
#pragma once

#include "step01_clone_pid/floor/host/facts.h"
#include "step05_cgroup_cpu/given/cgroup_find.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MODEL_NO_LIMIT INT64_MAX

enum {
	MODEL_HISTORY = 60, /* samples of the history line */
	MODEL_CHANGES = 64,
	MODEL_BOXES = 512,
	MODEL_LEVELS = 33, /* a process's numbers: 32 PID namespaces below the first one */
	MODEL_LIST = 48,   /* layers, volumes, masked paths */
	MODEL_FRESH = 4,   /* ticks for which a new or ended process is lit up */
};

/* What a row has to do with the container that is looked at. */
enum relation {
	REL_HOST,   /* nothing */
	REL_PARENT, /* outside: parent of the container's init */
	REL_INIT,   /* its first process */
	REL_MEMBER, /* one of its processes */
	REL_JOINED, /* in its PID namespace, but its parent is outside: setns(2) */
	REL_SHARES, /* outside its PID namespace, in one of its other own ones */
};

struct row {
	pid_t pid, ppid;
	unsigned long long start; /* clock ticks since boot: with pid, a process's identity */
	char comm[32];		  /* as the kernel has it; rendered harmless */
	char state;
	unsigned uid;
	pid_t inside;	    /* its number in the container's PID namespace; 0: none */
	pid_t inside_ppid;  /* its parent's; 0: outside or none */
	int64_t inside_uid; /* as the container's user namespace names it; -1 unmapped/unknown */
	int levels;	    /* how many numbers it has: NSpid */
	pid_t nspid[MODEL_LEVELS];
	double cpu; /* % of one CPU; -1 unknown yet */
	int64_t rss_kb;
	enum relation relation;
	unsigned shares; /* REL_SHARES: bits of enum ns_kind */
	int born;	 /* ticks since it was first seen; MODEL_FRESH and more: not new */
	int ended;	 /* ticks since it went; 0: it is there */
	int exit_code;	 /* a zombie's, as wait(2) has it; -1 not known */
};

enum ns_verdict { NS_OWN, NS_SHARED, NS_DENIED, NS_ABSENT };

struct ns_row {
	uint32_t host, inside; /* inodes; 0 unknown */
	enum ns_verdict verdict;
	int members;   /* how many processes are in the container's one (of those we may see) */
	int others;    /* those of them which are not the container's */
	char who[48];  /* one of the others */
	uint32_t base; /* what inside is compared with: host, or the stand-in's */
};

struct usage {
	bool there;	  /* this controller can be read */
	int64_t now, max; /* bytes, processes */
	int64_t tighter;  /* a parent's limit below our own; -1 none */
	char tighter_at[96];
};

struct cgroup_model {
	char path[192]; /* "/minibox-4f2a"; "" unknown */
	bool own;	/* other than the inspector's own and other than / */
	bool cpu_there;
	double cpu;	      /* % of one CPU; -1 unknown */
	bool cpu_by_process;  /* no counter of its own: the sum over its processes */
	double quota;	      /* % of one CPU; -1 none */
	double tighter_quota; /* a parent's; -1 none */
	char tighter_quota_at[96];
	int64_t shares, periods, throttled, throttled_more, throttled_us;
	char cpuset[128]; /* "0-3,8", "..." at the end where it is cut */
	struct usage memory, pids;
	int64_t peak, cache, anon, failcnt, oom_kill, refused;
	double read_rate, write_rate; /* bytes a second; -1 unknown */
	int frozen;		      /* -1 unknown 0 thawed 1 freezing 2 frozen */
	int samples;		      /* of the two below, oldest first */
	float cpu_history[MODEL_HISTORY], memory_history[MODEL_HISTORY]; /* %, bytes */
};

struct named_list {
	int count; /* all there are; no more than MODEL_LIST are kept */
	char *item[MODEL_LIST];
};

struct identity {
	bool known;
	char uid_map[256], gid_map[256]; /* "0->100000 x65536, 1->...", " ..." where it is cut */
	int64_t cap_eff;		 /* bit mask; -1 unknown */
	int seccomp, no_new_privs;	 /* -1 unknown */
	char hostname[65];		 /* "" unknown */
	char root_fs[16];		 /* "overlay", "ext4"; "" unknown */
	char root_source[128];		 /* what is mounted as / */
	bool root_read_only;
	char *upper;
	struct named_list lowers, volumes, masked;
};

enum change_kind {
	CH_BORN,
	CH_ENDED,
	CH_ZOMBIE,
	CH_THROTTLED,
	CH_OOM,
	CH_REFUSED,
	CH_FROZEN,
	CH_THAWED,
	CH_QUOTA,
	CH_BOX,
	CH_KINDS
};

struct change {
	int64_t at; /* wall clock, ms since the epoch */
	enum change_kind kind;
	char text[96];
};

/* Something that looks like a container. */
struct box {
	pid_t init;
	unsigned long long start;
	char kind[16]; /* minibox docker podman lxc nspawn kubernetes systemd-unit unshare process
			*/
	char name[64];
	char id[16];  /* the first digits of a manager's id; "" none */
	unsigned own; /* bits of enum ns_kind: not the host's */
	int processes;
	char comm[32];
};

struct model {
	int64_t clock; /* wall clock, ms */
	double interval;
	char host_name[65];
	enum cgroup_layout layout;
	int processes, denied; /* read; of those, whose namespaces we may not see */
	uint32_t ns_host[NS_KINDS];
	pid_t stand_in;		/* the process that stands for the host in a demo; 0: none */
	char stand_in_of[8];	/* which demo: "step03" */
	char stand_in_name[65]; /* its host name; "" unknown */
	bool found;		/* there is a container to look at */
	bool ended;		/* there was */
	struct box box;
	struct ns_row ns[NS_KINDS];
	struct cgroup_model cgroup;
	struct identity id;
	int rows_count, rows_room;
	struct row *rows; /* by pid */
	int changes_count;
	struct change changes[MODEL_CHANGES]; /* oldest first */
	int boxes_count;
	struct box boxes[MODEL_BOXES];
};

/* An empty model: every number unknown. model_free() takes back what it comes to own. */
void model_init(struct model *model);
void model_free(struct model *model);

/* Room for one more row, zeroed; NULL without memory. */
struct row *model_add_row(struct model *model);

/* The row of a process, or NULL. */
const struct row *model_row(const struct model *model, pid_t pid);

/* Appends to a list; past MODEL_LIST it only counts. */
void named_list_add(struct named_list *list, const char *text);
void named_list_clear(struct named_list *list);

/* Appends to the log; the oldest goes. */
void model_change(struct model *model, enum change_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Words of the enums, as --json and the screen have them. */
const char *relation_name(enum relation relation);
const char *ns_verdict_name(enum ns_verdict verdict);
const char *change_name(enum change_kind kind);
const char *frozen_name(int frozen);
const char *layout_name(enum cgroup_layout layout);

/* Is this row to be seen as a container's process (init, member, joined)? */
bool row_is_inside(const struct row *row);
