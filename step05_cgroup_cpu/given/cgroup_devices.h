/*
 * cgroup_devices.h: which device nodes a group may use (given).
 *
 * v1 has files for it, devices.deny and devices.allow. v2 has none: a small BPF program, attached
 * to the directory, is asked at every mknod and open (cgroup_bpf.h makes it). Both are given the
 * same list.
 */
#pragma once

#include <stdbool.h>

/* One rule, as the OCI specification has them; the last one that matches decides. */
struct device_rule {
	bool allow;
	char type;	    /* 'a' all, 'b' block, 'c' character */
	long major, minor;  /* -1: any */
	const char *access; /* of "rwm": read, write, mknod */
};

/* Puts the rules into force for the group, starting from "nothing is allowed". dir, version: the
 * directory of CG_DEVICES. Returns 0, or -1 with errno: EPERM (v1: more than the parent has; v2:
 * BPF needs root outside of every user namespace, CAP_BPF and CAP_NET_ADMIN or CAP_SYS_ADMIN),
 * ENOSYS, EINVAL (the kernel has no CONFIG_CGROUP_BPF), E2BIG. */
int cgroup_devices(int dir, int version, const struct device_rule *rules, int count);

/* Every container's list, as runc has it: null zero full random urandom tty, ptys, and mknod of
 * anything. */
extern const struct device_rule device_defaults[];
extern const int device_defaults_count;
