/*
 * record.h: state.json.
 *
 *	{ "version": 1, "id": "web", "bundle": "/b", "created": "2026-01-02T03:04:05.678901234Z",
 *	  "creating": true, "boot": "UUID of this boot", "owner_ns": {"dev": 4, "ino": 4026531836},
 *	  "pid": 4711, "start": 123456, "pid_ns": {"dev": 4, "ino": 4026532201},
 *	  "systemd": false, "cgroups": [{"path": "/sys/fs/cgroup/...", "role": "group",
 *	                                 "where": {"dev": 27, "ino": 99}}] }
 *
 * A group is recorded before it is made, without "where", and again after, with it. A path
 * alone entitles to rmdir(2), of what is empty; killing needs dev and ino that match. The process
 * is known by number, start time, PID namespace and boot together. The file is replaced by
 * rename(2), so a reader finds an old record or a new one.
 */
#pragma once

#include "step01_clone_pid/floor/meet/procfs.h"
#include "groups_end.h"

#include <limits.h>
#include <stdbool.h>

struct box_record {
	char bundle[PATH_MAX];
	char created[40]; /* RFC 3339, UTC */
	bool creating;
	char boot[40];
	struct ns_id owner_ns;	  /* the PID namespace in which pid is a number */
	pid_t pid;		  /* 0: none yet */
	unsigned long long start; /* field 22 of /proc/PID/stat */
	struct ns_id pid_ns;
	struct record_groups groups; /* the list is ours */
};

/* A record of now. Returns 0, or -1 with errno, recorded. */
int box_record_init(struct box_record *record, const char *bundle);

/* Writes state.json in dir. Returns 0, or -1 with errno, recorded; the old one stands then. */
int box_record_write(int dir, const char *id, const struct box_record *record);

/* Reads it: a regular file of ours, one whole JSON object of version 1, with this id. Returns 0, or
 * -1 with errno, recorded: ENOENT, EINVAL. */
int box_record_read(int dir, const char *id, struct box_record *record);

/* Another entry, zeroed. Returns it, or NULL with ENOMEM, recorded. */
struct record_group *box_record_add_group(struct box_record *record);

void box_record_free(struct box_record *record);
