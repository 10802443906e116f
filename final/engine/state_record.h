/*
 * state_record.h: state.json, what a container has outside of its own directory.
 *
 *	{ "version": 1, "id": "4f2a...", "name": "web", "boot": "UUID of this boot",
 *	  "owner_ns": {"dev": 4, "ino": 4026531836},
 *	  "pid": 4711, "start": 123456, "pid_ns": {"dev": 4, "ino": 4026532201},
 *	  "cgroups": [{"path": "/sys/fs/cgroup/...", "dev": 27, "ino": 99, "role": "group"}],
 *	  "volumes": [{"name": "...", "dev": 8, "ino": 12}] }
 *
 * A thing is recorded before it is made, without dev and ino, and again after, with both. What has
 * no dev and ino may be removed where it is empty, and that is all. The file is replaced by rename,
 * so a reader finds an old record or a new one.
 */
#pragma once

#include "final/runtime/state/groups_end.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step05_cgroup_cpu/given/cgroup_parent.h"

#include <limits.h>
#include <stdbool.h>

enum { ID_SIZE = 13 }; /* 12 hex digits and the NUL, as docker's short id */
enum { BOOT_ID_SIZE = 40 };

struct record_volume {
	char name[NAME_MAX + 1]; /* below ROOT/volumes */
	bool made;
	struct ns_id id;
};

struct record {
	char id[ID_SIZE];
	char name[NAME_MAX + 1]; /* "": none */
	char boot[BOOT_ID_SIZE];
	struct ns_id owner_ns;	  /* the PID namespace in which pid is a number */
	pid_t pid;		  /* PID 1 of the container; 0: none yet */
	unsigned long long start; /* of it, field 22 of /proc/PID/stat */
	struct ns_id pid_ns;
	struct record_groups groups;
	struct record_volume *volumes;
	int volume_count;
};

/* A new record of this boot and PID namespace. Returns 0, or -1 with errno, recorded. */
int record_init(struct record *record, const char *id, const char *name);

/* Writes state.json in the directory: a new file, then rename. Returns 0, or -1 with errno (ENOSPC,
 * EFBIG, ENOMEM ...), recorded; the old one stands then. */
int record_write(int dir, const struct record *record);

/* Reads state.json. It must be a regular file of ours that others cannot write, one whole JSON
 * object of version 1 with the right types and no unknown members, and carry this id. Returns 0, or
 * -1: nothing of it is to be obeyed, and why (256 bytes) says for what reason. record_free() it. */
int record_read(int dir, const char *id, struct record *record, char *why);

/* Another entry, zeroed. Returns it, or NULL with ENOMEM, recorded. */
struct record_group *record_add_group(struct record *record);
struct record_volume *record_add_volume(struct record *record);

void record_free(struct record *record);

/* /proc/sys/kernel/random/boot_id. Returns 0, or -1 with errno, recorded. */
int boot_id(char out[BOOT_ID_SIZE]);

/* 64 hex digits: what an anonymous volume is called. Only those go with their container. */
bool is_volume_id(const char *name);

/* 12 hex digits. */
bool is_container_id(const char *name);
