/*
 * orphans.c: children nobody waits for, and a count of those that stay.
 */
#define _GNU_SOURCE
#include "observe.h"
#include "orphans.h"
#include "step08_init_reaper/given/init_life.h"
#include "step08_init_reaper/given/subreaper.h"
#include "step01_clone_pid/floor/host/ground.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/terminal.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/call/exit_codes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 100 };

int make_orphans_at_once(int count)
{
	int gate[2], status;
	char byte;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return -1;
	pid_t parent = fork();
	if (parent == 0) {
		close(gate[1]);
		for (int i = 0; i < count; i++) {
			pid_t orphan = fork();
			if (orphan == 0)
				_exit(read(gate[0], &byte, 1) != 0);
			if (orphan < 0)
				_exit(errno);
		}
		_exit(0);
	}
	close(gate[0]);
	if (parent < 0 || waitpid(parent, &status, 0) < 0 || status != 0) {
		errno = parent < 0 ? errno : WEXITSTATUS(status);
		return -1;
	}
	return close(gate[1]);
}

/* ---- orphans N ---- */

/* Everybody here but PID 1 and this process is an orphan, living or dead. */
struct census {
	int procfd, all, zombies;
};

static int count_one(pid_t pid, void *arg)
{
	struct census *census = arg;
	struct proc_stat stat;

	if (pid == 1 || pid == getpid() || proc_stat_read(census->procfd, pid, &stat) < 0)
		return 0;
	census->all++;
	census->zombies += stat.state == 'Z';
	return 0;
}

static struct census count_orphans(int procfd)
{
	struct census census = { .procfd = procfd };

	proc_each(procfd, count_one, &census);
	return census;
}

/* A line of PID 1's smaps_rollup. Private_Dirty is what it alone costs; Private_Clean could be read
 * from its file again at any time. -1: not to be read. */
static long memory_kib(int procfd, const char *key)
{
	char number[32] = "-1";
	char *text = read_whole_at(procfd, "1/smaps_rollup", NULL);

	if (text)
		status_value(text, key, number, sizeof(number));
	free(text);
	return atol(number);
}

/* Nanoseconds of CPU that PID 1 has used. -1: this kernel does not tell. */
static long long cpu_ns(int procfd)
{
	char text[128];

	return read_file_at(procfd, "1/schedstat", text, sizeof(text)) > 0 ? atoll(text) : -1;
}

static int make_work(const char *how_many)
{
	char *end;
	long count = strtol(how_many, &end, 10);
	int procfd = proc_open(), peak = 0;
	struct census census;

	if (*end || count < BATCH || count > 1000000 || count % BATCH || procfd < 0) {
		dprintf(2,
			"orphans: a multiple of %d, at most 1000000, and a /proc of the own PID "
			"namespace\n",
			BATCH);
		return EXIT_USAGE;
	}
	if (ground_check(NULL) != GROUND_GOOD) {
		ground_say("orphans");
		return EXIT_USAGE;
	}
	long start = clock_ms();
	for (long made = 0; made < count; made += BATCH) {
		if (make_orphans_at_once(BATCH) < 0) {
			dprintf(2, "orphans: fork after %ld: %s\n", made, strerror(errno));
			return 1;
		}
		if (made / BATCH % 10 == 9 && (census = count_orphans(procfd)).zombies > peak)
			peak = census.zombies;
	}
	long until = clock_ms() + 5000;
	do {
		census = count_orphans(procfd);
		peak = census.zombies > peak ? census.zombies : peak;
	} while (census.all > 0 && clock_ms() < until);
	long ms = clock_ms() - start;
	printf("orphans %ld ms %ld peak_zombies %d left %d init_cpu_us %lld init_dirty_kib %ld "
	       "init_clean_kib %ld\n",
	       count, ms, peak, census.zombies, cpu_ns(procfd) / 1000,
	       memory_kib(procfd, "Private_Dirty"), memory_kib(procfd, "Private_Clean"));
	close(procfd);
	return census.zombies != 0;
}

/* ---- init CMD ---- */

static int exec_argv(void *arg)
{
	char **argv = arg;

	SYS_EXEC(execvp(argv[0], argv), argv[0]);
	int status = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
	sys_failure_print(2, "init");
	return status;
}

static int run_alone(char **argv)
{
	bool ours = terminal_is_ours();
	struct init_life life = {
		.fn = exec_argv, .arg = argv, .foreground = ours, .leaves_session = ours
	};
	int status = getpid() != 1 ? subreaper_become() : 0;

	if (status == 0)
		status = init_live(&life);
	if (status < 0)
		sys_failure_print(2, "init");
	return status < 0 ? EXIT_OURS : status;
}

int init_command(int argc, char **argv)
{
	if (argc >= 3 && strcmp(argv[1], "init") == 0)
		return run_alone(argv + 2);
	if (argc == 3 && strcmp(argv[1], "orphans") == 0)
		return make_work(argv[2]);
	if (argc == 2 && (strcmp(argv[1], "init") == 0 || strcmp(argv[1], "orphans") == 0)) {
		dprintf(2, "usage: step08_init_reaper init CMD...\n       step08_init_reaper "
			   "orphans N\n");
		return EXIT_USAGE;
	}
	return -1;
}
