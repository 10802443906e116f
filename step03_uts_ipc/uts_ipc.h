/*
 * uts_ipc.h: step 3's piece. A container's own names, and the identity and life of a namespace.
 *
 * A namespace has no name and no number. It is an inode of the kernel's nsfs, and the link
 * /proc/PID/ns/KIND leads to it. Two processes are in the same namespace if their links lead
 * to the same inode of the same device. A namespace lives as long as something holds it: a
 * process in it, an open descriptor, or a bind mount.
 *
 * Each system call is made by SYS() (floor/call/sys.h): the first that fails is recorded, with the
 * path, process or name that it was about.
 * ns_is_same() records nothing.
 */
#pragma once

#include <sys/types.h>

/* Sets the host name and the NIS domain name of the UTS namespace that the caller is in. NULL:
 * that one stays as it is. A name has at most 64 bytes; the kernel counts them and checks no
 * more. In the host's UTS namespace this renames the host, so it is called in a new one.
 * Returns 0, or -1 with errno: EINVAL (longer than 64 bytes), EPERM (no CAP_SYS_ADMIN in the
 * user namespace that this UTS namespace belongs to). If the host name fails, the domain name
 * stays as it is. If only the domain name fails, the host name is set.
 * Source: sethostname(2), setdomainname(2), uts_namespaces(7). */
int uts_set_names(const char *hostname, const char *domainname);

/* Moves the caller to a new UTS namespace, and then sets its names as uts_set_names() does. The
 * new namespace starts as a copy of the old one, whose names do not change.
 * Returns 0, or -1 with errno: as above, and EPERM, ENOSPC of unshare(2).
 * Source: unshare(2), CLONE_NEWUTS. */
int uts_unshare(const char *hostname, const char *domainname);

/* Are the processes a and b in the same namespace? 0 is the caller. name is the name of the link
 * in PID/ns, below procfd, a descriptor of the directory /proc: "uts", "ipc", ... Both device
 * and inode are compared. "pid" is the namespace that the process is in; "pid_for_children" is
 * the one that its next child will be in. They differ after unshare(CLONE_NEWPID).
 * Returns 1 (the same) or 0 (different), or -1 with errno, which is neither: EACCES (no right to
 * look), ENOENT (no such process or link: a zombie has only pid and user; pid_for_children is
 * missing before the first child), ESRCH.
 * Source: namespaces(7), ioctl_ns(2). */
int ns_is_same(int procfd, pid_t a, pid_t b, const char *name);

/* Keeps a namespace of process pid alive; 0 is the caller. It binds the link PID/ns/name, below
 * procfd, to the file path. The file is made (empty, mode 0600) if it is missing. The namespace
 * lives until path is unmounted, also without a process. To enter it, open path and call
 * setns(2).
 * Returns 0, or -1 with errno, and then a file that was made here is removed: EACCES, ENOENT,
 * ESRCH (as above), EPERM (no CAP_SYS_ADMIN over the mount namespace), EINVAL, or ELOOP of
 * move_mount(2) (a mount namespace that is as old as the caller's or older: it would hold itself),
 * ENOTDIR (path is a directory).
 * Source: namespaces(7); mount(2), MS_BIND; mount_namespaces(7). */
int ns_keep(int procfd, pid_t pid, const char *name, const char *path);
