/*
 * uts_ipc.h: step 3's piece. A name of one's own, and who shares what with whom.
 *
 * A namespace has no name and no number to call it by. It is an inode of the
 * kernel's nsfs, reached through /proc/PID/ns/KIND: two processes are in the same
 * namespace if those lead to the same inode of the same device. It lives as long as
 * anything holds it: a process in it, an open descriptor, or a bind mount.
 */
#pragma once

#include <sys/types.h>

/* Gives the UTS namespace that the caller is in its host name and NIS domain name; NULL: that one
 * stays as it is. At most 64 bytes each, as the kernel counts them; none is looked at for sense.
 * Called in a new UTS namespace: in the host's it renames the host. Returns 0, or -1 with errno:
 * EINVAL (longer than 64 bytes), EPERM (no CAP_SYS_ADMIN over this namespace's user namespace). If
 * the domain name fails, the host name has been set. Source: sethostname(2), setdomainname(2),
 * uts_namespaces(7). */
int uts_set_names(const char *hostname, const char *domainname);

/* Moves the caller itself to a new UTS namespace, which starts as a copy of the old one, and then
 * names it as uts_set_names() does. The old namespace, and who is in it, keeps its names. Returns
 * 0, or -1 with errno: as above, and EPERM, ENOSPC of unshare(2). */
int uts_unshare(const char *hostname, const char *domainname);

/* Are processes a and b (0: the caller) in the same namespace of a kind? name is that of the link
 * in PID/ns below procfd, a descriptor of a proc directory: "uts", "ipc", ... "pid" is the
 * namespace that the process is in and "pid_for_children" the one that its next child will be in;
 * after unshare(CLONE_NEWPID) they differ, so one must never stand for the other. Returns 1 same, 0
 * different: device *and* inode are compared, ioctl_ns(2). -1 with errno: EACCES (not yours to look
 * at; no answer is never "same"), ENOENT (no such process or link; a zombie has only pid and user;
 * pid_for_children before the first child), ESRCH. */
int ns_is_same(int procfd, pid_t a, pid_t b, const char *name);

/* Keeps a namespace of process pid (0: the caller) alive by binding its link PID/ns/name, below
 * procfd, onto the file path, which is made (empty, 0600) if it is not there. The namespace then
 * outlives its last process, until path is unmounted; setns(2) on an open path enters it. Returns
 * 0, or -1 with errno, and then a file that was made here is gone again: EACCES, ENOENT, ESRCH (as
 * above), EPERM (no CAP_SYS_ADMIN over the mount namespace), EINVAL (a mount namespace as old as
 * ours or older: it would hold itself), ENOTDIR (path is a directory). Source: namespaces(7),
 * mount(2) MS_BIND, mount_namespaces(7). */
int ns_keep(int procfd, pid_t pid, const char *name, const char *path);
