/*
 * uts_ipc.c: names, and the identity and life of a namespace.
 */
#define _GNU_SOURCE
#include "uts_ipc.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/resolve.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

int uts_set_names(const char *hostname, const char *domainname)
{
	/* Not strings for the kernel but bytes and a count: the NUL is not sent. */
	if (hostname && SYS(sethostname(hostname, strlen(hostname)), hostname) < 0)
		return -1;
	if (domainname && SYS(setdomainname(domainname, strlen(domainname)), domainname) < 0)
		return -1;
	return 0;
}

int uts_unshare(const char *hostname, const char *domainname)
{
	/* In this order. A name that is set before renames the old namespace; the new one starts as
	 * a copy of it, so that the mistake cannot be seen from inside. */
	if (SYS(unshare(CLONE_NEWUTS), "CLONE_NEWUTS") < 0)
		return -1;
	return uts_set_names(hostname, domainname);
}

int ns_is_same(int procfd, pid_t a, pid_t b, const char *name)
{
	struct ns_id of_a, of_b;

	/* A link that cannot be read is no answer: two EACCES are not one namespace. */
	if (proc_ns_id(procfd, a, name, &of_a) < 0 || proc_ns_id(procfd, b, name, &of_b) < 0)
		return -1;
	/* An inode number is unique within one file system only; on another device it may come
	 * again. */
	return of_a.dev == of_b.dev && of_a.ino == of_b.ino;
}

/* Opens PID/ns/name: the descriptor holds the namespace, whatever becomes of the process. */
static int open_ns_link(int procfd, pid_t pid, const char *name)
{
	char link[64];

	if (pid)
		snprintf(link, sizeof(link), "%d/ns/%s", pid, name);
	else
		snprintf(link, sizeof(link), "self/ns/%s", name);
	return SYS(openat(procfd, link, O_RDONLY | O_CLOEXEC), link);
}

int ns_keep(int procfd, pid_t pid, const char *name, const char *path)
{
	bool made = false;
	char source[32];
	int saved;
	int ns = open_ns_link(procfd, pid, name);

	if (ns < 0)
		return -1;
	/* A namespace is a file, so what it is mounted on has to be one. EEXIST is fine: ip netns
	 * makes its own as well. */
	int file = SYS_MAY(open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), path, EEXIST);
	if (file < 0 && errno != EEXIST)
		goto bad;
	if (file >= 0) {
		made = true;
		close(file);
	}
	if (SYS(mount(fd_path(ns, source, sizeof(source)), path, NULL, MS_BIND, NULL), path) < 0)
		goto bad;
	/* From here on the mount holds it. */
	close(ns);
	return 0;
bad:
	saved = errno;
	if (made)
		unlink(path);
	close(ns);
	errno = saved;
	return -1;
}
