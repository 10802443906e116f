/*
 * launch.h: a bundle becomes a process. The ninth step: every call of the eight, in order.
 */
#pragma once

#include "final/runtime/gate.h"
#include "final/runtime/hooks.h"
#include "final/runtime/inside/seccomp.h"
#include "final/runtime/spec/spec.h"
#include "final/runtime/systemd_scope.h"

#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/meet/stage.h"
#include "step05_cgroup_cpu/given/cgroup_group.h"

struct container {
	const struct spec *spec;
	const char *id;
	/* The bundle's directory, a path: a descriptor opened outside leads to the mounts outside,
	 * and mount(2) on those is EINVAL. */
	const char *bundle;
	const char *group_name; /* where limits need a group and cgroupsPath names none */
	bool no_group;		/* --cgroup-manager disabled */
	bool systemd;		/* --systemd-cgroup: systemd makes the group */
	/* Called before and after each cgroup directory is made, and with the number of PID 1
	 * before it hears the first word: for a record. May be NULL.
	 * note_process: not 0 ends it. */
	cgroup_announce *announce;
	int (*note_process)(pid_t pid, void *arg);
	void *announce_arg; /* for both */
	int state_dir;	    /* where the gate is made */

	int console;  /* process.terminal: a socket that the master is sent over; else -1 */
	int stdio[3]; /* without a terminal: what becomes descriptors 0, 1 and 2; -1: the caller's
		       */
	int preserve_fds; /* so many descriptors from 3 on are the command's, too */
	bool no_new_keyring;
	bool no_pivot;		      /* the root is changed by chroot(2) */
	bool dies_with_caller;	      /* PDEATHSIG stays set: the caller stays its parent */
	struct seccomp_filter filter; /* ours from container_create() on */

	struct spawn process; /* out: PID 1 of the container */
	struct stages stages;
	struct gate gate;
	struct systemd_scope scope;
	struct cgroup group;
	bool has_group;
	bool swap_is_free; /* out: the spec's limit on swap could not be had, and need not */
};

/* create: clones the container's process in its namespaces and group and waits until it has set
 * itself up and waits at the gate. Hooks that belong there are run. Returns 0, or -1: everything
 * undone but the gate's files, the failure record says what failed, in the child or here. */
int container_create(struct container *container);

/* start of what this process has created: lets it go on to execve. Returns 0 when the command runs,
 * or -1: it could not be started (ENOENT, EACCES, ...); the process is reaped. */
int container_start(struct container *container);

/* Waits for its end. Returns 0 with the status as a shell has it, or -1 with errno. */
int container_wait(struct container *container, int *status);

/* Ends what is left of it and removes its group. Never fails. */
void container_remove(struct container *container);

/* Lets go of a container that goes on without us: closes what is open here. */
void container_leave(struct container *container);

/* The state that hooks get. status: "creating", ... */
struct oci_state container_state(const struct container *container, const char *status, pid_t pid);
