/*
 * ns_links.c: /proc/PID/ns, opened as a whole before the first namespace is entered.
 *
 * The new mount namespace may have another /proc, in which the number is another process's, or
 * none.
 */
#define _GNU_SOURCE
#include "ns_links.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/mount_ns.h"

#include <fcntl.h>
#include <stdio.h>

int ns_links_open(struct ns_links *links, int procfd, pid_t pid, int kinds)
{
	char path[64];

	links->count = 0;
	for (int kind = 0; kind < NS_KINDS; kind++) {
		if (!(kinds & ns_info[kind].flag))
			continue;
		kinds &= ~ns_info[kind].flag;
		snprintf(path, sizeof(path), "%d/ns/%s", pid, ns_info[kind].name);
		int fd = SYS(openat(procfd, path, O_RDONLY | O_CLOEXEC), path);
		if (fd < 0)
			goto bad;
		links->fds[links->count++] = fd;
	}
	if (!kinds)
		return 0;
	sys_failure_set(EINVAL, "ns_links_open", "kinds", "A flag that is no kind of namespace.",
			NULL);
bad:
	ns_links_close(links);
	return -1;
}

void ns_links_close(struct ns_links *links)
{
	while (links->count > 0)
		close_keeping_errno(links->fds[--links->count]);
}

int ns_links_join(int procfd, pid_t pid, int kinds)
{
	struct ns_links links;

	if (ns_links_open(&links, procfd, pid, kinds) < 0)
		return -1;
	int result = join_namespaces(links.fds, links.count);
	ns_links_close(&links);
	return result;
}
