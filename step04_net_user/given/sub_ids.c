/*
 * sub_ids.c: ranges of ids, and the programs that may map them.
 */
#define _GNU_SOURCE
#include "sub_ids.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- /etc/subuid, /etc/subgid ---- */

/* "NAME:FIRST:COUNT" of one line, not more. */
static bool parse_line(const char *line, size_t length, const char *user, uid_t uid,
		       struct sub_range *range)
{
	char copy[512], number[16], *rest = copy, *end;

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, line, length);
	copy[length] = '\0';
	const char *owner = strsep(&rest, ":"), *first = strsep(&rest, ":"),
		   *count = strsep(&rest, ":");
	if (!count || rest)
		return false;
	snprintf(number, sizeof(number), "%u", uid);
	if (strcmp(owner, number) != 0 && (!user || strcmp(owner, user) != 0))
		return false;
	unsigned long long from = strtoull(first, &end, 10);
	if (end == first || *end)
		return false;
	unsigned long long ids = strtoull(count, &end, 10);
	if (end == count || *end || ids == 0 || from > 4294967294ULL || ids > 4294967295ULL - from)
		return false;
	*range = (struct sub_range){ (unsigned)from, (unsigned)ids };
	return true;
}

int sub_ids_parse(const char *text, const char *user, uid_t uid, struct sub_range *ranges, int max)
{
	int count = 0;

	while (*text && count < max) {
		size_t length = strcspn(text, "\n");
		if (parse_line(text, length, user, uid, &ranges[count]))
			count++;
		text += length + (text[length] == '\n');
	}
	return count;
}

int sub_ids_read(const char *file, uid_t uid, struct sub_range *ranges, int max)
{
	char remedy[128];
	const struct passwd *user = getpwuid(uid);
	char *text = read_whole_at(AT_FDCWD, file, NULL);

	if (!text) {
		sys_failure_set(errno, "open", file, NULL, NULL);
		return -1;
	}
	int count = sub_ids_parse(text, user ? user->pw_name : NULL, uid, ranges, max);
	free(text);
	if (count > 0)
		return count;
	snprintf(remedy, sizeof(remedy),
		 "As root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s",
		 user ? user->pw_name : "USER");
	sys_failure_set(ENODATA, "sub_ids_read", file,
			"This user has been given no range of ids there.", remedy);
	return -1;
}

int sub_ids_plan(unsigned own, const struct sub_range *ranges, int count, struct id_map *map,
		 int max)
{
	unsigned next = 1;
	int lines = 0;

	if (max > 0)
		map[lines++] = (struct id_map){ 0, own, 1 };
	for (int i = 0; i < count && lines < max && next < 65536; i++) {
		unsigned room = 65536 - next;
		unsigned take = ranges[i].count < room ? ranges[i].count : room;
		map[lines++] = (struct id_map){ next, ranges[i].first, take };
		next += take;
	}
	return lines;
}

/* ---- newuidmap, newgidmap ---- */

enum { MOST_WORDS = 3 * 16 + 3 };

/* "newuidmap PID INSIDE OUTSIDE COUNT ..." as words. text: room for their characters. */
static int make_words(const char *program, pid_t pid, const struct id_map *map, int count,
		      char *words[], char text[][16])
{
	int n = 0;

	words[n++] = (char *)program;
	snprintf(text[0], 16, "%d", pid);
	words[n++] = text[0];
	for (int i = 0; i < count; i++) {
		const unsigned numbers[] = { map[i].inside, map[i].outside, map[i].count };
		for (int j = 0; j < 3; j++) {
			if (n >= MOST_WORDS - 1) {
				errno = E2BIG;
				return -1;
			}
			snprintf(text[n], 16, "%u", numbers[j]);
			words[n] = text[n];
			n++;
		}
	}
	words[n] = NULL;
	return n;
}

static void exec_mapper(char *words[], int out) __attribute__((noreturn));

static void exec_mapper(char *words[], int out)
{
	dup2(out, 2);
	SYS_EXEC(execvp(words[0], words), words[0]);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Reads what the program says to its end. */
static void read_words(int fd, char *said, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used + 1 < size &&
	       ((n = read(fd, said + used, size - used - 1)) > 0 || (n < 0 && errno == EINTR)))
		used += n > 0 ? (size_t)n : 0;
	said[used] = '\0';
	said[strcspn(said, "\n")] = '\0';
}

static int run_mapper(const char *program, pid_t pid, const struct id_map *map, int count)
{
	char *words[MOST_WORDS], text[MOST_WORDS][16], said[256] = "";
	int pipe_ends[2], status = 0;

	if (make_words(program, pid, map, count, words, text) < 0)
		return -1;
	if (SYS(pipe2(pipe_ends, O_CLOEXEC), program) < 0)
		return -1;
	pid_t child = SYS(fork(), program);
	if (child == 0)
		exec_mapper(words, pipe_ends[1]);
	int saved = errno;
	close(pipe_ends[1]);
	if (child > 0)
		read_words(pipe_ends[0], said, sizeof(said));
	close(pipe_ends[0]);
	if (child < 0) {
		errno = saved;
		return -1;
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		sys_failure_set(ENOENT, program, program, "It is not installed.",
				"apt-get install uidmap");
	else
		sys_failure_set(EPERM, program, said[0] ? said : program,
				"It refuses: the ranges must stand in /etc/subuid and "
				"/etc/subgid for this user, and it must be set-uid root.",
				"grep \"$USER\" /etc/subuid /etc/subgid; ls -l $(command -v "
				"newuidmap newgidmap)");
	return -1;
}

bool sub_ids_installed(void)
{
	static const char *const bins[] = { "/usr/bin/", "/bin/", "/usr/local/bin/" };
	bool found[2] = { false, false };
	char path[64];

	for (int i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "%snew%cidmap", bins[i / 2], "ug"[i % 2]);
		found[i % 2] |= access(path, X_OK) == 0;
	}
	return found[0] && found[1];
}

int sub_ids_write(pid_t pid, const struct id_maps *maps)
{
	if (run_mapper("newuidmap", pid, maps->uid, maps->uids) < 0)
		return -1;
	return run_mapper("newgidmap", pid, maps->gid, maps->gids);
}
