/*
 * uts_ipc.c: a second solution of lab 3, written from the header.
 *
 * Namespaces are compared by statx(2); no call is in SYS().
 */
#define _GNU_SOURCE
#include "step03_uts_ipc/uts_ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int uts_set_names(const char *hostname, const char *domainname)
{
	int result = 0;

	if (hostname != NULL)
		result = sethostname(hostname, strlen(hostname));
	if (result == 0 && domainname != NULL)
		result = setdomainname(domainname, strlen(domainname));
	return result;
}

int uts_unshare(const char *hostname, const char *domainname)
{
	if (unshare(CLONE_NEWUTS) != 0)
		return -1;
	return uts_set_names(hostname, domainname);
}

/* The link's path below /proc. */
static const char *link_of(char *buf, size_t size, pid_t pid, const char *name)
{
	if (pid == 0)
		snprintf(buf, size, "self/ns/%s", name);
	else
		snprintf(buf, size, "%d/ns/%s", (int)pid, name);
	return buf;
}

int ns_is_same(int procfd, pid_t a, pid_t b, const char *name)
{
	const pid_t pids[2] = { a, b };
	struct statx found[2];

	for (int i = 0; i < 2; i++) {
		char path[80];

		if (statx(procfd, link_of(path, sizeof(path), pids[i], name), 0, STATX_INO,
			  &found[i]) != 0)
			return -1;
	}
	return found[0].stx_ino == found[1].stx_ino &&
	       found[0].stx_dev_major == found[1].stx_dev_major &&
	       found[0].stx_dev_minor == found[1].stx_dev_minor;
}

int ns_keep(int procfd, pid_t pid, const char *name, const char *path)
{
	char buf[80];
	bool made = false;
	int result = -1;
	int ns = openat(procfd, link_of(buf, sizeof(buf), pid, name), O_RDONLY | O_CLOEXEC);

	if (ns < 0)
		return -1;
	if (mknod(path, S_IFREG | 0600, 0) == 0)
		made = true;
	if (made || errno == EEXIST) {
		snprintf(buf, sizeof(buf), "/proc/self/fd/%d", ns);
		result = mount(buf, path, NULL, MS_BIND, NULL);
	}

	int err = errno;
	if (result != 0 && made)
		unlink(path);
	close(ns);
	errno = err;
	return result;
}
