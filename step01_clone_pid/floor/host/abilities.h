/*
 * abilities.h: the probes behind host_can(), for abilities.c alone.
 *
 * Each runs in a forked child that it may spoil: it makes disposable namespaces,
 * does the thing, and leaves it to the kernel to take everything away. Returns 0
 * if it could be done, or -1 with the failure recorded by SYS().
 */
#pragma once

int try_pid_ns(void);
int try_mount_ns(void);
int try_uts_ns(void);
int try_ipc_ns(void);
int try_net_ns(void);
int try_user_ns(void);
int try_cgroup_ns(void);
int try_time_ns(void);
int try_mount_proc(void);
int try_pivot_root(void);
int try_overlay(void);
int try_ptrace(void);
int try_mqueue(void);
int try_sysv_ipc(void);
int try_veth(void);
int try_bridge(void);
