/*
 * why_when.h: what the why-tables are made of: conditions, and names and texts that
 * several rows share. A condition reads like its name, over the facts and the failed
 * call, in the process that failed. Higher steps use these, and have their own in
 * given/why_*.c.
 */
#pragma once

#include "why.h"

#include <stdbool.h>

/* clang-format off */
#define UNUSED __attribute__((unused))
#define WHEN(name) bool name(const struct host_facts *h UNUSED, const struct failure *f UNUSED)
/* clang-format on */

/* Calls that fail alike. write_file_at (procfs.h) opens and writes. */
#define OPEN  "open|openat|openat2|creat|fopen|write_file_at"
#define WRITE "write|pwrite|write_file_at"
#define MKDIR "mkdir|mkdirat"

#define AS_ROOT "Run it as root: sudo ..."
#define NO_PROC                                                                                    \
	"No proc file system is mounted at /proc: we are in a chroot or container without one."
#define MOUNT_PROC                                                                                 \
	"sudo mount -t proc proc /proc; for a chroot, from outside: mount -t proc proc ROOT/proc"

/* The floor's rows; the last table that is looked at. */
extern const struct why_table why_floor;

/* What follows the last '/'. */
const char *base_name(const char *path);
/* Is name one of these, up to a NULL? */
bool one_of(const char *name, const char *const *names);
bool starts(const char *text, const char *with);

/* Of a file below /proc, what follows "/proc/": a subject is "/proc/self/x" or, at a descriptor of
 * /proc, "self/x". */
const char *below_proc(const char *subject);

/* Did the failed call get one of these flags, and mount(2) this file system? false: not, or it is
 * not known. */
bool has_flags(const struct failure *f, unsigned long flags);
bool has_type(const struct failure *f, const char *type);

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

/* rights in a user namespace */
WHEN(in_user_ns);
WHEN(apparmor_in_userns);
WHEN(apparmor_on);
WHEN(map_by_apparmor); /* uid_map, gid_map, setgroups under Ubuntu's restriction */
WHEN(userns_file);     /* uid_map, gid_map, setgroups */

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
WHEN(yama);	     /* ptrace_scope > 0 */
WHEN(no_proc);	     /* something below /proc, where nothing is mounted */
WHEN(proc_missing);  /* nothing is mounted at /proc */
WHEN(proc_pid_path); /* /proc/PID/... */
WHEN(not_written);   /* NOT_YET() */
