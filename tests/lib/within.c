/*
 * within.c - run a command within a time, and let none of its processes outlive it.
 *
 *   within [-k GRACE] [-l LINGER] SECONDS COMMAND [ARG...]
 *
 * The command gets a process group of its own. When its time is over, the group gets SIGTERM, and
 * GRACE seconds later (10) every process that descends from the command gets SIGKILL. A process
 * that has left the group, the session or its parent does not escape: within is the child subreaper
 * (PR_SET_CHILD_SUBREAPER) of all of them, so that an orphan becomes its child; it kills its
 * children, and then theirs, until wait(2) says ECHILD. A process in a PID namespace of the
 * command's has the init of that namespace among its ancestors, and dies with it.
 *
 * What still runs LINGER seconds (5) after the command has ended is named and killed in the same
 * way.
 *
 * SIGTERM, SIGINT and SIGHUP that within receives end the command as if its time were over.
 *
 * Lines on standard output, each before the signal that it speaks of:
 *
 *   within: SECONDS s are over
 *   within: ended by signal N
 *   within: left running: PID NAME
 *
 * Exit status: the command's (128 + N where signal N ended it); 124, its time was over; 125, within
 * itself failed; 126 or 127, the command cannot be executed or found.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t command;
static int command_status = -1; /* as wait(2) gives it; -1 while the command runs */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Reaps whatever has ended. Returns false when there is no child left. */
static bool reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == command)
			command_status = status;
	return pid == 0;
}

/* Waits for one of the signals, at most until the given time. Returns its number, or 0 when the
 * time has come. */
static int next_signal(const sigset_t *set, double until)
{
	double left = until - now();
	struct timespec t;
	int got;

	if (left < 0)
		left = 0;
	t.tv_sec = (time_t)left;
	t.tv_nsec = (long)((left - (double)t.tv_sec) * 1e9);
	got = sigtimedwait(set, NULL, &t);
	return got > 0 ? got : 0;
}

/* Waits until the command has ended, or with `all` every child. Returns 0 then; 124 when the time
 * has come; else the number of the signal that within received. */
static int wait_until(const sigset_t *set, double until, bool all)
{
	while (reap() && (all || command_status < 0)) {
		int sig = next_signal(set, until);

		if (sig && sig != SIGCHLD)
			return sig;
		if (!sig && now() >= until)
			return 124;
	}
	return 0;
}

/* Reads the parent and the name of a process. Returns false where there is no such process any
 * more. */
static bool parent_and_name(const char *pid, pid_t *parent, char name[32])
{
	char path[64], line[512];
	const char *open, *close;
	size_t length;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.16s/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	length = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	line[length] = '\0';
	open = strchr(line, '(');
	close = strrchr(line, ')'); /* the name may hold parentheses itself */
	if (!open || !close || strlen(close) < 5)
		return false;
	*parent = (pid_t)strtol(close + 4, NULL, 10); /* ") S 17": the state is one letter */
	snprintf(name, 32, "%.*s", (int)(close - open - 1), open + 1);
	return true;
}

/* SIGKILL to every child. Only within itself reaps its children, so none of these numbers can have
 * been given away. */
static void kill_children(bool say)
{
	struct dirent *entry;
	char name[32];
	pid_t parent;
	DIR *proc = opendir("/proc");

	if (!proc)
		return;
	while ((entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0 || !parent_and_name(entry->d_name, &parent, name) ||
		    parent != getpid())
			continue;
		if (say)
			printf("within: left running: %d %s\n", (int)pid, name);
		kill(pid, SIGKILL);
	}
	fflush(stdout);
	closedir(proc);
}

/* Kills children, and those that become children by that, until none is left. A process in an
 * uninterruptible sleep does not die: after 30 s within gives up, and says so. */
static void kill_all(const sigset_t *set, bool say)
{
	double end = now() + 30;

	while (reap()) {
		if (now() >= end) {
			printf("within: processes do not die within 30 s of SIGKILL\n");
			return;
		}
		kill_children(say);
		wait_until(set, now() + 0.05, true);
	}
}

/* The command's process. Does not return. */
static void execute(char **argv, const sigset_t *mask)
{
	setpgid(0, 0);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	fprintf(stderr, "within: cannot execute %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int fail(const char *what)
{
	fprintf(stderr, "within: %s: %s\n", what, strerror(errno));
	return 125;
}

/* Ends the command, whose time is over (124) or whose end was asked for by a signal. Returns the
 * exit status. */
static int end_command(const sigset_t *set, int why, const char *seconds, double grace)
{
	if (why == 124)
		printf("within: %s s are over\n", seconds);
	else
		printf("within: ended by signal %d\n", why);
	fflush(stdout);
	kill(-command, SIGTERM);
	kill(-command, SIGCONT);
	wait_until(set, now() + grace, true);
	kill_all(set, false);
	return why == 124 ? 124 : 128 + why;
}

static int run(char **argv, const char *seconds, double grace, double linger)
{
	sigset_t set, before;
	int why;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	signal(SIGCHLD, SIG_DFL); /* ignored by the caller, it would take the exit status away */
	if (sigprocmask(SIG_BLOCK, &set, &before) < 0)
		return fail("sigprocmask");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return fail("prctl(PR_SET_CHILD_SUBREAPER)");
	command = fork();
	if (command < 0)
		return fail("fork");
	if (command == 0)
		execute(argv, &before);
	setpgid(command, command); /* whichever of the two is first */

	why = wait_until(&set, now() + strtod(seconds, NULL), false);
	if (why)
		return end_command(&set, why, seconds, grace);
	wait_until(&set, now() + linger, true);
	kill_all(&set, true);
	return WIFSIGNALED(command_status) ? 128 + WTERMSIG(command_status)
					   : WEXITSTATUS(command_status);
}

int main(int argc, char **argv)
{
	double grace = 10, linger = 5;
	int option;

	while ((option = getopt(argc, argv, "+k:l:")) != -1) {
		if (option == 'k')
			grace = strtod(optarg, NULL);
		else if (option == 'l')
			linger = strtod(optarg, NULL);
		else
			return 125;
	}
	if (argc - optind < 2 || strtod(argv[optind], NULL) <= 0) {
		fprintf(stderr, "usage: within [-k GRACE] [-l LINGER] SECONDS COMMAND [ARG...]\n");
		return 125;
	}
	return run(argv + optind + 1, argv[optind], grace, linger);
}
