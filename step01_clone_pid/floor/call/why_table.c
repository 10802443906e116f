/*
 * why_table.c: the floor's own rows: namespaces, processes, programs and files. What
 * a higher step brings has its rows there (given/why_*.c).
 *
 * Within a call and errno the specific rows stand above the general one, which has
 * no condition; those for any call stand last. Every row has a test in
 * tests/unit/test_why.c.
 */
#include "why_when.h"

#define NEW_NS	    "unshare|clone|clone3"
#define FORK	    "fork|vfork|clone|clone3"
#define MOUNTS	    "mount|open_tree|move_mount"
#define EXEC	    "execve|execv|execvp|execvpe|execveat|fexecve"
#define KILL	    "kill|tgkill|pidfd_send_signal"
#define USERNS_RULE "kernel.apparmor_restrict_unprivileged_userns is 1 (Ubuntu 23.10 and later)."
#define USERNS_ALLOW                                                                               \
	"sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile "   \
	"with `userns,` for this program, or run it as root."

/* Rows are read as a table. */
/* clang-format off */
static const struct why_row rows[] = {
/* ---- making namespaces ---- */
{ NEW_NS, EPERM, userns_sysctl_off, "On this host only root may make a user namespace: kernel.unprivileged_userns_clone is 0.",
  "sudo sysctl -w kernel.unprivileged_userns_clone=1, or run it as root." },
{ NEW_NS, EPERM, no_ids_yet, "Our own user namespace has no ids yet: its uid_map is empty, so nobody can own another one.",
  "Write uid_map and gid_map first, then make the next user namespace." },
{ NEW_NS, EPERM, chrooted_userns, "The kernel makes no user namespace for a process inside a chroot.",
  "Change the root with pivot_root in a mount namespace instead of chroot." },
{ NEW_NS, EPERM, apparmor_userns, "AppArmor restricts unprivileged user namespaces here: " USERNS_RULE, USERNS_ALLOW },
{ NEW_NS, EPERM, container_seccomp,
  "We are inside a container, and its seccomp filter refuses new namespaces.",
  "Run it on the host, or start the container with --privileged (or --security-opt seccomp=unconfined and --cap-add SYS_ADMIN)." },
{ NEW_NS, EPERM, other_seccomp, "A seccomp filter is in force on this process and probably refuses new namespaces.",
  "Start it outside the sandbox or service that set the filter: grep Seccomp /proc/self/status." },
{ NEW_NS, EPERM, not_admin_no_userns,
  "A new namespace other than a user namespace needs CAP_SYS_ADMIN, and this process does not have it.",
  "Run it as root, or make a user namespace first (CLONE_NEWUSER) and be root in there." },
{ NEW_NS, EPERM, NULL, "The kernel or a security module refuses this namespace to this process.",
  "sudo dmesg | tail tells what a security module refused." },
{ NEW_NS, EACCES, apparmor_userns, "AppArmor refuses this user namespace: " USERNS_RULE, USERNS_ALLOW },
{ NEW_NS, EACCES, NULL, "A security module (AppArmor, SELinux) refuses this namespace to this process.",
  "sudo dmesg | tail tells which rule it was." },
{ NEW_NS, ENOSPC, kind_limit_zero, "The limit on %k namespaces is 0 here: user.max_%k_namespaces.",
  "sudo sysctl -w user.max_%k_namespaces=10000" },
{ NEW_NS, ENOSPC, pid_too_deep, "PID namespaces nest 32 levels deep at most, and this process is that deep already.",
  "Start it from a process further out." },
{ NEW_NS, ENOSPC, NULL, "As many of these namespaces exist as this user may have, or they nest more than 32 levels deep.",
  "Look at: sysctl user | grep max_.*_namespaces, and at what is left running: lsns." },
{ NEW_NS, EUSERS, NULL, "User namespaces nest 32 levels deep at most.", "Start it from a process further out." },
{ "unshare", EINVAL, threads_and_userns, "unshare(CLONE_NEWUSER) is refused to a process with more than one thread.",
  "Call it before the first thread is made, or in a forked child." },
{ NEW_NS, EINVAL, thread_in_other_ns, "A thread cannot live in another PID or user namespace than its process.",
  "Leave CLONE_THREAD out: make a process." },
{ "clone|clone3", EINVAL, flags_contradict, "The flags contradict each other: one shares what another makes new.",
  "Leave out CLONE_FS beside CLONE_NEWNS or CLONE_NEWUSER, and CLONE_SYSVSEM beside CLONE_NEWIPC." },
{ NEW_NS, EINVAL, pid_ns_twice, "This process has sent its children to another PID namespace already, and can do so only once.",
  "Let a child make the next one." },
{ NEW_NS, EINVAL, kind_missing, "This kernel has no %k namespaces: it is too old, or was built without them.",
  "ls /proc/self/ns shows the kinds it has; another kernel is needed for this one." },
{ "clone", EINVAL, NULL, "The function or the stack is NULL, or the flags contradict each other.",
  "Pass the top of a stack (base + size), and only flags that clone(2) lists." },
{ "unshare|clone3", EINVAL, NULL, "The kernel does not know one of the flags, or they contradict each other.",
  "Compare them with the manual page: man 2 unshare, man 2 clone." },
{ FORK, ENOMEM, children_elsewhere,
  "PID 1 of the namespace that our children go to is dead, and such a namespace takes no more processes.",
  "Make a new PID namespace: unshare(CLONE_NEWPID) again, in a fresh process." },
{ FORK, ENOMEM, NULL, "There is no memory for another process.", "Free memory, or raise the cgroup's memory limit: free -m." },
{ FORK, EAGAIN, NULL, "A limit on processes is reached: pids.max of the cgroup, or this user's RLIMIT_NPROC.",
  "Look at: ulimit -u, and pids.max and pids.events in the directory that /proc/self/cgroup names." },
{ "clone3", ENOSYS, NULL,
  "clone3 is not to be had: a kernel before 5.3, valgrind, or a container's seccomp filter that hides it.",
  "Use clone(2), which can do the same but for a few flags." },
/* ---- a user namespace without rights ---- */
{ OPEN "|write", EPERM, map_by_apparmor, "AppArmor lets this process have a user namespace but no rights in it: " USERNS_RULE,
  USERNS_ALLOW },
{ OPEN "|write", EACCES, map_by_apparmor, "AppArmor refuses %s: " USERNS_RULE, USERNS_ALLOW },
/* ---- who may mount ---- */
{ MOUNTS, EACCES, apparmor_in_userns, "AppArmor denies mounts in unprivileged user namespaces: " USERNS_RULE, USERNS_ALLOW },
{ MOUNTS, EACCES, apparmor_on, "An AppArmor profile denies this mount (docker-default does, inside a container).",
  "Run it on the host, or start the container with --security-opt apparmor=unconfined; sudo dmesg | tail names the profile." },
{ MOUNTS, EACCES, NULL,
  "A directory on the way to %s cannot be searched, or the device is read-only and MS_RDONLY is not among the flags.",
  "Check the rights on the way: namei -l PATH." },
{ MOUNTS, EPERM, apparmor_in_userns, "AppArmor gives no rights in unprivileged user namespaces: " USERNS_RULE, USERNS_ALLOW },
{ MOUNTS, EPERM, container_seccomp, "We are inside a container that may not mount: no CAP_SYS_ADMIN, or its seccomp filter.",
  "Run it on the host, or start the container with --privileged." },
{ MOUNTS, EPERM, not_admin, "Mounting needs CAP_SYS_ADMIN, and this process does not have it.",
  "Run it as root, or in a user and mount namespace of your own: unshare -Urm." },
{ MOUNTS, EPERM, in_user_ns,
  "The mount namespace is not ours, or this file system may not be mounted in a user namespace (ext4 may not; tmpfs and "
  "proc may).",
  "Add CLONE_NEWNS beside CLONE_NEWUSER; disk file systems need real root." },
{ MOUNTS, EPERM, NULL, "The kernel or a security module refuses this mount.",
  "sudo dmesg | tail tells what a security module refused." },
/* ---- programs ---- */
{ EXEC, ENOENT, not_in_path, "The command %s is in no directory of PATH.",
  "Check the spelling and PATH, as they are inside: a busybox root has no bash and no apt, but sh (busybox --list)." },
{ EXEC, ENOENT, no_script_interpreter, "%s is there, but the interpreter of its first line is not: %i.",
  "Install %i in this root, or correct the #! line (Windows line ends count, too)." },
{ EXEC, ENOENT, no_elf_loader, "%s is there, but the loader that it was linked for is not in this root: %i.",
  "Use a static program (busybox), or copy the loader and the libraries that ldd names." },
{ EXEC, ENOENT, NULL, "%s does not exist in this root.", "ls -l the path, as seen from inside." },
{ EXEC, EACCES, is_directory, "%s is a directory.", "Name a program in it." },
{ EXEC, EACCES, not_executable, "%s has no execute permission.", "chmod +x it." },
{ EXEC, EACCES, on_noexec, "%s lies on a mount with noexec.", "Move it elsewhere, or mount -o remount,exec." },
{ EXEC, EACCES, NULL, "This user may not execute %s, its interpreter, or search a directory on the way.",
  "namei -l PATH shows the rights on the way." },
{ EXEC, ENOEXEC, is_empty_file, "%s is an empty file.", "Copy or build it again." },
{ EXEC, ENOEXEC, is_elf, "%s is a program for another kind of processor.", "Compare: file PATH with uname -m." },
{ EXEC, ENOEXEC, NULL, "%s is neither a program nor a script that starts with #!.",
  "Begin it with #!/bin/sh, or run it by its interpreter." },
{ EXEC, E2BIG, NULL, "The arguments and the environment are too long together, or one of them is over 128 KiB.",
  "Pass less, or pass it in a file; getconf ARG_MAX." },
{ EXEC, ENOTDIR, NULL, "A part of the path %s is no directory.", "Check the path: namei -l PATH." },
{ EXEC, ETXTBSY, NULL, "%s is open for writing somewhere.", "Close it first: fuser -v PATH." },
{ EXEC, ELOOP, NULL, "Too many symbolic links, or interpreters of interpreters, on the way to %s.",
  "namei -l PATH shows the links." },
/* ---- entering namespaces ---- */
{ "setns", EINVAL, setns_user,
  "Nobody can enter the user namespace that he is in already, nor one while he has several threads or shares his root with "
  "another process.",
  "Compare /proc/self/ns/user with the target's first; enter it only if they differ." },
{ "setns", EINVAL, setns_threads, "A process with more than one thread cannot enter a mount, time or user namespace.",
  "Call it before the first thread is made, or in a forked child." },
{ "setns", EINVAL, NULL,
  "The descriptor is of another kind than nstype says, or is no namespace; and a PID namespace must lie below the caller's.",
  "Pass 0 as nstype to take any kind; readlink /proc/self/fd/N tells what it is." },
{ "setns", EPERM, not_admin,
  "Entering a namespace needs CAP_SYS_ADMIN in its user namespace, and this process does not have it.",
  "Run it as root, or enter the target's user namespace first." },
{ "setns", EPERM, NULL,
  "This process has no CAP_SYS_ADMIN in the user namespace that owns the target (a mount namespace needs CAP_SYS_CHROOT, too).",
  "Open all links first, and enter the user namespace first of all." },
{ "setns", EBADF, NULL, "The descriptor is not open.", "Open /proc/PID/ns/KIND, and check the result." },
{ "setns", ESRCH, NULL, "The process of this pidfd is gone.",
  "Open its namespaces while it lives, or keep one by a bind mount." },
/* ---- signals and tracing ---- */
{ KILL, EPERM, NULL, "The process %s belongs to another user, or to a user namespace over which we have no rights.", AS_ROOT },
{ KILL, ESRCH, NULL, "There is no process %s in this PID namespace.",
  "ps shows the numbers that count here; the same process has another number outside." },
{ "ptrace", EPERM, yama, "Yama restricts ptrace here: kernel.yama.ptrace_scope is above 0.",
  "sudo sysctl -w kernel.yama.ptrace_scope=0, or run it as root." },
{ "ptrace", EPERM, NULL, "The process is traced already, is of another user, or a seccomp filter refuses ptrace.", AS_ROOT },
/* ---- directories and files ---- */
{ MKDIR, EACCES, NULL, "This user may not write in the directory that %s goes into, or not search the way to it.",
  "namei -l PATH shows the rights on the way." },
{ MKDIR, EROFS, NULL, "%s lies on a read-only mount.",
  "findmnt -T PATH -o TARGET,OPTIONS; choose another place, or remount it rw." },
{ MKDIR, EEXIST, NULL, "%s is there already.", "Choose another name, or remove it." },
{ MKDIR, ENOSPC, NULL, "The disk is full, or has no inodes left, where %s goes.", "df -h PATH; df -i PATH" },
{ MKDIR, ENOENT, NULL, "A directory on the way to %s does not exist.", "mkdir -p" },
{ MKDIR, ENOTDIR, NULL, "A part of the path %s is no directory.", "namei -l PATH" },
{ OPEN "|fstatat|readlink|readlinkat|stat", ENOENT, no_proc, NO_PROC, MOUNT_PROC },
{ "stepNN_run", ENOENT, proc_missing, NO_PROC, MOUNT_PROC },
{ OPEN, ENOENT, proc_pid_path, "%s does not exist: the process is gone, or has another number in this /proc.",
  "A /proc shows the PID namespace of whoever mounted it: ps." },
{ OPEN, ENOENT, NULL, "%s does not exist.", "Check the path: ls -l PATH, as seen from inside." },
{ OPEN, EACCES, NULL, "This user may not open %s, or not search a directory on the way.",
  "namei -l PATH shows the rights on the way." },
{ OPEN, ENOTDIR, NULL, "A part of the path %s is no directory.", "namei -l PATH" },
{ OPEN, EROFS, NULL, "%s lies on a read-only mount.", "findmnt -T PATH -o TARGET,OPTIONS" },
{ OPEN, EMFILE, NULL, "This process has as many files open as it may (RLIMIT_NOFILE).",
  "ulimit -n; ls -l /proc/PID/fd shows which." },
{ OPEN, ENFILE, NULL, "The whole system has as many files open as it may.", "cat /proc/sys/fs/file-nr" },
{ OPEN, EXDEV, NULL, "%s leads out of the directory that it must stay in.",
  "A link points outside, or a mount is crossed; namei -l PATH." },
{ OPEN, ELOOP, NULL, "%s is or crosses a symbolic link where none is allowed, or too many.", "namei -l PATH" },
/* ---- calls that are not there ---- */
{ "openat2|pidfd_open|pidfd_send_signal|close_range", ENOSYS, NULL,
  "This kernel is too old for the call, or a container's seccomp filter hides it.",
  "uname -r; pidfd_send_signal needs Linux 5.1, pidfd_open 5.3, openat2 5.6, close_range 5.9." },
/* ---- whatever the call ---- */
{ "*", EMFILE, NULL, "This process has as many files open as it may (RLIMIT_NOFILE).", "ulimit -n 1024; ls -l /proc/PID/fd shows which." },
{ "*", ENOSYS, not_written, "Not written yet: %w.", "This function is your part of the lab: lab.md says what it should do." },
{ "*", ENOSYS, NULL, "This kernel does not have the call, or a seccomp filter hides it.",
  "uname -r; grep Seccomp /proc/self/status" },
};
/* clang-format on */

const struct why_table why_floor = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]) };
