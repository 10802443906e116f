/*
 * ns_links.h: the namespaces of a process, as descriptors (given).
 */
#pragma once

#include "step01_clone_pid/floor/host/facts.h"

#include <sys/types.h>

/* All zero is valid: none is open. */
struct ns_links {
	int fds[NS_KINDS]; /* close-on-exec; the first count of them are open */
	int count;
};

/* Opens those links of PID/ns below procfd (a descriptor of the directory /proc) that kinds asks
 * for (CLONE_NEWNS | CLONE_NEWUTS | ...).
 * Returns 0, or -1 with errno, and then none is open: ENOENT, ESRCH (the process is gone),
 * EACCES (no right to look), EINVAL (kinds holds something else). */
int ns_links_open(struct ns_links *links, int procfd, pid_t pid, int kinds);
void ns_links_close(struct ns_links *links);

/* Moves the caller into the namespaces of process pid that kinds asks for: all links are opened,
 * then join_namespaces() is called, then they are closed.
 * Returns 0, or -1 with errno of either. */
int ns_links_join(int procfd, pid_t pid, int kinds);
