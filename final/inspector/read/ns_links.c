/*
 * ns_links.c: namespaces of a process, from the text of its links.
 *
 * The links are read and not followed: their text names kind and inode, costs less than stat(2),
 * and can stand in a fixture, where there is nothing to follow. All of them are of one nsfs, so the
 * inode says enough.
 */
#define _GNU_SOURCE
#include "scan.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint32_t ns_link_parse(const char *text)
{
	const char *open = strstr(text, ":[");
	char *end;

	if (!open || !isdigit((unsigned char)open[2]))
		return 0;
	unsigned long long inode = strtoull(open + 2, &end, 10);
	return *end == ']' && inode <= UINT32_MAX ? (uint32_t)inode : 0;
}

/* EINVAL: no link but a file, which is how a fixture says "denied". */
static bool refused(int error)
{
	return error == EACCES || error == EPERM || error == EINVAL;
}

bool ns_links_read(int procfd, pid_t pid, uint32_t inode[NS_KINDS])
{
	char path[32] = "self/ns", text[64];
	bool allowed = true;

	memset(inode, 0, NS_KINDS * sizeof(*inode));
	if (pid)
		snprintf(path, sizeof(path), "%d/ns", pid);
	/* The way to the directory is gone once and not eight times. */
	int dir = openat(procfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return !refused(errno);
	for (int k = 0; k < NS_KINDS && allowed; k++) { /* one refusal speaks for all eight */
		ssize_t n = readlinkat(dir, ns_info[k].name, text, sizeof(text) - 1);
		if (n < 0) {
			allowed = !refused(errno);
			continue;
		}
		text[n] = '\0';
		inode[k] = ns_link_parse(text);
	}
	close(dir);
	return allowed;
}
