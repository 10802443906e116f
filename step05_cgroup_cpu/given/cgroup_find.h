/*
 * cgroup_find.h: what this host has of cgroups, and where (given).
 *
 * v1 mounts one tree for each controller (or two, "cpu,cpuacct"), v2 one tree for all, and a hybrid
 * host has some controllers on each side: so the question is asked per controller. Everything is
 * read from /proc/self/mountinfo, /proc/PID/cgroup and cgroup.controllers, below a directory that
 * stands for /, so that a fixture can stand in for a host. No SYS: what is missing is an answer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum cgroup_layout { CGROUP_NONE, CGROUP_V1, CGROUP_V2, CGROUP_HYBRID };

enum cgroup_controller {
	CG_CPU,
	CG_CPUACCT, /* v2: part of the core, cpu.stat */
	CG_CPUSET,
	CG_MEMORY,
	CG_PIDS,
	CG_IO,	    /* v1: blkio */
	CG_FREEZER, /* v2: part of the core, cgroup.freeze */
	CG_DEVICES, /* v2: no files; a BPF program attached to the directory */
	CG_HUGETLB,
	CG_NET_CLS, /* v1 alone, as the next */
	CG_NET_PRIO,
	CG_RDMA,
	CG_KINDS,
};

#define CG(controller) (1U << (controller))

/* Its name in v1 ("blkio") or v2 ("io"; NULL where v2 has no such controller and needs none in
 * subtree_control). */
const char *cgroup_controller_name(enum cgroup_controller controller, int version);

enum { CG_TREES = 24, CG_PATH = 512 };

/* One mounted hierarchy. */
struct cgroup_tree {
	int version;	      /* 1 or 2 */
	unsigned controllers; /* CG() bits: what it controls */
	char subsystems[128]; /* as its mount options or cgroup.controllers name them:
				 "cpu,cpuacct", "name=systemd" */
	char mount[CG_PATH];  /* mount point */
	char root[CG_PATH];   /* which directory of the hierarchy is mounted there: "/" or a
				 container's own */
	bool read_only;
};

struct cgroup_host {
	enum cgroup_layout layout;
	int trees;
	struct cgroup_tree tree[CG_TREES];
	int of[CG_KINDS]; /* index of the tree that has this controller, -1: none has */
};

/* Reads what there is. root: a directory that stands for / (AT_FDCWD: the real one).
 * Returns 0 (also when there are no cgroups: layout CGROUP_NONE), or -1 with errno: no /proc. */
int cgroup_find(int root, struct cgroup_host *out);

/* Where process pid (0: the caller) is in this tree, a path from the hierarchy's top:
 * "/user.slice/x". procfd: a proc directory. Returns 0, or -1 with errno: ENOENT, ESRCH (it is
 * gone), ENOENT (no such tree in its file), ENAMETOOLONG. */
int cgroup_path_of(int procfd, pid_t pid, const struct cgroup_tree *tree, char *path, size_t size);

/* The same from the text of /proc/PID/cgroup. */
int cgroup_path_parse(const char *text, const struct cgroup_tree *tree, char *path, size_t size);

/* The directory of such a path. Returns 0, or -1 with errno ENOENT (it lies outside of what is
 * mounted here: a container's cgroup mount), ENAMETOOLONG. */
int cgroup_directory(const struct cgroup_tree *tree, const char *path, char *dir, size_t size);

/* Which CG() bits a list of names has ("cpu memory pids", "rw,cpu,cpuacct"), separated by blanks or
 * commas. */
unsigned cgroup_controllers_parse(const char *list, int version);
