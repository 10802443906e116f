/*
 * id_map.h: the lines of /proc/PID/uid_map and gid_map (given).
 *
 * A line says: the ids from `inside` on are, outside, the ids from `outside` on,
 * `count` of them. What no line names does not exist inside: it reads as 65534.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* One line. "outside" is as the one who writes or reads the file sees ids, in his own user
 * namespace. */
struct id_map {
	unsigned inside, outside, count;
};

/* What a user namespace gets: both maps, and whether setgroups(2) is forbidden in it. */
struct id_maps {
	const struct id_map *uid, *gid; /* the lines; the caller's memory */
	int uids, gids;			/* how many: 1 to 340 */
	bool deny_setgroups;		/* must be true where the writer lacks CAP_SETGID outside */
};

/* Text for one write(2) to uid_map or gid_map. Judges first what the kernel would only call EINVAL:
 * no line, more than 340, a count of 0, a range beyond 4294967294, two lines that overlap (inside
 * or outside). Writes "INSIDE OUTSIDE COUNT\n" lines. Returns the length, or -1 with errno EINVAL
 * and the reason in the failure record, or E2BIG: longer than size (a page, for the kernel). */
ssize_t id_map_text(const struct id_map *map, int count, char *text, size_t size);

/* Reads such text back, as the kernel shows it or as a user types it (lines may be parted by
 * commas, numbers by blanks or colons). Returns the number of lines, or -1 with errno: EINVAL (not
 * such text; recorded), E2BIG (more than max; recorded). */
int id_map_parse(const char *text, struct id_map *map, int max);

/* Reads PID/uid_map or PID/gid_map (file) below procfd; pid 0: self. Returns the number of lines
 * (0: not written yet), or -1 with errno. */
int id_map_read(int procfd, pid_t pid, const char *file, struct id_map *map, int max);

/* Takes on these ids as the caller's user namespace calls them, real, effective and saved, and
 * drops all other groups. In a namespace whose /proc/self/setgroups says "deny" the groups stay:
 * there the kernel lets no process drop one. Returns 0, or -1 with errno: EINVAL (not in the map),
 * EPERM. Source: setresuid(2), setgroups(2), user_namespaces(7). */
int id_become(uid_t uid, gid_t gid);

/* The same with supplementary groups, count of them; 0: none. With a count a denied setgroups is an
 * error too: EPERM. */
int id_become_with(uid_t uid, gid_t gid, const gid_t *groups, int count);
