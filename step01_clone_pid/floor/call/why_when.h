/*
 * why_when.h: the conditions of the why-table. Each reads like its name, over the
 * facts and the failed call, in the process that failed.
 */
#pragma once

#include "why.h"

#include <stdbool.h>

/* clang-format off */
#define UNUSED __attribute__((unused))
#define WHEN(name) bool name(const struct host_facts *h UNUSED, const struct failure *f UNUSED)
/* clang-format on */

/* "CLONE_FS" is in "CLONE_FS | SIGCHLD", but not in "CLONE_FSX". */
bool has_flag(const char *text, const char *flag);
/* What follows the last '/'. */
const char *base_name(const char *path);
/* Is name one of these, up to a NULL? */
bool one_of(const char *name, const char *const *names);
bool starts(const char *text, const char *with);

/* The namespace kind that the call asked for and that this kernel lacks or has a limit of 0 on; -1:
 * none. */
int kind_at_fault(const struct host_facts *h, const struct failure *f);

/* The file that execve was asked for: the subject, or what PATH finds for a bare name. Returns
 * false: nothing. */
bool program_path(const struct failure *f, char *out, size_t size);

/* namespaces */
WHEN(userns_sysctl_off);   /* a user namespace asked, Debian's sysctl says no, not root */
WHEN(no_ids_yet);	   /* we are in a user namespace whose uid_map is empty */
WHEN(chrooted_userns);	   /* a user namespace asked from inside a chroot */
WHEN(apparmor_userns);	   /* a user namespace asked, Ubuntu's sysctl says no, not root */
WHEN(container_seccomp);   /* a filter of the container that we are in */
WHEN(other_seccomp);	   /* a filter, and no other thing that would explain it */
WHEN(not_admin);	   /* no CAP_SYS_ADMIN */
WHEN(not_admin_no_userns); /* the same, and no CLONE_NEWUSER in the flags */
WHEN(kind_limit_zero);	   /* user.max_*_namespaces = 0 of a kind asked */
WHEN(pid_too_deep);	   /* 32 levels of PID namespaces already */
WHEN(threads_and_userns);
WHEN(thread_in_other_ns); /* CLONE_THREAD and CLONE_NEWPID or CLONE_NEWUSER */
WHEN(flags_contradict);	  /* CLONE_FS and CLONE_NEWNS, CLONE_SYSVSEM and CLONE_NEWIPC */
WHEN(kind_missing);	  /* this kernel lacks a kind asked */
WHEN(pid_ns_twice);	  /* CLONE_NEWPID, and our children go to another one already */
WHEN(children_elsewhere); /* our children go to another PID namespace than ours */

/* user namespaces, further */
WHEN(map_by_apparmor); /* uid_map, gid_map, setgroups under Ubuntu's restriction */
WHEN(map_again);       /* a map of ours that is written already */
WHEN(gid_map_setgroups);
WHEN(setgroups_late);
WHEN(map_file);	   /* uid_map, gid_map */
WHEN(userns_file); /* uid_map, gid_map, setgroups */
WHEN(in_user_ns);
WHEN(apparmor_in_userns);
WHEN(apparmor_on);

/* mounts */
WHEN(proc_covered); /* a proc mount in a user namespace where the /proc in sight is covered */
WHEN(proc_in_userns);
WHEN(sysfs_in_userns);
WHEN(mqueue_in_userns);
WHEN(remount_in_userns);
WHEN(bind_in_userns);
WHEN(is_remount);
WHEN(is_bind);
WHEN(is_move);
WHEN(is_propagation);
WHEN(is_overlay);
WHEN(overlay_missing); /* an overlay asked, and this kernel has none */
WHEN(root_is_rootfs);

/* execve */
WHEN(not_in_path); /* a bare name that PATH does not find */
WHEN(no_script_interpreter);
WHEN(no_elf_loader);
WHEN(is_directory);
WHEN(not_executable);
WHEN(on_noexec);
WHEN(is_empty_file);
WHEN(is_elf);

/* setns, kill, files */
WHEN(setns_user);
WHEN(setns_threads);
WHEN(cgroup_file);  /* an interface file: cgroup.procs, cpu.max */
WHEN(cgroup_procs); /* cgroup.procs, tasks */
WHEN(subtree_control);
WHEN(cgroup_path);   /* something below a cgroup mount */
WHEN(cpuset_first);  /* a v1 cpuset joined */
WHEN(yama);	     /* ptrace_scope > 0 */
WHEN(no_proc);	     /* something below /proc, where nothing is mounted, or who knows what */
WHEN(proc_pid_path); /* /proc/PID/... */
WHEN(in_lab_piece);  /* noted in one of the eight files that students write */
