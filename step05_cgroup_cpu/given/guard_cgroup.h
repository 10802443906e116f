/*
 * guard_cgroup.h: cgroups in the guard's ledger (given); floor/demo/guard.h.
 */
#pragma once

/* Enters a group's directory, before it is made: what is in it and below is killed, thawed where it
 * was frozen, and all of it removed. Returns as guard_enter(). */
int guard_cgroup(const char *path);

/* Enters a nest (cgroup_parent.h): undone after every group, when the demo ends; no process in it
 * is killed. Returns as guard_enter(). */
int guard_nest(const char *path);
