/*
 * self_map.c: root inside, one ordinary id outside.
 */
#define _GNU_SOURCE
#include "self_map.h"
#include "procfs.h"

#include <fcntl.h>
#include <stdio.h>

int self_map_write(uid_t uid, gid_t gid)
{
	char map[32];

	/* Else a process could leave a group that is there to keep it out; user_namespaces(7)
	 * since 3.19. */
	if (write_file_at(AT_FDCWD, "/proc/self/setgroups", "deny") < 0)
		return -1;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (write_file_at(AT_FDCWD, "/proc/self/uid_map", map) < 0)
		return -1;
	snprintf(map, sizeof(map), "0 %u 1", gid);
	if (write_file_at(AT_FDCWD, "/proc/self/gid_map", map) < 0)
		return -1;
	facts_forget(); /* we are somebody else now */
	return 0;
}
