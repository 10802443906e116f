/*
 * systemd_scope.h: a group that systemd makes and names (--systemd-cgroup).
 *
 * On a host with systemd one process owns the tree of cgroups, and asks others to ask it (systemd's
 * "Control Group APIs and Delegation"). A scope is systemd's name for a group of processes that it
 * has not started itself. It is asked for over D-Bus, by busctl(1): a process of its own, so that
 * no D-Bus library is linked here.
 */
#pragma once

#include "step05_cgroup_cpu/given/cgroup_group.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"

struct systemd_scope {
	char slice[256]; /* "system.slice" */
	char unit[256];	 /* "minibox-ID.scope" */
	bool user;	 /* the manager of the user's session, not of the system */
};

/* Whose manager is to be asked: also the root of a user namespace is an ordinary user to
 * systemd. */
bool systemd_is_users(void);

/* Reads cgroupsPath as runc does with --systemd-cgroup: "SLICE:PREFIX:NAME" is the unit
 * PREFIX-NAME.scope below SLICE; an empty SLICE is system.slice, or user.slice for an ordinary
 * user. NULL is "::ID" with the prefix minibox. A NAME that ends with .slice is refused: a slice
 * holds groups, no processes. Returns 0, or -1 with errno EINVAL or ENAMETOOLONG and the failure
 * record. */
int systemd_scope_parse(const char *cgroups_path, const char *id, bool user,
			struct systemd_scope *scope);

/* Asks systemd for the scope with process pid in it (StartTransientUnit), delegated to us, with the
 * limits, which systemd would else take away at its next reload. Returns when the kernel shows the
 * process there in every tree that has one of these controllers (CG() bits) and in v2's:
 * 0 with the group, which was announced as if it had been made here; or -1 with errno: ENOTSUP (no
 * systemd runs here), ENOENT (no busctl), EPERM (systemd refuses; the record holds its words),
 * ETIMEDOUT.
 * Source: org.freedesktop.systemd1(5). */
int systemd_scope_start(const struct systemd_scope *scope, const struct cgroup_host *host,
			unsigned controllers, const struct cgroup_limits *limits, pid_t pid,
			cgroup_announce *announce, void *arg, struct cgroup *group);

/* Ends the unit (StopUnit), whose processes have ended. systemd hears of an empty group by an
 * event, and asks the group's files what happened: if the directory has gone by then, the unit
 * would stay for ever. So this is called while the directory is still there; systemd removes it then,
 * and so may the caller. unit: its name. Returns 0, also if systemd no longer has the unit, or
 * does not run here; or -1 with errno as systemd_scope_start(). */
int systemd_scope_end(const char *unit);

/* Tells systemd of new limits (SetUnitProperties), for it writes the old ones again at its next
 * reload. group: the container's, whose directory has the unit's name. What is 0 or NULL stays.
 * Returns 0, or -1 with errno as systemd_scope_start(). */
int systemd_scope_update(const struct cgroup *group, const struct cgroup_host *host,
			 const struct cgroup_limits *limits);
