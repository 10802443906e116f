/*
 * id_map.c: lines of a map: judged, written as text, read back, and put on.
 */
#define _GNU_SOURCE
#include "id_map.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <ctype.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MOST_LINES = 340 }; /* user_namespaces(7), since Linux 4.15 */

static const unsigned long long PAST_LAST =
	4294967295ULL; /* (uid_t)-1 is no id: it means "leave it" */

static bool ranges_meet(unsigned a, unsigned a_count, unsigned b, unsigned b_count)
{
	return (unsigned long long)a < (unsigned long long)b + b_count &&
	       (unsigned long long)b < (unsigned long long)a + a_count;
}

static int refuse(const struct id_map *line, const char *cause)
{
	char subject[64];

	snprintf(subject, sizeof(subject), "%u %u %u", line->inside, line->outside, line->count);
	sys_failure_set(EINVAL, "id_map", subject, cause,
			"A line is INSIDE OUTSIDE COUNT; ranges may not overlap on either side.");
	return -1;
}

/* The kernel answers EINVAL to all of these alike. */
static int judge(const struct id_map *map, int count)
{
	static const struct id_map none;

	if (count < 1 || count > MOST_LINES)
		return refuse(count < 1 ? &none : map,
			      count < 1 ? "An id map needs at least one line."
					: "An id map has at most 340 lines.");
	for (int i = 0; i < count; i++) {
		const struct id_map *line = &map[i];
		if (line->count == 0)
			return refuse(line, "This line of the map holds no id: its count is 0.");
		if ((unsigned long long)line->inside + line->count > PAST_LAST ||
		    (unsigned long long)line->outside + line->count > PAST_LAST)
			return refuse(line,
				      "This line of the map goes beyond the last id, 4294967294.");
		for (int j = 0; j < i; j++) {
			if (ranges_meet(line->inside, line->count, map[j].inside, map[j].count))
				return refuse(line, "This line overlaps an earlier one: an id "
						    "inside would be two ids outside.");
			if (ranges_meet(line->outside, line->count, map[j].outside, map[j].count))
				return refuse(line, "This line overlaps an earlier one: two ids "
						    "inside would be one id outside.");
		}
	}
	return 0;
}

ssize_t id_map_text(const struct id_map *map, int count, char *text, size_t size)
{
	size_t used = 0;

	if (judge(map, count) < 0)
		return -1;
	for (int i = 0; i < count; i++) {
		int n = snprintf(text + used, size - used, "%u %u %u\n", map[i].inside,
				 map[i].outside, map[i].count);
		if (n < 0 || (size_t)n >= size - used) {
			errno = E2BIG;
			return -1;
		}
		used += (size_t)n;
	}
	return (ssize_t)used;
}

/* One number of a line, as long as it is one: strtoul would take "-1" and more than 32 bits. */
static bool number(const char **text, unsigned *out)
{
	unsigned long long n = 0;

	while (**text == ' ' || **text == '\t')
		(*text)++;
	if (!isdigit((unsigned char)**text))
		return false;
	for (; isdigit((unsigned char)**text); (*text)++)
		if ((n = n * 10 + (unsigned long long)(**text - '0')) > PAST_LAST)
			return false;
	while (**text == ' ' || **text == '\t')
		(*text)++;
	*out = (unsigned)n;
	return true;
}

static bool one_line(const char **text, struct id_map *line)
{
	unsigned *fields[] = { &line->inside, &line->outside, &line->count };

	for (int i = 0; i < 3; i++) {
		if (i > 0 && **text == ':')
			(*text)++;
		if (!number(text, fields[i]))
			return false;
	}
	return **text == '\n' || **text == ',' || **text == '\0';
}

int id_map_parse(const char *text, struct id_map *map, int max)
{
	int count = 0;

	for (const char *rest = text;;) {
		struct id_map line;
		while (*rest == '\n' || *rest == ',')
			rest++;
		if (!*rest)
			return count;
		if (!one_line(&rest, &line)) {
			sys_failure_set(
				EINVAL, "id_map", text,
				"This is no id map: a line is three numbers of 0 to 4294967294.",
				"For example \"0 1000 1\": root inside is user 1000 outside.");
			return -1;
		}
		if (count == max) {
			sys_failure_set(E2BIG, "id_map", "the map",
					"It has more lines than the kernel takes, 340.",
					"Neighbouring ids go into one line: INSIDE OUTSIDE COUNT.");
			return -1;
		}
		map[count++] = line;
	}
}

int id_map_read(int procfd, pid_t pid, const char *file, struct id_map *map, int max)
{
	char path[64];

	if (pid)
		snprintf(path, sizeof(path), "%d/%s", pid, file);
	else
		snprintf(path, sizeof(path), "self/%s", file);
	char *text = read_whole_at(procfd, path, NULL);
	if (!text)
		return -1;
	int count = id_map_parse(text, map, max), saved = errno;
	free(text);
	errno = saved;
	return count;
}

/* setgroups(2) is EPERM for two reasons, and only one of them is an answer: the namespace forbids
 * it, and then the old groups stay, which is what the deny is for. */
static bool groups_are_fixed(void)
{
	char word[16] = "";

	return read_file_at(AT_FDCWD, "/proc/self/setgroups", word, sizeof(word)) > 0 &&
	       strncmp(word, "deny", 4) == 0;
}

int id_become_with(uid_t uid, gid_t gid, const gid_t *groups, int count)
{
	int at_parents_death = 0;

	/* Groups first and uid last: each needs a capability that leaving uid 0 takes away. */
	if (count > 0 ? SYS(setgroups((size_t)count, groups), groups[0]) < 0
		      : (SYS_MAY(setgroups(0, NULL), 0, EPERM) < 0 &&
			 (errno != EPERM || !groups_are_fixed())))
		return -1;
	prctl(PR_GET_PDEATHSIG, &at_parents_death);
	if (SYS(setresgid(gid, gid, gid), gid) < 0)
		return -1;
	if (SYS(setresuid(uid, uid, uid), uid) < 0)
		return -1;
	/* The kernel forgets it with every change of identity; prctl(2). */
	return at_parents_death ? prctl(PR_SET_PDEATHSIG, at_parents_death) : 0;
}

int id_become(uid_t uid, gid_t gid)
{
	return id_become_with(uid, gid, NULL, 0);
}
