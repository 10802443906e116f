/*
 * sub_ids.h: the ids that an administrator has handed to a user in /etc/subuid and
 * /etc/subgid, and the two set-uid programs that may map them (given);
 * subuid(5), newuidmap(1).
 */
#pragma once

#include "id_map.h"

#include <stdbool.h>

struct sub_range {
	unsigned first, count;
};

/* Reads text of such a file, lines "NAME-or-UID:FIRST:COUNT", for the user with that name (may be
 * NULL) and number. Lines of others, comments and lines in no such form are passed over. Returns
 * how many ranges there are (0: none), at most max. */
int sub_ids_parse(const char *text, const char *user, uid_t uid, struct sub_range *ranges, int max);

/* The same from a file, "/etc/subuid" or "/etc/subgid", for user uid. Returns the number, or -1
 * with errno ENODATA (none for this user; recorded with the remedy) or of open(2). */
int sub_ids_read(const char *file, uid_t uid, struct sub_range *ranges, int max);

/* Maps for a container: 0 inside is uid (gid) outside, 1 to 65535 the user's ranges as far as they
 * go (or max lines). Returns the number of lines in map. */
int sub_ids_plan(unsigned own, const struct sub_range *ranges, int count, struct id_map *map,
		 int max);

/* Are newuidmap and newgidmap installed, in one of the usual places? */
bool sub_ids_installed(void);

/* Lets newuidmap and newgidmap (found by PATH) write the maps of process pid, since we may not. Not
 * from inside a user namespace. maps->deny_setgroups is not looked at: newgidmap decides. Returns
 * 0, or -1 with errno: ENOENT (not installed), EPERM (they refused; what they said is in the
 * failure record). */
int sub_ids_write(pid_t pid, const struct id_maps *maps);
