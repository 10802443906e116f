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

bool ns_links_read(int procfd, pid_t pid, uint32_t inode[NS_KINDS])
{
	char path[48], text[64];
	bool allowed = true;

	for (int k = 0; k < NS_KINDS; k++) {
		inode[k] = 0;
		if (!allowed) /* one refusal speaks for all eight */
			continue;
		if (pid)
			snprintf(path, sizeof(path), "%d/ns/%s", pid, ns_info[k].name);
		else
			snprintf(path, sizeof(path), "self/ns/%s", ns_info[k].name);
		ssize_t n = readlinkat(procfd, path, text, sizeof(text) - 1);
		if (n < 0) {
			/* EINVAL: no link but a file, which is how a fixture says "denied". */
			allowed = errno != EACCES && errno != EPERM && errno != EINVAL;
			continue;
		}
		text[n] = '\0';
		inode[k] = ns_link_parse(text);
	}
	return allowed;
}
