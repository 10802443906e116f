/*
 * ps_table.c: processes as ps(1) shows them, and their numbers inside.
 */
#define _GNU_SOURCE
#include "ps_table.h"

#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/escape.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NESTED_MOST = 33 };

/* The owner of PID's directory, by name where it has one. */
static void user_of(int procfd, const char *pid, char *out, size_t size)
{
	struct stat st;
	const struct passwd *user = NULL;

	snprintf(out, size, "?");
	if (fstatat(procfd, pid, &st, 0) < 0)
		return;
	user = getpwuid(st.st_uid);
	if (user)
		snprintf(out, size, "%s", user->pw_name);
	else
		snprintf(out, size, "%u", st.st_uid);
}

/* The command line, its words parted by blanks; of a process without one its name in brackets. */
static void command_of(int procfd, const char *pid, const char *comm, char *out, size_t size)
{
	char path[40];
	size_t length = 0;

	snprintf(path, sizeof(path), "%s/cmdline", pid);
	char *text = read_whole_at(procfd, path, &length);
	for (size_t i = 0; text && i + 1 < length; i++)
		if (!text[i])
			text[i] = ' ';
	if (text && length)
		escape(out, size, text, "");
	else
		snprintf(out, size, "[%s]", SHOWN(comm));
	free(text);
}

static void started(const struct proc_stat *stat, char *out, size_t size)
{
	struct timespec now, up;
	struct tm local;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	time_t at = now.tv_sec - up.tv_sec +
		    (time_t)(stat->starttime / (unsigned long)sysconf(_SC_CLK_TCK));
	localtime_r(&at, &local);
	strftime(out, size, now.tv_sec - at < 86400 ? "%H:%M" : "%b%d", &local);
}

static int print_one(int fd, int procfd, pid_t pid)
{
	struct proc_stat stat;
	pid_t numbers[NESTED_MOST];
	char name[16], user[32], start[16], command[512];

	snprintf(name, sizeof(name), "%d", pid);
	int count = nspid_read(procfd, pid, numbers, NESTED_MOST);
	if (count < 1 || proc_stat_read(procfd, pid, &stat) < 0)
		return 0;
	user_of(procfd, name, user, sizeof(user));
	command_of(procfd, name, stat.comm, command, sizeof(command));
	started(&stat, start, sizeof(start));
	unsigned long seconds =
		(unsigned long)((stat.utime + stat.stime) / (unsigned long)sysconf(_SC_CLK_TCK));
	return dprintf(fd, "%5d %-8s %7d %7d %2d %5s %-8s %02lu:%02lu:%02lu %s\n",
		       numbers[count - 1], user, pid, stat.ppid, 0, start, "?", seconds / 3600,
		       seconds / 60 % 60, seconds % 60, command) < 0
		       ? -1
		       : 0;
}

int ps_table(int fd, const pid_t pids[], int count)
{
	int procfd = proc_open();
	int result = procfd < 0 ? -1 : 0;

	if (result == 0 && dprintf(fd, "%5s %-8s %7s %7s %2s %5s %-8s %8s %s\n", "NSPID", "UID",
				   "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD") < 0)
		result = -1;
	for (int i = 0; result == 0 && i < count; i++)
		result = print_one(fd, procfd, pids[i]);
	if (procfd >= 0)
		close(procfd);
	return result;
}

/* ---- ps(1) ---- */

/* Which column of the first line is PID; -1: none. */
static int pid_column(const char *line)
{
	int column = 0;

	for (const char *at = line + strspn(line, " "); *at && *at != '\n'; column++) {
		size_t length = strcspn(at, " \n");
		if (length == 3 && strncmp(at, "PID", 3) == 0)
			return column;
		at += length;
		at += strspn(at, " ");
	}
	return -1;
}

static bool is_one_of(const char *line, int column, const pid_t pids[], int count)
{
	const char *at = line + strspn(line, " ");

	for (int i = 0; i < column; i++) {
		at += strcspn(at, " \n");
		at += strspn(at, " ");
	}
	for (int i = 0; i < count; i++)
		if (atoi(at) == pids[i])
			return true;
	return false;
}

static int filter(FILE *from, const pid_t pids[], int count)
{
	char *line = NULL;
	size_t size = 0;
	int column = -1, result = 0;

	for (bool first = true; getline(&line, &size, from) > 0; first = false) {
		if (first && (column = pid_column(line)) < 0) {
			sys_failure_set(EINVAL, "ps", "PID", "couldn't find PID field in ps output",
					"Options that show the column PID: -ef");
			result = -1;
			break;
		}
		if (first || is_one_of(line, column, pids, count))
			fputs(line, stdout);
	}
	free(line);
	return result;
}

static void run_ps(char *const options[], int to)
{
	static char name[] = "ps", *argv[64] = { name };

	for (int i = 0; i < 62 && options[i]; i++)
		argv[i + 1] = options[i];
	if (dup2(to, 1) >= 0)
		execvp("ps", argv);
	dprintf(2, "ps: %s\n", strerror(errno));
	_exit(127);
}

int ps_filtered(char *const options[], const pid_t pids[], int count)
{
	int ends[2], status = 0;

	if (SYS(pipe2(ends, O_CLOEXEC), "ps") < 0)
		return -1;
	pid_t child = SYS(fork(), "ps");
	if (child == 0)
		run_ps(options, ends[1]);
	close(ends[1]);
	FILE *from = child < 0 ? NULL : fdopen(ends[0], "re");
	int result = from ? filter(from, pids, count) : -1;
	if (from)
		fclose(from);
	else
		close(ends[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (result == 0 && status != 0) {
		sys_failure_set(ECHILD, "ps", "ps(1)", "It has failed; it says why itself.", NULL);
		result = -1;
	}
	return fflush(stdout) == 0 ? result : -1;
}
