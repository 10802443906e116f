/*
 * facts.h: what this host is, and what can be done on it.
 *
 * One struct of facts, read from /proc and /sys below a given directory, so
 * that a test can feed a fixture of a host that it does not have (Ubuntu's
 * AppArmor rule, for one). One list of abilities, host_can(), asked by scenes
 * (what do they need?), by `minibox doctor`, and by whoever chooses a path.
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

enum cgroup_layout { CGROUP_NONE, CGROUP_V1, CGROUP_V2, CGROUP_HYBRID };

struct host_facts {
	unsigned euid;	  /* as this process sees itself */
	uint64_t cap_eff; /* CapEff of this process, in its own user namespace */
	bool in_user_ns;  /* we are inside a user namespace, not in the first one */
	long uid_map_ids; /* how many ids our map holds; 0: not written yet, -1: unknown */
	long gid_map_ids;
	int setgroups;		 /* /proc/self/setgroups: 1 allow, 0 deny; -1: unknown */
	bool proc;		 /* a proc file system is mounted at /proc, and we are in it */
	int threads;		 /* of this process; 0: /proc/self/status cannot be read */
	int pid_depth;		 /* numbers in our NSpid: 1 in the first PID namespace */
	bool children_elsewhere; /* pid_for_children is another namespace than pid */
	int seccomp;		 /* 0 none, 1 strict, 2 filter */
	bool no_new_privs;
	bool ns[NS_KINDS];	       /* this kernel has the kind: /proc/self/ns/NAME is there */
	long max_ns[NS_KINDS];	       /* /proc/sys/user/max_*_namespaces; -1: no such file */
	int unprivileged_userns_clone; /* Debian's sysctl; -1: not there (allowed) */
	int apparmor_restrict_userns;  /* Ubuntu's sysctl; -1: not there (allowed) */
	int yama_ptrace_scope;	       /* -1: no Yama */
	bool apparmor, selinux;	       /* enabled */
	enum cgroup_layout cgroup;
	char controllers[160]; /* what cgroups control here, v1 and v2: " cpu memory pids " */
	bool cgroup_writable;  /* this process may make a cgroup */
	bool overlayfs, fuse;  /* in /proc/filesystems, or loadable as a module */
	bool proc_overmounted; /* something is mounted over a part of /proc */
	bool chrooted;	       /* our / is no mount point: chroot(2), not pivot_root(2) */
	char root_fs[16];      /* file system type of /; "rootfs": still in the initramfs */
	bool newuidmap;	       /* newuidmap and newgidmap are installed */
	bool subuid;	       /* this user has a range in /etc/subuid */
	char container[32];    /* the container we are in ("docker", "podman", "lxc"), or "" */
	char kernel[64];       /* uname -r */
	int kernel_major, kernel_minor;
};

/* Reads the facts. rootfd: a directory that stands for / (AT_FDCWD: the real one); its proc/self is
 * this process's own. What cannot be read keeps the value that means "unknown". Never fails. */
void facts_read(int rootfd, struct host_facts *facts);

/* This process's facts: read once, and again after facts_forget() or in another process or
 * identity. Where /proc is out of sight by then, what was known before is kept. errno is left
 * alone. */
const struct host_facts *host_facts(void);
void facts_forget(void);

/* CAP_* of capabilities(7), tested against cap_eff. */
bool facts_cap(const struct host_facts *facts, int cap);

/* Is this cgroup controller ("cpu", "blkio", "io") to be had here? */
bool facts_controller(const struct host_facts *facts, const char *name);

/* What somebody may need of a host. Scenes name these in .needs as CAN(...) bits. */
enum ability {
	CAN_PID_NS, /* make a namespace of this kind, alone or behind a user namespace */
	CAN_MOUNT_NS,
	CAN_UTS_NS,
	CAN_IPC_NS,
	CAN_NET_NS,
	CAN_USER_NS,
	CAN_CGROUP_NS,
	CAN_TIME_NS,
	CAN_MOUNT_PROC, /* mount a proc of one's own in new pid + mount (+ user) namespaces */
	CAN_PIVOT_ROOT,
	CAN_OVERLAY,   /* mount an overlay there */
	CAN_SUB_IDS,   /* newuidmap, newgidmap and a range for this user */
	CAN_HOST_ROOT, /* real root: euid 0 and CAP_SYS_ADMIN in the first user namespace */
	CAN_PTRACE,    /* trace one's own child */
	CAN_MQUEUE,    /* POSIX message queues: mount an mqueue file system */
	CAN_SYSV_IPC,
	CAN_VETH, /* make a veth pair in a network namespace of one's own */
	CAN_BRIDGE,
	CAN_CGROUP_CPU, /* make a cgroup with this controller (root, or delegated) */
	CAN_CGROUP_MEMORY,
	CAN_CGROUP_PIDS,
	CAN_CGROUP_CPUSET,
	CAN_CGROUP_IO,
	CAN_CGROUP_FREEZE,
	CAN_CGROUP_DEVICES,
	CAN_FUSE,
	CAN_LOOP,      /* attach a loop device */
	CAN_SET_CLOCK, /* is never assumed: only a guest of tests/guest says yes */
	CAN_BUSYBOX,   /* a static busybox is at hand */
	ABILITIES,
};

#define CAN(ability) (1ULL << (ability))

struct verdict {
	bool yes;
	char reason[256]; /* why not: one line */
	char remedy[256]; /* what to do about it, "" if nothing helps */
};

/* Can this process (behind a user namespace if it has to) do that? Found by trying it in a forked
 * child with disposable namespaces wherever trying leaves nothing behind, else from the facts.
 * Answers are kept for the life of the process. out may be NULL. Returns out->yes. */
bool host_can(enum ability ability, struct verdict *out);

/* Its short name ("user namespace") and its name for --json ("user_ns"). */
const char *ability_title(enum ability ability);
const char *ability_key(enum ability ability);

/* An ability's probe may belong to a higher step (cgroups: step 5). It is handed in by whoever
 * links that step; without a probe host_can() judges from the facts alone. */
void host_can_ask(enum ability ability, bool (*probe)(struct verdict *out));

/* Flags to add so that clone/unshare of other namespaces is allowed: CLONE_NEWUSER where this
 * process lacks CAP_SYS_ADMIN, else 0. */
int rootless_flags(void);
