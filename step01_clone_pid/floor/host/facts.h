/*
 * facts.h: what this host is.
 *
 * One struct of facts, read from /proc and /sys below a given directory, so
 * that a test can feed a fixture of a host that it does not have (Ubuntu's
 * AppArmor rule, for one). What can be done here is asked of host_can(),
 * abilities.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum ns_kind { NS_PID, NS_MNT, NS_UTS, NS_IPC, NS_NET, NS_USER, NS_CGROUP, NS_TIME, NS_KINDS };

/* Indexed by enum ns_kind: the name in /proc/PID/ns, the flag of clone(2), the sysctl's name. */
extern const struct ns_info {
	const char *name;   /* "pid" */
	int flag;	    /* CLONE_NEWPID */
	const char *sysctl; /* "max_pid_namespaces", in /proc/sys/user */
} ns_info[NS_KINDS];

/* The kinds in these CLONE_NEW* flags, for a trace or a message: "pid, mnt"; "no new namespace". A
 * static buffer. */
const char *ns_names(int flags);

/* The facts are read in groups, each when it is asked for. */
enum facts_group {
	FACTS_SELF = 1,	       /* this process: its status, its ids */
	FACTS_NAMESPACES = 2,  /* which kinds there are, how many may be made */
	FACTS_KERNEL = 4,      /* version, sysctls, security modules */
	FACTS_FILESYSTEMS = 8, /* that the kernel knows, or has a module for */
	FACTS_MOUNTS = 16,     /* the mount table, and the container that it tells of */
	FACTS_ALL = 31,
};

struct host_facts {
	unsigned groups; /* that are read: FACTS_* bits. The others' members are zero. */
	/* FACTS_SELF */
	unsigned euid;	  /* as this process sees itself */
	uint64_t cap_eff; /* CapEff of this process, in its own user namespace */
	bool in_user_ns;  /* we are inside a user namespace, not in the first one */
	long uid_map_ids; /* how many ids our map holds; 0: not written yet, -1: unknown */
	long gid_map_ids;
	int setgroups; /* /proc/self/setgroups: 1 allow, 0 deny; -1: unknown */
	bool proc;     /* a proc file system is mounted at /proc, and we are in it */
	int threads;   /* of this process; 0: /proc/self/status cannot be read */
	int pid_depth; /* numbers in our NSpid: 1 in the first PID namespace */
	int seccomp;   /* 0 none, 1 strict, 2 filter */
	bool no_new_privs;
	/* FACTS_NAMESPACES */
	bool children_elsewhere; /* pid_for_children is another namespace than pid */
	bool ns[NS_KINDS];	 /* this kernel has the kind: /proc/self/ns/NAME is there */
	long max_ns[NS_KINDS];	 /* /proc/sys/user/max_*_namespaces; -1: no such file */
	/* FACTS_KERNEL */
	char kernel[64]; /* uname -r */
	int kernel_major, kernel_minor;
	int unprivileged_userns_clone; /* Debian's sysctl; -1: not there (allowed) */
	int apparmor_restrict_userns;  /* Ubuntu's sysctl; -1: not there (allowed) */
	int yama_ptrace_scope;	       /* -1: no Yama */
	bool apparmor, selinux;	       /* enabled */
	/* FACTS_FILESYSTEMS */
	char filesystems[2048]; /* words: " proc tmpfs ext4 " */
	/* FACTS_MOUNTS */
	char mounted[512];     /* types of the mounts in sight, as words: " ext4 proc tmpfs " */
	bool proc_overmounted; /* something is mounted over a part of /proc */
	bool chrooted;	       /* our / is no mount point: chroot(2) was called */
	char root_fs[16];      /* file system type of /; "rootfs": the kernel's first one */
	char container[32];    /* the container we are in ("docker", "podman", "lxc"), or "" */
};

/* Reads all groups. rootfd: a directory that stands for / (AT_FDCWD: the real one); its proc/self
 * is this process's own. What cannot be read keeps the value that means "unknown". Never fails. */
void facts_read(int rootfd, struct host_facts *facts);

/* This process's facts, with at least these groups (FACTS_* bits): each is read once, and again
 * after facts_forget() or in another process or identity. Where /proc is out of sight by then, what
 * was known before is kept. errno is left alone. */
const struct host_facts *host_facts_of(unsigned groups);
void facts_forget(void);

/* The same with all groups, for explaining a failure: more than 100 files. */
const struct host_facts *host_facts(void);

/* CAP_* of capabilities(7), tested against cap_eff. */
bool facts_cap(const struct host_facts *facts, int cap);

/* Is a file system of this type mounted in sight; does the kernel know it, or have a module for it?
 * Needs FACTS_MOUNTS; FACTS_FILESYSTEMS. */
bool facts_mounted(const struct host_facts *facts, const char *type);
bool facts_filesystem(const struct host_facts *facts, const char *type);

/* Flags to add so that clone/unshare of other namespaces is allowed: CLONE_NEWUSER where this
 * process lacks CAP_SYS_ADMIN, else 0. */
int rootless_flags(void);
