/*
 * 01_clone_pid.c: the calls of lab 1.
 */
#define _GNU_SOURCE
#include "tests/labs/lib/driver.h"
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { UNTOUCHED = -77, LOCALS = 200 * 1024 };

static pid_t raw_clone(int flags, int *pidfd)
{
	pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, pidfd, NULL, NULL);

	if (pid < 0)
		cannot("clone");
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static char state_of(pid_t pid)
{
	struct proc_stat stat;
	int proc = proc_open();
	char state = proc_stat_read(proc, pid, &stat) < 0 ? '-' : stat.state;

	close(proc);
	return state;
}

/* Until that process sleeps: it is then in its wait. For less than a second. */
static void await_sleep(pid_t pid)
{
	for (int i = 0; i < 400; i++) {
		char state = state_of(pid);

		if (state == 'S' || state == '-')
			break;
		usleep(2000);
	}
}

/* The calling process stops. Another one lets it go on when its parent has had time to see it. */
static void stop_and_go_on(pid_t parent)
{
	pid_t self = getpid();
	pid_t other = raw_clone(SIGCHLD, NULL);

	if (other == 0) {
		while (state_of(self) != 'T')
			usleep(2000);
		usleep(20000);
		await_sleep(parent);
		kill(self, SIGCONT);
		_exit(0);
	}
	raise(SIGSTOP);
	waitpid(other, NULL, 0);
}

/* ---- spawn_wait: children that the driver makes itself ---- */

static void nothing(int sig)
{
	(void)sig;
}

/* A child with a pidfd, which ends when the caller is in its wait: by exit(number), after a stop
 * also, or by the signal. Before, it interrupts the caller's wait so many times. */
static pid_t child_that(const char *how, int number, int interrupts, int *pidfd)
{
	struct sigaction action = { .sa_handler = nothing }; /* without SA_RESTART */
	pid_t parent = getpid();

	sigaction(SIGUSR1, &action, NULL);
	pid_t pid = raw_clone(CLONE_PIDFD | SIGCHLD, pidfd);
	if (pid)
		return pid;
	announce();
	for (; interrupts > 0; interrupts--) {
		await_sleep(parent);
		kill(parent, SIGUSR1);
	}
	await_sleep(parent);
	if (strcmp(how, "stop") == 0) {
		stop_and_go_on(parent);
		await_sleep(parent);
	}
	if (strcmp(how, "signal") != 0)
		_exit(number);
	signal(number, SIG_DFL);
	kill(getpid(), number);
	for (;;)
		pause();
}

/* spawn_wait exit|stop|signal NUMBER INTERRUPTS */
static int play_spawn_wait(char **a)
{
	int status = UNTOUCHED;
	struct spawn sp = { 0 };

	sp.pid = child_that(a[0], atoi(a[1]), atoi(a[2]), &sp.pidfd);
	pid_t pid = sp.pid;
	int pidfd = sp.pidfd;
	int result = TRY(spawn_wait(&sp, &status));
	say("status", "%d", status);
	say("pid", "%s", sp.pid == pid ? "kept" : "changed");
	say("pidfd", "%d", sp.pidfd);
	say("was", "%d", pidfd);
	return result;
}

/* spawn_wait.other NUMBER: pid is the number of another child, which has ended. */
static int play_spawn_wait_other(char **a)
{
	int status = UNTOUCHED, other_fd;
	struct spawn sp = { 0 };
	siginfo_t info;

	child_that("exit", atoi(a[0]), 0, &sp.pidfd);
	sp.pid = raw_clone(CLONE_PIDFD | SIGCHLD, &other_fd);
	if (sp.pid == 0)
		_exit(atoi(a[0]) ^ 1);
	if (waitid(P_PIDFD, (id_t)other_fd, &info, WEXITED | WNOWAIT) < 0)
		cannot("waitid");
	int result = TRY(spawn_wait(&sp, &status));
	say("status", "%d", status);
	return result;
}

/* A child that another wait has found already. */
static void reaped(struct spawn *sp)
{
	sp->pid = raw_clone(CLONE_PIDFD | SIGCHLD, &sp->pidfd);
	if (sp->pid == 0)
		_exit(0);
	waitpid(sp->pid, NULL, 0);
}

/* spawn_wait.none "only zeroes"|"the pidfd -1"|"the pid -1"|"a child that was waited for": no child,
 * after a wait that worked. */
static int play_spawn_wait_none(char **a)
{
	int status = UNTOUCHED;
	struct spawn sp = { 0 };

	sp.pid = child_that("exit", 0, 0, &sp.pidfd);
	pid_t pid = sp.pid;
	int before = spawn_wait(&sp, &status);
	if (strcmp(a[0], "the pidfd -1") == 0)
		sp.pid = pid, sp.pidfd = -1;
	else if (strcmp(a[0], "the pid -1") == 0)
		sp.pid = -1, sp.pidfd = 0;
	else if (strcmp(a[0], "a child that was waited for") == 0)
		reaped(&sp);
	else
		sp.pid = sp.pidfd = 0;
	struct spawn given = sp;
	status = UNTOUCHED;
	int result = TRY(spawn_wait(&sp, &status));
	say("before", "%d", before);
	say("unchanged", "%d", status == UNTOUCHED && memcmp(&sp, &given, sizeof(sp)) == 0);
	return result;
}

/* ---- spawn ---- */

struct room {
	int ready;    /* the child writes a byte here */
	int number;   /* what it returns */
	int marks[2]; /* what it writes in its copy of the memory */
};

static int hold(void *arg)
{
	struct room *room = arg;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	announce();
	if (write(room->ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static int come_back(void *arg)
{
	return ((struct room *)arg)->number;
}

/* Needs most of the 256 KiB, and writes to what it was given. */
static int __attribute__((noinline)) fill(volatile struct room *room)
{
	volatile unsigned char locals[LOCALS];
	unsigned sum = 0;

	for (int i = 0; i < LOCALS; i++)
		locals[i] = (unsigned char)(i + room->number);
	for (int i = 0; i < LOCALS; i++)
		sum += (unsigned char)(locals[i] - (unsigned char)(i + room->number));
	room->marks[0] = room->marks[1] = 1;
	return sum == 0 ? room->number : 255;
}

static int need_room(void *arg)
{
	return fill(arg);
}

/* spawn FLAGS: the child stays, for the grader to look at it. */
static int play_spawn(char **a)
{
	static struct room room;
	struct spawn sp = { .flags = (int)strtol(a[0], NULL, 0), .fn = hold, .arg = &room };
	pid_t self = getpid();
	int ready[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC) < 0)
		cannot("pipe");
	room.ready = ready[1];
	int result = TRY(spawn(&sp));
	if (getpid() != self) /* the child came back */
		_exit(96);
	say("pid", "%d", sp.pid);
	say("pidfd", "%d", sp.pidfd);
	close(ready[1]);
	say("fn", "%s", result == 0 && read(ready[0], &byte, 1) == 1 ? "ran" : "did not run");
	return result;
}

/* spawn.end NUMBER back|room: the child ends by itself. */
static int play_spawn_end(char **a)
{
	static struct room room;
	bool big = strcmp(a[1], "room") == 0;
	struct spawn sp = { .fn = big ? need_room : come_back, .arg = &room };
	pid_t self = getpid(), ended;
	int status = 0;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	room.number = atoi(a[0]);
	int result = TRY(spawn(&sp));
	if (getpid() != self)
		_exit(96);
	if (result < 0)
		return result;
	/* A plain wait; where the stack is looked at, one that finds every child. */
	while ((ended = (pid_t)wait4(-1, &status, big ? __WALL : 0, NULL)) < 0 && errno == EINTR)
		;
	sigpending(&set);
	say("wait", "%s", ended < 0 ? strerrorname_np(errno) : "child");
	say("signal", "%s", sigismember(&set, SIGCHLD) ? "SIGCHLD" : "none");
	if (ended == sp.pid && WIFEXITED(status))
		say("exited", "%d", WEXITSTATUS(status));
	if (ended == sp.pid && WIFSIGNALED(status))
		say("killed", "SIG%s", sigabbrev_np(WTERMSIG(status)));
	say("memory", "%s", room.marks[0] || room.marks[1] ? "written" : "untouched");
	return result;
}

/* spawn.refused FLAGS...: up to the first that is not refused; before, a call that works, and one
 * that the kernel refuses. */
static int play_spawn_refused(char **a)
{
	static struct room room;
	struct spawn good = { .fn = come_back, .arg = &room };
	struct spawn sp, last = { CLONE_NEWUSER | CLONE_FS, come_back, &room, 55, 55 };
	pid_t self = getpid();
	int before = spawn(&good), result = -1;

	while (before == 0 && wait4(-1, NULL, __WALL, NULL) < 0 && errno == EINTR)
		;
	int refused = spawn(&last);
	for (; *a && result < 0; a++) {
		sp = (struct spawn){ (int)strtol(*a, NULL, 0), come_back, &room, 55, 55 };
		errno = 0;
		result = TRY(spawn(&sp));
		if (errno != EINVAL || sp.pid != -1 || sp.pidfd != -1)
			break;
	}
	if (getpid() != self)
		_exit(96);
	say("before", "%d", before);
	say("pid", "%d", sp.pid);
	say("pidfd", "%d", sp.pidfd);
	say("child", "%s", wait4(-1, NULL, __WALL, NULL) < 0 ? "none" : "one");
	say("contradiction", "%d, pid %d, pidfd %d", refused, last.pid, last.pidfd);
	return result;
}

/* spawn.full: no process more is allowed, after a call that worked. */
static int play_spawn_full(char **a)
{
	static struct room room;
	struct rlimit limit = { 1, 1 };
	struct spawn sp = { .fn = come_back, .arg = &room };
	pid_t self = getpid();
	int before = spawn(&sp);

	(void)a;
	while (before == 0 && wait4(-1, NULL, __WALL, NULL) < 0 && errno == EINTR)
		;
	if (setrlimit(RLIMIT_NPROC, &limit) < 0)
		cannot("a limit on processes");
	sp = (struct spawn){ .flags = CLONE_NEWPID, .fn = come_back, .arg = &room };
	int result = TRY(spawn(&sp));
	if (getpid() != self)
		_exit(96);
	say("before", "%d", before);
	return result;
}

/* spawn.tight NUMBER: no memory more can be mapped. What needs none works as ever. */
static int play_spawn_tight(char **a)
{
	static struct room room;
	struct rlimit limit, none;
	struct spawn sp = { .fn = come_back, .arg = &room, .pid = 55, .pidfd = 55 };
	pid_t self = getpid();
	int status;

	room.number = atoi(a[0]);
	fill(&(struct room){ 0 }); /* the caller's own stack does not have to grow any more */
	getrlimit(RLIMIT_AS, &limit);
	none = (struct rlimit){ 4096, limit.rlim_max };
	setrlimit(RLIMIT_AS, &none);
	int result = TRY(spawn(&sp));
	if (getpid() != self)
		_exit(96);
	setrlimit(RLIMIT_AS, &limit);
	if (result < 0)
		say("child", "none, pid %d, pidfd %d", sp.pid, sp.pidfd);
	else if (wait4(sp.pid, &status, __WALL, NULL) == sp.pid && WIFEXITED(status))
		say("child", "exited %d", WEXITSTATUS(status));
	else
		say("child", "killed");
	return result;
}

/* How much memory the caller has mapped, in KiB. */
static long mapped(void)
{
	char text[128] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		cannot("/proc/self/statm");
	close(fd);
	return atol(text) * (sysconf(_SC_PAGESIZE) / 1024);
}

/* What an allocator keeps for later calls, it keeps once. */
static void say_grown(const char *key, long before)
{
	long grown = mapped() - before;

	if (grown < 512)
		say(key, "nothing");
	else
		say(key, "%ld KiB", grown);
}

enum { WARM_UP = 4, CALLS = 16 };

/* spawn.again: many calls that work, then many that fail, as in spawn.full. */
static int play_spawn_again(char **a)
{
	static struct room room;
	struct rlimit limit = { 1, 1 };
	struct spawn sp;
	pid_t self = getpid();
	long before = 0, full = 0;
	int result = 0;

	(void)a;
	for (int i = 0; i < WARM_UP + CALLS && result == 0; i++) {
		before = i == WARM_UP ? mapped() : before;
		sp = (struct spawn){ .fn = come_back, .arg = &room };
		result = TRY(spawn(&sp));
		if (getpid() != self)
			_exit(96);
		if (result == 0 && wait4(sp.pid, NULL, __WALL, NULL) == sp.pid)
			close(sp.pidfd);
	}
	if (result < 0)
		return result;
	say_grown("grown", before);
	setrlimit(RLIMIT_NPROC, &limit);
	for (int i = 0; i < WARM_UP + CALLS; i++) {
		full = i == WARM_UP ? mapped() : full;
		sp = (struct spawn){ .fn = come_back, .arg = &room };
		if (spawn(&sp) == 0)
			cannot("a limit on processes");
	}
	say_grown("grown_by_failures", full);
	return result;
}

/* ---- nspid ---- */

static void say_numbers(const pid_t *pids, int count)
{
	char text[512] = "";
	size_t n = 0;

	for (int i = 0; i < count && n < sizeof(text); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, i ? " %d" : "%d", pids[i]);
	say("numbers", "%s", text);
}

/* In a child: goes on in a new PID namespace, so many times. */
static void __attribute__((noreturn)) descend(int levels, const char *name, int tell)
{
	char text[32] = "";

	/* Its number is not always the same. */
	for (int i = (int)(random() % 20); i > 0; i--) {
		pid_t other = raw_clone(SIGCHLD, NULL);
		if (other == 0)
			_exit(0);
		waitpid(other, NULL, 0);
	}
	if (levels > 0) {
		if (raw_clone(CLONE_NEWPID | SIGCHLD, NULL) == 0)
			descend(levels - 1, name, tell);
	} else {
		announce();
		prctl(PR_SET_NAME, name);
		if (readlink("/proc/self", text, sizeof(text) - 1) < 0 ||
		    write(tell, text, sizeof(text)) < 0)
			_exit(1);
	}
	close(tell);
	for (;;)
		pause();
}

/* A process so many PID namespaces deeper. Its number in the caller's /proc. */
static pid_t deeper(int levels, const char *name)
{
	char text[32] = "";
	int tell[2];

	if (pipe2(tell, O_CLOEXEC) < 0)
		cannot("pipe");
	if (raw_clone(SIGCHLD, NULL) == 0)
		descend(levels, name, tell[1]);
	close(tell[1]);
	if (read(tell[0], text, sizeof(text)) <= 0)
		cannot("nested PID namespaces");
	close(tell[0]);
	return (pid_t)atoi(text);
}

static int try_read(int proc, pid_t pid, int max)
{
	pid_t pids[65];

	for (int i = 0; i < 65; i++)
		pids[i] = UNTOUCHED;
	int result = TRY(nspid_read(proc, pid, pids, max));
	say_numbers(pids, result);
	say("beyond", "%s", pids[max] == UNTOUCHED ? "untouched" : "written");
	return result;
}

/* nspid_read MAX LEVELS NAME: a process that is LEVELS namespaces deeper, and is called NAME. */
static int play_nspid_read(char **a)
{
	int proc = proc_open();

	srandom((unsigned)strtoul(getenv("LAB_SEED"), NULL, 16));
	return try_read(proc, deeper(atoi(a[1]), a[2]), atoi(a[0]));
}

/* nspid_read.gone: a number that no process has any more. */
static int play_nspid_read_gone(char **a)
{
	int proc = proc_open();
	pid_t pid = raw_clone(SIGCHLD, NULL);

	(void)a;
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	return try_read(proc, pid, 33);
}

/* The text of a status file, for the caller to free. Its thread group has other numbers. */
static char *status_text(const char *name, int groups, char **numbers)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		cannot("memory");
	fprintf(f, "Name:\t%s\nUmask:\t0022\nState:\tS (sleeping)\nGroups:\t", name);
	for (int i = 0; i < groups; i++)
		fprintf(f, "%d ", 1000000000 + i);
	fprintf(f, "\nNStgid:\t31\t4\t2\n");
	for (int i = 0; numbers[i]; i++)
		fprintf(f, "%s%s", i ? "\t" : "NSpid:\t", numbers[i]);
	fprintf(f, "%sNSpgid:\t31\t4\t2\nNSsid:\t31\t4\t0\nThreads:\t2\n", *numbers ? "\n" : "");
	fclose(f);
	return text;
}

/* nspid_read.file DIR PID NUMBER...: DIR/PID/status is a file of 66 KB. It is read many times. */
static int play_nspid_read_file(char **a)
{
	char *text = status_text("sh", 6000, a + 2), path[512];
	pid_t pids[33];

	snprintf(path, sizeof(path), "%s/%s/status", a[0], a[1]);
	make_file(path, text);
	int proc = open(a[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		cannot(a[0]);
	int result = try_read(proc, (pid_t)atoi(a[1]), 33);
	long before = mapped();
	for (int i = 0; i < CALLS * 2; i++)
		nspid_read(proc, (pid_t)atoi(a[1]), pids, 33);
	say_grown("grown", before);
	return result;
}

/* nspid_parse MAX NAME NUMBER...: a text; without numbers it has no line NSpid. */
static int play_nspid_parse(char **a)
{
	char *text = status_text(a[1], 3, a + 2), *given = strdup(text);
	pid_t pids[65];
	int max = atoi(a[0]);

	for (int i = 0; i < 65; i++)
		pids[i] = UNTOUCHED;
	int result = TRY(nspid_parse(text, pids, max));
	say_numbers(pids, result);
	say("beyond", "%s", pids[max] == UNTOUCHED ? "untouched" : "written");
	say("text", "%s", strcmp(text, given) == 0 ? "kept" : "changed");
	return result;
}

const struct lab_call lab_calls[] = {
	{ "spawn_wait", play_spawn_wait,
	  "spawn_wait(sp, &status); the child ends by [1=exit:exit status][1=stop:exit "
	  "status][1=signal:signal] $2[1=stop:, after a stop]; "
	  "signal handlers that interrupt the wait: $3" },
	{ "spawn_wait.other", play_spawn_wait_other,
	  "spawn_wait(sp, &status); sp->pidfd is a child that exits with $1, sp->pid is the number "
	  "of another child" },
	{ "spawn_wait.none", play_spawn_wait_none,
	  "spawn_wait(sp, &status); there is no child: sp has $1" },
	{ "spawn", play_spawn, "spawn(sp); sp->flags $c1" },
	{ "spawn.end", play_spawn_end,
	  "spawn(sp); sp->fn [2=room:uses 200 KiB of stack, and ]returns $1" },
	{ "spawn.refused", play_spawn_refused, "spawn(sp), with each of these sp->flags: $*" },
	{ "spawn.full", play_spawn_full,
	  "spawn(sp), where no more processes are allowed (RLIMIT_NPROC)" },
	{ "spawn.tight", play_spawn_tight,
	  "spawn(sp), where no more memory can be mapped (RLIMIT_AS); sp->fn returns $1" },
	{ "spawn.again", play_spawn_again,
	  "spawn(sp), 20 times, and then 20 times where no more processes are allowed" },
	{ "nspid_read", play_nspid_read,
	  "nspid_read(procfd, pid, pids, max); max $1, process pid is $2 PID namespaces deeper "
	  "than the caller, its name is '$3'" },
	{ "nspid_read.gone", play_nspid_read_gone,
	  "nspid_read(procfd, pid, pids, 33); no process has this pid" },
	{ "nspid_read.file", play_nspid_read_file,
	  "nspid_read(procfd, pid, pids, 33); procfd is $1, pid $2, and the numbers in $2/status "
	  "are $*" },
	{ "nspid_parse", play_nspid_parse,
	  "nspid_parse(status, pids, max); max $1, in status the name is '$2'[, the line NSpid has "
	  "$*]" },
	{ 0 },
};
