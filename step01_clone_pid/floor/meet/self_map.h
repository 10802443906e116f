/*
 * self_map.h: the one-id rootless map, as far as steps 1 to 3 need it.
 * Step 4 explains it and does the general case.
 */
#pragma once

#include <sys/types.h>

/* In a process that has just entered a new user namespace: become root in it, being uid and gid
 * outside. Writes setgroups=deny, uid_map "0 UID 1", gid_map "0 GID 1", to /proc/self;
 * user_namespaces(7). uid and gid must be taken before the namespace is made: inside they read as
 * 65534. Returns 0, or -1 with errno (EPERM: AppArmor's restriction, or a map is there already). */
int self_map_write(uid_t uid, gid_t gid);
