/*
 * why_cases.h: the cases of test_why.c, by what the call is about.
 */
#pragma once

#include "step01_clone_pid/floor/call/why.h"

#include <signal.h>

/* The rows start from a host and change a field or two: later initializers win, on purpose. */
#pragma GCC diagnostic ignored "-Woverride-init"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* clang-format off */
#define KINDS(v) { v, v, v, v, v, v, v, v }
#define ROOT \
	.cap_eff = ~0ULL, .uid_map_ids = 4294967295L, .gid_map_ids = 4294967295L, .setgroups = 1, .proc = true, .threads = 1, \
	.pid_depth = 1, .ns = KINDS(true), .max_ns = KINDS(1000), .unprivileged_userns_clone = -1, \
	.apparmor_restrict_userns = -1, .yama_ptrace_scope = -1, .mounted = " ext4 cgroup2 ", .filesystems = " overlay ", \
	.root_fs = "ext4"
#define USER	ROOT, .euid = 1000, .cap_eff = 0
/* Root of a user namespace of his own. */
#define INSIDE	ROOT, .in_user_ns = true, .uid_map_ids = 1, .gid_map_ids = 1, .setgroups = 0
#define UBUNTU	.apparmor_restrict_userns = 1, .apparmor = true
#define HOST(...) &(const struct host_facts){ __VA_ARGS__ }

static const struct host_facts root = { ROOT };

struct why_case {
	const char *call;
	int err;
	const char *subject;
	const struct host_facts *on; /* NULL: root */
	const char *words;	     /* in the cause */
	/* What to change so that the row does not match any more; NULL, not noted: as above. */
	const char *not_subject;
	const struct host_facts *not_on;
	struct call_args not_args;
	struct call_args args; /* of the call */
	bool gap;	       /* a NOT_YET(); not so, the row does not match */
};

/* The text of a call says which function it was; a condition looks at the noted arguments. */
#define FLAGS(f)	   { .noted = true, .flags = (f) }
#define TYPE(fs, f, ...)   { .noted = true, .type = fs, .flags = (f), ##__VA_ARGS__ }
#define UNSHARE(f)	   .args = FLAGS(f), .call = "unshare(flags)"
#define CLONE(f)	   .args = FLAGS(f), .call = "clone(fn, top, flags, arg)"
#define CLONE3(f)	   .args = FLAGS(f), .call = "clone3(&args, sizeof(args))"
#define SETNS(type)	   .args = FLAGS(type), .call = "setns(fd, nstype)"
#define MOUNT(...)	   .args = TYPE(__VA_ARGS__), .call = "mount(source, target, type, flags, data)"
#define PROC_MOUNT	   MOUNT("proc", MS_NOSUID)
#define TMPFS_MOUNT	   MOUNT("tmpfs", 0)
#define OVERLAY		   MOUNT("overlay", 0)
#define BIND		   MOUNT("", MS_BIND)
#define REMOUNT		   MOUNT("", MS_REMOUNT | MS_BIND | MS_RDONLY)
#define PRIVATE		   MOUNT("", MS_REC | MS_PRIVATE)
#define WRITE_FILE   "write(fd, text, length)"
#define OPEN_FILE    "openat(dirfd, path, O_WRONLY | O_CLOEXEC)"
#define EXECVE	     "execve(path, argv, env)"

static const struct why_case why_cases[] = {
/* ---- making namespaces ---- */
{ UNSHARE(CLONE_NEWUSER), EPERM, "user", HOST(USER, .unprivileged_userns_clone = 0), "unprivileged_userns_clone is 0",
  .not_on = HOST(ROOT, .unprivileged_userns_clone = 0) },
{ CLONE(CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD), EPERM, "user, pid", HOST(USER, .unprivileged_userns_clone = 0), "unprivileged_userns_clone is 0",
  .not_args = FLAGS(CLONE_NEWPID | CLONE_NEWUTS | SIGCHLD) },
{ CLONE3(CLONE_NEWUSER), EPERM, "user", HOST(USER, .unprivileged_userns_clone = 0), "unprivileged_userns_clone is 0",
  .not_args = FLAGS(CLONE_NEWPID) },
/* Recorded by hand: what was asked is not known, so it may have been a user namespace. */
{ "clone(fn, top, flags, arg)", EPERM, "a child", HOST(USER, .unprivileged_userns_clone = 0), "unprivileged_userns_clone is 0",
  .not_args = FLAGS(SIGCHLD) },
{ UNSHARE(CLONE_NEWUSER), EPERM, "user", HOST(INSIDE, .uid_map_ids = 0), "has no ids yet", .not_on = HOST(INSIDE) },
{ UNSHARE(CLONE_NEWUSER), EPERM, "user", HOST(USER, .chrooted = true), "inside a chroot", .not_args = FLAGS(CLONE_NEWUTS) },
{ UNSHARE(CLONE_NEWUSER), EPERM, "user", HOST(USER, UBUNTU), "AppArmor restricts", .not_on = HOST(ROOT, UBUNTU) },
{ UNSHARE(CLONE_NEWNET), EPERM, "net", HOST(ROOT, .seccomp = 2, .container = "docker"), "inside a container",
  .not_on = HOST(ROOT, .container = "docker") },
{ UNSHARE(CLONE_NEWUSER), EPERM, "user", HOST(USER, .seccomp = 2), "A seccomp filter is in force", .not_args = FLAGS(CLONE_NEWNET) },
{ UNSHARE(CLONE_NEWNET), EPERM, "net", HOST(USER), "needs CAP_SYS_ADMIN", .not_on = &root },
{ UNSHARE(CLONE_NEWNET), EPERM, "net", NULL, "a security module refuses" },
{ UNSHARE(CLONE_NEWUSER), EACCES, "user", HOST(USER, UBUNTU), "AppArmor refuses", .not_on = HOST(USER) },
{ UNSHARE(CLONE_NEWUSER), EACCES, "user", NULL, "A security module" },
{ UNSHARE(CLONE_NEWUTS), ENOSPC, "uts", HOST(ROOT, .max_ns = { [NS_UTS] = 0, [NS_PID] = 5 }), "user.max_uts_namespaces",
  .not_args = FLAGS(CLONE_NEWPID) },
{ CLONE(CLONE_NEWPID | SIGCHLD), ENOSPC, "", HOST(ROOT, .pid_depth = 33), "32 levels deep at most", .not_on = &root },
{ UNSHARE(CLONE_NEWNET), ENOSPC, "net", NULL, "As many of these namespaces" },
{ UNSHARE(CLONE_NEWUSER), EUSERS, "user", NULL, "32 levels" },
{ UNSHARE(CLONE_NEWUSER), EINVAL, "user", HOST(ROOT, .threads = 2), "more than one thread", .not_on = &root },
{ CLONE(CLONE_NEWPID | CLONE_THREAD | CLONE_VM), EINVAL, "", NULL, "A thread cannot live",
  .not_args = FLAGS(CLONE_NEWPID | CLONE_VM) },
{ CLONE(CLONE_NEWNS | CLONE_FS), EINVAL, "", NULL, "contradict each other: one shares",
  .not_args = FLAGS(CLONE_NEWNS) },
{ CLONE(CLONE_NEWIPC | CLONE_SYSVSEM), EINVAL, "", NULL, "contradict each other: one shares", .not_args = FLAGS(CLONE_NEWIPC) },
{ UNSHARE(CLONE_NEWPID), EINVAL, "pid", HOST(ROOT, .children_elsewhere = true), "only once", .not_on = &root },
{ UNSHARE(CLONE_NEWTIME), EINVAL, "time", HOST(ROOT, .ns = { [NS_PID] = true }), "has no time namespaces", .not_on = HOST(ROOT, .threads = 0, .ns = KINDS(false)) },
{ CLONE(SIGCHLD), EINVAL, "no new namespace", NULL, "the stack is NULL" },
{ UNSHARE(CLONE_NEWPID), EINVAL, "pid", NULL, "does not know one of the flags" },
{ "fork()", ENOMEM, "", HOST(ROOT, .children_elsewhere = true), "is dead", .not_on = &root },
{ "fork()", ENOMEM, "", NULL, "no memory for another process" },
{ "fork()", EAGAIN, "", NULL, "pids.max" },
{ "clone3(&args, sizeof(args))", ENOSYS, "", NULL, "before 5.3" },
/* ---- maps ---- */
{ WRITE_FILE, EPERM, "/proc/self/uid_map", HOST(INSIDE, UBUNTU, .uid_map_ids = 0), "no rights in it", .not_on = HOST(INSIDE, .uid_map_ids = 0) },
{ "write_file_at(procfd, \"self/uid_map\", text)", EPERM, "self/uid_map", HOST(INSIDE, UBUNTU), "no rights in it", .not_subject = "self/comm" },
{ OPEN_FILE, EACCES, "/proc/77/gid_map", HOST(USER, UBUNTU), "AppArmor refuses /proc/77/gid_map", .not_on = HOST(USER) },
{ WRITE_FILE, EPERM, "/proc/self/uid_map", HOST(INSIDE), "can be written only once", .not_on = HOST(INSIDE, .uid_map_ids = 0) },
{ WRITE_FILE, EPERM, "self/gid_map", HOST(INSIDE), "can be written only once", .not_on = HOST(INSIDE, .gid_map_ids = 0) },
{ WRITE_FILE, EPERM, "/proc/self/gid_map", HOST(INSIDE, .gid_map_ids = 0, .setgroups = 1), "after setgroups is denied",
  .not_on = HOST(INSIDE, .gid_map_ids = 0) },
{ WRITE_FILE, EPERM, "/proc/77/gid_map", HOST(USER), "after setgroups is denied", .not_on = &root },
{ WRITE_FILE, EPERM, "/proc/self/setgroups", HOST(INSIDE), "once gid_map is written", .not_on = HOST(INSIDE, .gid_map_ids = 0) },
{ WRITE_FILE, EPERM, "/proc/77/uid_map", HOST(USER), "one line of one id", .not_subject = "/proc/77/comm" },
{ WRITE_FILE, EINVAL, "/proc/77/uid_map", NULL, "INSIDE OUTSIDE COUNT", .not_subject = "/proc/77/comm" },
{ OPEN_FILE, EACCES, "/proc/77/uid_map", HOST(USER), "belongs to another user", .not_subject = "/proc/77/environ" },
{ WRITE_FILE, EPERM, "/proc/self/gid_map", HOST(INSIDE, UBUNTU, .gid_map_ids = 0, .setgroups = 1), "no rights in it", .not_subject = "/x" },
{ WRITE_FILE, EPERM, "/proc/self/setgroups", HOST(INSIDE, UBUNTU), "no rights in it", .not_subject = "/x" },
{ WRITE_FILE, EPERM, "/proc/77/uid_map", HOST(USER, UBUNTU), "no rights in it", .not_subject = "/x" },
/* ---- mounting ---- */
{ TMPFS_MOUNT, EACCES, "/t", HOST(INSIDE, UBUNTU), "AppArmor denies mounts", .not_on = HOST(ROOT, UBUNTU) },
{ TMPFS_MOUNT, EACCES, "/t", HOST(ROOT, .apparmor = true), "An AppArmor profile", .not_on = &root },
{ TMPFS_MOUNT, EACCES, "/t", NULL, "way to /t cannot be searched" },
{ TMPFS_MOUNT, EPERM, "/t", HOST(INSIDE, UBUNTU), "AppArmor gives no rights", .not_on = HOST(INSIDE) },
{ PROC_MOUNT, EPERM, "/proc", HOST(INSIDE, .proc_overmounted = true), "parts of it are mounted over", .not_on = HOST(ROOT, .proc_overmounted = true) },
{ PROC_MOUNT, EPERM, "/proc", HOST(INSIDE), "rights over its PID namespace", .not_args = TYPE("tmpfs", 0) },
{ MOUNT("sysfs", 0), EPERM, "/sys", HOST(INSIDE), "network namespace", .not_on = &root },
{ MOUNT("mqueue", 0), EPERM, "/q", HOST(INSIDE), "IPC namespace", .not_on = &root },
{ TMPFS_MOUNT, EPERM, "/t", HOST(USER, .seccomp = 2, .container = "docker"), "inside a container", .not_on = HOST(USER) },
{ TMPFS_MOUNT, EPERM, "/t", HOST(USER), "Mounting needs CAP_SYS_ADMIN", .not_on = &root },
{ REMOUNT, EPERM, "/t", HOST(INSIDE), "are locked", .not_args = TYPE("", MS_BIND) },
{ TMPFS_MOUNT, EPERM, "/t", HOST(INSIDE), "is not ours", .not_on = &root },
{ TMPFS_MOUNT, EPERM, "/t", NULL, "refuses this mount" },
{ BIND, EINVAL, "/t", HOST(INSIDE), "must not uncover", .not_args = TYPE("", MS_BIND | MS_REC) },
{ REMOUNT, EINVAL, "/t", NULL, "/t is not a mount point", .not_args = TYPE("", MS_BIND) },
{ PRIVATE, EINVAL, "/t", NULL, "propagation", .not_args = TYPE("", MS_BIND) },
{ MOUNT("", MS_MOVE), EINVAL, "/t", NULL, "shared parent", .not_args = TYPE("", MS_BIND) },
{ OVERLAY, EINVAL, "/t", NULL, "workdir must be", .not_args = TYPE("tmpfs", 0) },
{ BIND, EINVAL, "/t", NULL, "An option or flag is wrong" },
{ REMOUNT, EBUSY, "/t", NULL, "open for writing", .not_args = TYPE("", MS_BIND) },
{ OVERLAY, EBUSY, "/t", NULL, "another overlay", .not_args = TYPE("tmpfs", 0) },
{ BIND, EBUSY, "/t", NULL, "mounted there already" },
{ MOUNT("proc", MS_NOSUID, .by_fd = true), ENOENT, "/dev", HOST(ROOT, .proc = false), "/proc/self/fd", .not_on = &root },
{ OVERLAY, ENOENT, "/t", NULL, "lowerdir", .not_args = TYPE("tmpfs", 0) },
{ BIND, ENOENT, "/t", NULL, "mount point /t does not exist" },
{ OVERLAY, ENODEV, "/t", HOST(ROOT, .filesystems = " ext4 "), "no overlay file system", .not_on = &root },
{ MOUNT("nofs", 0), ENODEV, "/t", NULL, "does not know the file system" },
{ BIND, ENOTDIR, "/t", NULL, "other sort" },
{ MOUNT("ext4", 0), ENOTBLK, "/t", NULL, "no block device" },
{ BIND, ELOOP, "/t", NULL, "symbolic links" },
{ BIND, ENOSPC, "/t", NULL, "fs.mount-max" },
{ "umount2(path, 0)", EBUSY, "/t", NULL, "/t is in use" },
{ "umount(path)", EINVAL, "/t", HOST(INSIDE), "is locked", .not_on = &root },
{ "umount2(path, MNT_DETACH)", EINVAL, "/t", NULL, "/t is no mount point" },
{ "umount2(path, MNT_DETACH)", EPERM, "/t", NULL, "Unmounting needs" },
{ "umount2(path, MNT_DETACH)", ENOENT, "/t", NULL, "/t does not exist" },
/* What confines the process comes before what it mounts. */
{ PROC_MOUNT, EPERM, "/proc", HOST(INSIDE, UBUNTU, .proc_overmounted = true), "AppArmor gives no rights", .not_on = HOST(INSIDE) },
{ MOUNT("sysfs", 0), EPERM, "/sys", HOST(INSIDE, UBUNTU), "AppArmor gives no rights", .not_on = HOST(INSIDE) },
{ MOUNT("mqueue", 0), EPERM, "/q", HOST(INSIDE, UBUNTU), "AppArmor gives no rights", .not_on = HOST(INSIDE) },
{ REMOUNT, EPERM, "/t", HOST(INSIDE, UBUNTU), "AppArmor gives no rights", .not_on = HOST(INSIDE) },
{ REMOUNT, EPERM, "/t", HOST(INSIDE, .seccomp = 2, .container = "docker"), "inside a container", .not_on = HOST(INSIDE) },
{ REMOUNT, EPERM, "/t", HOST(INSIDE, .cap_eff = 0), "Mounting needs CAP_SYS_ADMIN", .not_on = HOST(INSIDE) },
/* ---- changing the root ---- */
{ "pivot_root(\".\", \".\")", EINVAL, ".", HOST(ROOT, .root_fs = "rootfs"), "initramfs", .not_on = &root },
{ "pivot_root(\".\", \".\")", EINVAL, ".", NULL, "not a mount point" },
{ "pivot_root(\".\", \".\")", EBUSY, ".", NULL, "root now" },
{ "pivot_root(\".\", \".\")", EPERM, ".", NULL, "CAP_SYS_ADMIN" },
{ "pivot_root(\".\", \".\")", ENOTDIR, ".", NULL, "no directory" },
{ "pivot_root(\".\", \".\")", ENOENT, ".", NULL, "does not exist" },
{ "chroot(path)", EPERM, "/t", NULL, "CAP_SYS_CHROOT" },
{ "chroot(path)", ENOENT, "/t", NULL, "/t does not exist" },
{ "chdir(path)", ENOTDIR, "/t", NULL, "no directory" },
{ "chdir(path)", EACCES, "/t", NULL, "cannot be searched" },
/* ---- host name ---- */
{ "sethostname(name, n)", EPERM, "box", HOST(INSIDE), "belongs to the outside", .not_on = HOST(USER) },
{ "setdomainname(name, n)", EPERM, "box", HOST(USER), "needs CAP_SYS_ADMIN" },
{ "sethostname(name, n)", EINVAL, "box", NULL, "64 bytes" },
/* ---- programs ---- */
{ "execvp(argv[0], argv)", ENOENT, "no-such-command", NULL, "no-such-command is in no directory of PATH", .not_subject = "@none" },
{ EXECVE, ENOENT, "@script", NULL, "first line is not: /no/shell", .not_subject = "@fine" },
{ EXECVE, ENOENT, "@elf", NULL, "linked for is not in this root: /no/ld.so", .not_subject = "@static" },
{ EXECVE, ENOENT, "@none", NULL, "does not exist in this root" },
{ EXECVE, EACCES, "@noexec", NULL, "is a directory", .not_subject = "@fine" },
{ EXECVE, EACCES, "@plain", NULL, "no execute permission", .not_subject = "@fine" },
{ EXECVE, EACCES, "@fine", NULL, "may not execute" },
{ EXECVE, ENOEXEC, "@empty", NULL, "empty file", .not_subject = "@text" },
{ EXECVE, ENOEXEC, "@elf", NULL, "another kind of processor", .not_subject = "@text" },
{ EXECVE, ENOEXEC, "@text", NULL, "neither a program nor a script" },
{ EXECVE, E2BIG, "@fine", NULL, "too long together" },
{ EXECVE, ENOTDIR, "@fine/x", NULL, "no directory" },
{ EXECVE, ETXTBSY, "@fine", NULL, "open for writing" },
{ EXECVE, ELOOP, "@fine", NULL, "symbolic links" },
/* ---- entering namespaces ---- */
{ SETNS(CLONE_NEWUSER), EINVAL, "/proc/7/ns/user", NULL, "in already", .not_subject = "/proc/7/ns/uts", .not_args = FLAGS(0) },
{ SETNS(0), EINVAL, "/proc/7/ns/user", NULL, "in already", .not_subject = "/proc/7/ns/mnt" },
{ SETNS(CLONE_NEWNS), EINVAL, "/proc/7/ns/mnt", HOST(ROOT, .threads = 4), "more than one thread", .not_on = &root },
{ SETNS(CLONE_NEWNS), EINVAL, "/proc/7/ns/net", NULL, "another kind" },
{ SETNS(CLONE_NEWNS), EPERM, "/proc/7/ns/mnt", HOST(USER), "does not have it", .not_on = HOST(INSIDE) },
{ SETNS(CLONE_NEWNS), EPERM, "/proc/7/ns/mnt", NULL, "owns the target" },
{ SETNS(0), EBADF, "7", NULL, "not open" },
{ SETNS(CLONE_NEWNS), ESRCH, "7", NULL, "is gone" },
/* ---- signals and tracing ---- */
{ "kill(pid, SIGTERM)", EPERM, "7", NULL, "process 7 belongs" },
{ "(int)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0)", ESRCH, "7", NULL, "no process 7" },
{ "ptrace(PTRACE_SEIZE, pid, NULL, NULL)", EPERM, "7", HOST(USER, .yama_ptrace_scope = 1), "Yama", .not_on = HOST(USER, .yama_ptrace_scope = 0) },
{ "ptrace(PTRACE_SEIZE, pid, NULL, NULL)", EPERM, "7", NULL, "traced already" },
/* ---- cgroup files ---- */
{ OPEN_FILE, ENOENT, "box/cpu.max", NULL, "switched on", .not_subject = "box/other" },
{ OPEN_FILE, EACCES, "/sys/fs/cgroup/box/cgroup.procs", HOST(USER), "changed by root", .not_subject = "/etc/shadow" },
{ OPEN_FILE, EROFS, "/sys/fs/cgroup/box/tasks", NULL, "read-only here", .not_subject = "/usr/x" },
{ WRITE_FILE, EBUSY, "box/cgroup.subtree_control", NULL, "hand controllers down", .not_subject = "box/cpuset.cpus" },
{ WRITE_FILE, EBUSY, "box/cgroup.procs", NULL, "takes no processes", .not_subject = "box/cpuset.cpus" },
{ WRITE_FILE, EBUSY, "box/cpuset.cpus", NULL, "in use", .not_subject = "x" },
{ WRITE_FILE, EINVAL, "box/cpu.max", NULL, "does not take this value", .not_subject = "x" },
{ WRITE_FILE, ENOSPC, "box/cgroup.procs", HOST(ROOT, .mounted = " ext4 cgroup "), "cpus and mems", .not_on = &root },
{ WRITE_FILE, EACCES, "box/cgroup.procs", HOST(USER), "common parent", .not_subject = "x" },
{ WRITE_FILE, EPERM, "box/devices.deny", NULL, "first user namespace", .not_subject = "x" },
{ WRITE_FILE, ESRCH, "box/cgroup.procs", NULL, "is gone", .not_subject = "x" },
{ WRITE_FILE, ENOENT, "box/cgroup.subtree_control", NULL, "not available", .not_subject = "x" },
{ WRITE_FILE, EOPNOTSUPP, "box/cgroup.procs", NULL, "wrong type", .not_subject = "x" },
{ "rmdir(path)", EBUSY, "/sys/fs/cgroup/box", NULL, "still has processes", .not_subject = "/t" },
/* ---- directories and files ---- */
{ "mkdir(path, 0755)", EACCES, "/sys/fs/cgroup/box", HOST(USER), "delegated", .not_subject = "/t" },
{ "mkdirat(dir, name, 0755)", EAGAIN, "/sys/fs/cgroup/box", NULL, "max.descendants", .not_subject = "/t" },
{ "mkdir(path, 0755)", EACCES, "/t", NULL, "may not write in the directory" },
{ "mkdir(path, 0755)", EROFS, "/t", NULL, "read-only mount" },
{ "mkdir(path, 0755)", EEXIST, "/t", NULL, "there already" },
{ "mkdir(path, 0755)", ENOSPC, "/t", NULL, "full" },
{ "mkdir(path, 0755)", ENOENT, "/t", NULL, "on the way to /t" },
{ "mkdir(path, 0755)", ENOTDIR, "/t", NULL, "no directory" },
{ "openat(dirfd, path, O_WRONLY | O_CLOEXEC)", ENOENT, "/proc/self/setgroups", HOST(USER, .proc = false), "mounted at /proc", .not_on = HOST(USER) },
{ "open(path, O_RDONLY)", ENOENT, "/proc", HOST(ROOT, .proc = false), "mounted at /proc", .not_subject = "/process" },
{ "stepNN_run", ENOENT, "CMD", HOST(ROOT, .proc = false), "mounted at /proc", .not_on = &root },
{ "open(path, O_RDONLY)", ENOENT, "/proc/77/status", NULL, "the process is gone", .not_subject = "/proc/self/x" },
{ "open(path, O_RDONLY)", ENOENT, "/t", NULL, "/t does not exist" },
{ "open(path, O_RDONLY)", EACCES, "/t", NULL, "may not open /t" },
{ "open(path, O_RDONLY)", ENOTDIR, "/t", NULL, "no directory" },
{ "open(path, O_RDWR)", EROFS, "/t", NULL, "read-only mount" },
{ "open(path, O_RDONLY)", EMFILE, "/t", NULL, "RLIMIT_NOFILE" },
{ "open(path, O_RDONLY)", ENFILE, "/t", NULL, "whole system" },
{ "openat2(dirfd, path, &how, sizeof(how))", EXDEV, "/t", NULL, "leads out" },
{ "openat2(dirfd, path, &how, sizeof(how))", ELOOP, "/t", NULL, "symbolic link" },
/* ---- IPC ---- */
{ "mq_open(name, O_CREAT, 0600, NULL)", ENOSPC, "/q", NULL, "queues_max" },
{ "mq_open(name, O_CREAT, 0600, NULL)", EMFILE, "/q", NULL, "RLIMIT_MSGQUEUE" },
{ "mq_open(name, O_RDWR)", EACCES, "/q", NULL, "queue /q" },
{ "mq_open(name, O_RDWR)", ENOENT, "/q", NULL, "no queue /q" },
{ "mq_open(name, O_RDWR)", EINVAL, "q", NULL, "must begin with '/'" },
{ "shmget(key, 4096, IPC_CREAT)", ENOSPC, "7", NULL, "As many of these objects" },
{ "msgget(key, 0)", EACCES, "7", NULL, "key 7 exists, and" },
{ "semget(key, 1, 0)", ENOENT, "7", NULL, "no object with key 7" },
{ "shmget(key, 4096, IPC_CREAT | IPC_EXCL)", EEXIST, "7", NULL, "exists already" },
{ "shmget(key, 0, IPC_CREAT)", EINVAL, "7", NULL, "size is 0" },
/* ---- network links ---- */
{ "RTM_NEWLINK", EOPNOTSUPP, "veth", NULL, "type veth" },
{ "RTM_NEWLINK", EPERM, "veth", NULL, "CAP_NET_ADMIN" },
{ "RTM_NEWLINK", EEXIST, "veth", NULL, "exists already" },
{ "rtnl_ask(netlink, &request)", EPERM, "veth0", NULL, "Changing veth0 needs CAP_NET_ADMIN" },
{ "rtnl_ask(netlink, &request)", EEXIST, "veth0", NULL, "veth0 is there already" },
{ "rtnl_list(netlink, &request, keep_index, &index)", ENODEV, "veth0", NULL, "no link veth0" },
{ "rtnl_ask(netlink, &request)", EOPNOTSUPP, "veth0", NULL, "does not know the kind" },
{ "rtnl_ask(netlink, &request)", ENETUNREACH, "10.0.0.1", NULL, "leads to 10.0.0.1" },
/* ---- calls that are not there ---- */
{ "openat2(dirfd, path, &how, sizeof(how))", ENOSYS, "/t", NULL, "too old for the call" },
{ "open_tree(fd, \"\", AT_EMPTY_PATH)", ENOSYS, "/t", NULL, "too old for the call" },
{ "socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, stages->end)", EMFILE, "stages", NULL, "RLIMIT_NOFILE" },
{ "pivot_into()", ENOSYS, "pivot_into", NULL, "Not written yet: step02_mount_ns/mount_ns.c:41", .gap = true },
{ "keyctl(1)", ENOSYS, "", NULL, "does not have the call" },
{ 0 },
};
/* clang-format on */
