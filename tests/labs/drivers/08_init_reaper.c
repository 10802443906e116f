/*
 * 08_init_reaper.c: the calls of lab 8.
 *
 * The process that is judged is a subreaper, not number 1: what it sends to all processes of its PID
 * namespace would hit others too, and one of those is there to see it (`bystander`).
 */
#define _GNU_SOURCE
#include "tests/labs/lib/driver.h"
#include "step08_init_reaper/init_reaper.h"
#include "step08_init_reaper/given/subreaper.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REPORT = 3, TRACE = 9 };

static const char *place; /* a directory for what the processes write */

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- processes ---- */

static int told[2] = { -1, -1 };

static void open_told(void)
{
	if (pipe2(told, O_CLOEXEC) < 0)
		cannot("pipe");
}

/* In the new process: it is what it should be. */
static void ready(const char *name)
{
	if (*name)
		tell(name);
	close(REPORT);
	close(told[0]);
	close(told[1]);
}

/* In the one that waits for it: until no new process has the pipe any more. */
static void await_ready(void)
{
	char byte;

	close(told[1]);
	while (read(told[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(told[0]);
}

static void write_and_exit(int sig)
{
	char path[512];

	(void)sig;
	usleep(150 * 1000);
	snprintf(path, sizeof(path), "%s/orderly", place);
	make_file(path, "orderly");
	_exit(0);
}

static void leave_a_child(int sig)
{
	(void)sig;
	if (fork() > 0)
		_exit(0);
	signal(SIGTERM, SIG_IGN);
}

static void exit_seven(int sig)
{
	(void)sig;
	_exit(7);
}

/* Has children of its parent end all the time, for five seconds or more. */
static void breed(void)
{
	char path[512];

	for (int i = 0; i < 250; i++) {
		if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL) == 0)
			_exit(0);
		usleep(20 * 1000);
	}
	snprintf(path, sizeof(path), "%s/bred", place);
	make_file(path, "bred");
	_exit(0);
}

/* What a process of this kind does; does not return. */
static void be(const char *kind, const char *name)
{
	sigset_t set;

	sigemptyset(&set);
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	if (strcmp(kind, "blocks") == 0)
		sigfillset(&set);
	else if (strcmp(kind, "ignores") == 0 || strcmp(kind, "breeds") == 0)
		signal(SIGTERM, SIG_IGN);
	else if (strcmp(kind, "writes") == 0)
		signal(SIGTERM, write_and_exit);
	else if (strcmp(kind, "bears") == 0)
		signal(SIGTERM, leave_a_child);
	sigprocmask(SIG_SETMASK, &set, NULL);
	if (strcmp(kind, "leads") == 0 && fork() == 0)
		signal(SIGTERM, SIG_IGN);
	ready(name);
	if (strcmp(kind, "stopped") == 0)
		raise(SIGSTOP);
	if (strcmp(kind, "breeds") == 0)
		breed();
	for (;;)
		pause();
}

/* A child of that kind, in this process group (0: its own). Its number. */
static pid_t child(const char *kind, const char *name, pid_t group)
{
	siginfo_t info;

	open_told();
	pid_t pid = fork();
	if (pid < 0)
		cannot("fork");
	if (pid == 0) {
		setpgid(0, group);
		be(kind, name);
	}
	await_ready();
	if (strcmp(kind, "stopped") == 0) /* WNOWAIT: a later wait sees the stop as well */
		waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT);
	return pid;
}

/* The process goes on as a subreaper, and there is a bystander that is none of its descendants. */
static void become_init(const char *kind)
{
	int status;

	child(kind, "bystander", 0);
	pid_t pid = fork();
	if (pid < 0)
		cannot("fork");
	if (pid == 0) {
		if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
			cannot("a subreaper");
		return;
	}
	close(REPORT);
	signal(SIGTERM, SIG_IGN);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* As init_start() leaves it, but that the driver's alarm still comes. */
static void block_signals(struct init *init)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE,	SIGILL,
				      SIGTRAP, SIGSYS, SIGABRT, SIGALRM };

	sigfillset(&init->watched);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(&init->watched, faults[i]);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &init->watched, NULL);
}

/* A child that has ended and was not waited for: with that exit status, or, from 256 on, by the
 * signal of the number above 256. Every third is in the caller's group, every third
 * leads a group, every third a session. */
static pid_t ended(int status)
{
	static int count;
	siginfo_t info;

	count++;
	pid_t pid = fork();
	if (pid < 0)
		cannot("fork");
	if (pid == 0) {
		if (count % 3 == 1)
			setpgid(0, 0);
		else if (count % 3 == 2)
			setsid();
		if (status > 256)
			kill(getpid(), status - 256);
		_exit(status);
	}
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	return pid;
}

/* The number of a process that was there. */
static pid_t gone(void)
{
	pid_t pid = ended(0);

	waitpid(pid, NULL, 0);
	return pid;
}

static void say_init(const struct init *init)
{
	say("main", "%d", (int)init->main);
	say("ended", "%d", init->ended);
	say("status", "%d", init->status);
	say("reaped", "%lu", init->reaped);
}

/* ---- init_status ---- */

/* init_status STATUS... */
static int play_status(char **a)
{
	int results[16], count = 0;

	for (; a[count] && count < 16; count++)
		results[count] = TRY(init_status(atoi(a[count])));
	for (int i = 0; i < count; i++)
		say(a[i], "%d", results[i]);
	return 0;
}

/* ---- init_start ---- */

static pid_t caller;

/* Which of the two processes is late after the fork, and what the other one has done by then. By
 * pthread_atfork(3), in fork(3) itself. After two seconds the late one goes on: the other may be
 * waiting for it. */
struct after_fork {
	enum { NOBODY, PARENT, CHILD } late;
	bool in_fn, returned;
	bool group; /* fn was called in the group that its process leads */
	struct init init;
};
static struct after_fork *after_fork;

static void await(const volatile bool *flag)
{
	for (int i = 0; i < 400 && !*flag; i++)
		usleep(5000);
}

static void in_parent(void)
{
	if (after_fork->late == PARENT)
		await(&after_fork->in_fn);
}

static void in_child(void)
{
	if (after_fork->late == CHILD)
		await(&after_fork->returned);
}

static struct init *late(int which)
{
	after_fork = mmap(NULL, sizeof(*after_fork), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (after_fork == MAP_FAILED || pthread_atfork(NULL, in_parent, in_child) != 0)
		cannot("memory");
	after_fork->late = which;
	return &after_fork->init;
}

/* fn: the main command, kept small. */
static int wait_for_ever(void *arg)
{
	if (getpid() == caller)
		_exit(1);
	after_fork->group = getpgrp() == getpid();
	after_fork->in_fn = true;
	ready(arg);
	for (;;)
		pause();
}

static int return_number(void *arg)
{
	if (getpid() == caller)
		_exit(1);
	ready("main");
	return *(int *)arg;
}

static void block_usr2(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

/* init_start: SIGUSR2 is blocked before; and the caller is late. */
static int play_start(char **a)
{
	struct init init = { .fn = wait_for_ever, .arg = "main" };
	static const int asked[] = { SIGCHLD, SIGTERM, SIGHUP, SIGUSR1, SIGCONT, SIGSEGV };

	(void)a;
	caller = getpid();
	block_usr2();
	open_told();
	late(PARENT);
	int result = TRY(init_start(&init));
	after_fork->late = NOBODY;
	await_ready();
	say_init(&init);
	say("group", "%s", after_fork->group ? "own" : "of the caller");
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		if (sigismember(&init.watched, asked[i]) == 1)
			say("watched", "%s", sigabbrev_np(asked[i]));
	return result;
}

/* init_start.shared: the struct lies in memory that both processes have; and the child is late. */
static int play_start_shared(char **a)
{
	struct init *init = late(CHILD);

	(void)a;
	caller = getpid();
	init->fn = wait_for_ever;
	init->arg = "main";
	open_told();
	int result = TRY(init_start(init));
	after_fork->returned = true;
	await_ready();
	say_init(init);
	return result;
}

/* init_start.returns NUMBER: SIGCHLD is ignored before, and fn returns the number. */
static int play_start_returns(char **a)
{
	int number = atoi(a[0]), status;
	struct init init = { .fn = return_number, .arg = &number };

	caller = getpid();
	signal(SIGCHLD, SIG_IGN);
	open_told();
	int result = TRY(init_start(&init));
	await_ready();
	if (result == 0 && waitpid(init.main, &status, 0) == init.main)
		say("waited", "%d", status);
	return result;
}

/* init_start.refused: there can be no more processes. */
static int play_start_refused(char **a)
{
	struct init init = { .fn = return_number, .arg = &caller };
	struct rlimit limit;

	(void)a;
	caller = getpid();
	block_usr2();
	getrlimit(RLIMIT_NPROC, &limit);
	limit.rlim_cur = 0;
	setrlimit(RLIMIT_NPROC, &limit);
	return TRY(init_start(&init));
}

/* ---- init_reap ---- */

/* init_reap COUNT LIVING STATUS: of the children so many have ended, the middle one is the main
 * command and has that status (-1: the main command is none of them). Those that live are stopped. */
static int play_reap(char **a)
{
	int count = atoi(a[0]), living = atoi(a[1]), status = atoi(a[2]);
	struct init init = { .main = 0 };

	block_signals(&init);
	for (int i = 0; i < count; i++) {
		pid_t pid = ended(i == count / 2 ? status : 1);

		if (i == count / 2 && status >= 0)
			init.main = pid;
	}
	for (int i = 0; i < living; i++) {
		pid_t pid = child("stopped", i ? "" : "living", 0);

		if (status < 0)
			init.main = pid;
	}
	int result = TRY(init_reap(&init));
	say_init(&init);
	return result;
}

/* init_reap.again STATUS: the main command was waited for, and a child that has its number has ended
 * with another status. */
static int play_reap_again(char **a)
{
	struct init init = { .ended = true, .status = atoi(a[0]), .reaped = 1 };

	block_signals(&init);
	init.main = ended(1);
	int result = TRY(init_reap(&init));
	say_init(&init);
	return result;
}

/* ---- init_forward ---- */

/* init_forward SIGNAL: to the main command, which has a group with another process in it. */
static int play_forward(char **a)
{
	struct init init = { .main = 0 };

	become_init("blocks");
	block_signals(&init);
	init.main = child("blocks", "main", 0);
	child("blocks", "mate", init.main);
	return TRY(init_forward(&init, atoi(a[0])));
}

/* init_forward.stopped SIGNAL: the main command is stopped. */
static int play_forward_stopped(char **a)
{
	struct init init = { .main = 0 };

	block_signals(&init);
	init.main = child("stopped", "main", 0);
	return TRY(init_forward(&init, atoi(a[0])));
}

/* init_forward.ended SIGNAL: the main command was waited for, and a process has its number. */
static int play_forward_ended(char **a)
{
	struct init init = { .ended = true, .reaped = 1 };

	block_signals(&init);
	init.main = child("blocks", "other", 0);
	return TRY(init_forward(&init, atoi(a[0])));
}

/* init_forward.gone SIGNAL: no process has the number. */
static int play_forward_gone(char **a)
{
	struct init init = { .main = gone() };

	block_signals(&init);
	return TRY(init_forward(&init, atoi(a[0])));
}

/* ---- init_end_rest ---- */

static bool meanwhile; /* a process is to be born while SIGKILL is sent */

int __real_signal_descendants(int signal_number);
int __wrap_signal_descendants(int signal_number);

/* What the piece calls in place of signal_descendants() (ld(1), --wrap): a process that is not there
 * yet when the others are looked up. */
int __wrap_signal_descendants(int signal_number)
{
	int result = __real_signal_descendants(signal_number), saved = errno;

	if (signal_number == SIGKILL && meanwhile) {
		meanwhile = false;
		child("ignores", "", 0);
	}
	errno = saved;
	return result;
}

/* init_end_rest DIR GRACE KIND...: children that are left when the main command has ended;
 * `meanwhile`: one that is born when SIGKILL has been sent to the others. */
static int play_end_rest(char **a)
{
	struct init init = { .ended = true, .reaped = 1, .grace_ms = atoi(a[1]) };

	place = a[0];
	become_init("plain");
	init.main = gone();
	block_signals(&init);
	for (char **kind = a + 2; *kind; kind++) {
		if (strcmp(*kind, "meanwhile") == 0)
			meanwhile = true;
		else
			child(*kind, *kind, 0);
	}
	long begin = now_ms();
	int result = TRY(init_end_rest(&init));
	say("waited", "%s", now_ms() - begin < init.grace_ms ? "less" : "grace_ms");
	say_init(&init);
	return result;
}

/* ---- init_serve: closes descriptor 3 too, so its parent reports for it ---- */

struct served {
	pid_t main;
	bool returned;
	int result, err;
	struct failure failure;
	struct init init;
};
static struct served *shared;

static char state_of(pid_t pid)
{
	char path[32], text[512], *end;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return '?';
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	end = strrchr(text, ')');
	return end && end[1] ? end[2] : '?';
}

/* Until the process has stopped, and then its report. From the main command's end on it has 4
 * seconds; before, the grader looks at it. */
static void report_for(pid_t pid)
{
	long deadline = 0;
	char text[64];
	int status;

	signal(SIGTERM, SIG_IGN);
	for (;;) {
		pid_t changed = waitpid(pid, &status, WNOHANG | WUNTRACED);

		/* It stops itself when it is done. Before, the grader may stop it. */
		if (changed != 0 && (!WIFSTOPPED(status) || shared->returned))
			break;
		if (!deadline && shared->main && !strchr("RSDT", state_of(shared->main)))
			deadline = now_ms() + 4000;
		if (!deadline || now_ms() < deadline) {
			usleep(1000);
			continue;
		}
		message("caught\tsignal=time");
		_exit(97);
	}
	if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "caught\tsignal=%s", sigabbrev_np(WTERMSIG(status)));
		message(text);
		_exit(97);
	}
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	try_begin();
	sys_failure_adopt(&shared->failure);
	errno = shared->err;
	try_end(shared->result, false);
	say_init(&shared->init);
}

static int serve(struct init *init)
{
	try_begin();
	alarm(0); /* the parent looks at the clock */
	shared->main = init->main;
	shared->result = init_serve(init);
	shared->err = errno;
	shared->failure = *sys_failure();
	shared->init = *init;
	shared->returned = true;
	raise(SIGSTOP);
	return shared->result;
}

/* Goes on in the process that is judged; the parent comes back with its report. True in the first. */
static bool fork_init(struct init *init)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		cannot("mmap");
	child("plain", "bystander", 0);
	pid_t pid = fork();
	if (pid < 0)
		cannot("fork");
	if (pid > 0) {
		report_for(pid);
		return false;
	}
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		cannot("a subreaper");
	block_signals(init);
	tell("init");
	return true;
}

/* A process whose parent ends: it becomes a child of the subreaper. The caller gets no SIGCHLD of
 * its own for it. */
static void orphan(const char *kind, const char *name)
{
	pid_t pid = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);

	if (pid < 0)
		cannot("fork");
	if (pid == 0) {
		open_told();
		pid = fork();
		if (pid == 0 && *kind)
			be(kind, name);
		await_ready();
		_exit(0);
	}
	waitpid(pid, NULL, __WALL);
}

/* The main command: leaves orphans, and says so when the init waits for signals. Those that are sent
 * to it stay pending, but for SIGHUP, which makes it exit with 7, and SIGTERM, which ends it. */
static void main_command(int go)
{
	pid_t parent = getppid();
	char byte;
	sigset_t set;

	signal(SIGHUP, exit_seven);
	sigfillset(&set);
	sigdelset(&set, SIGHUP);
	sigdelset(&set, SIGTERM);
	sigdelset(&set, SIGCONT);
	sigprocmask(SIG_SETMASK, &set, NULL);
	tell("main");
	while (read(go, &byte, 1) > 0)
		;
	for (int i = 0; i < 5; i++)
		orphan("", "");
	orphan("plain", "left");
	for (int i = 0; i < 400 && state_of(parent) != 'S'; i++)
		usleep(5000);
	message("report\trunning=yes");
	close(REPORT);
	for (;;)
		pause();
}

/* init_serve DIR: while it runs, the main command reports. */
static int play_serve(char **a)
{
	struct init init = { .grace_ms = 1000 };
	struct rlimit limit;
	char path[512];
	int go[2];

	place = a[0];
	/* The highest number that a descriptor can have. */
	getrlimit(RLIMIT_NOFILE, &limit);
	int door = limit.rlim_cur > 4096 ? 4095 : (int)limit.rlim_cur - 1;
	if (!fork_init(&init))
		return 0;
	make_dirs(place);
	snprintf(path, sizeof(path), "%s/trace", place);
	if (pipe2(go, O_CLOEXEC) < 0)
		cannot("pipe");
	init.main = fork();
	if (init.main < 0)
		cannot("fork");
	if (init.main == 0) {
		setpgid(0, 0);
		close(go[1]);
		main_command(go[0]);
	}
	/* What a runtime may have left open, and the trace. */
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || dup3(fd, TRACE, O_CLOEXEC) < 0 || dup2(open("/", O_PATH), door) < 0)
		cannot(path);
	sys_trace_to(TRACE);
	close(go[1]); /* now: from here on this process sleeps in init_serve() only */
	return serve(&init);
}

/* init_serve.early STATUS: the main command has ended before, and its SIGCHLD was taken. */
static int play_serve_early(char **a)
{
	const struct timespec none = { 0 };
	struct init init = { .grace_ms = 1000 };
	sigset_t set;

	if (!fork_init(&init))
		return 0;
	init.main = ended(atoi(a[0]));
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigtimedwait(&set, NULL, &none);
	return serve(&init);
}

/* init_serve.waited: other code has waited for the main command. */
static int play_serve_waited(char **a)
{
	struct init init = { .grace_ms = 1000 };

	(void)a;
	if (!fork_init(&init))
		return 0;
	init.main = gone();
	return serve(&init);
}

const struct lab_call lab_calls[] = {
	{ "init_status", play_status, "init_status(wait_status), with each of these: $*" },
	{ "init_start", play_start, "init_start(init); the caller blocks SIGUSR2" },
	{ "init_start.shared", play_start_shared,
	  "init_start(init); the struct lies in memory that both processes share" },
	{ "init_start.returns", play_start_returns,
	  "init_start(init); fn returns $1, and the caller ignores SIGCHLD" },
	{ "init_start.refused", play_start_refused,
	  "init_start(init), where no more processes are allowed (RLIMIT_NPROC); the caller blocks "
	  "SIGUSR2" },
	{ "init_reap", play_reap,
	  "init_reap(init); children that have ended: $1, that live: $2[3=-1:; none of them is the "
	  "main command]" },
	{ "init_reap.again", play_reap_again,
	  "init_reap(init); the main command was waited for before, and another child with its "
	  "number has ended" },
	{ "init_forward", play_forward,
	  "init_forward(init, $1); another process is in the main command's process group" },
	{ "init_forward.stopped", play_forward_stopped,
	  "init_forward(init, $1); the main command is stopped" },
	{ "init_forward.ended", play_forward_ended,
	  "init_forward(init, $1); the main command was waited for, and another process has its "
	  "number" },
	{ "init_forward.gone", play_forward_gone,
	  "init_forward(init, $1); no process has the main command's number" },
	{ "init_end_rest", play_end_rest,
	  "init_end_rest(init); grace_ms $2, the processes that are left: $*" },
	{ "init_serve", play_serve, "init_serve(init), while the main command runs" },
	{ "init_serve.early", play_serve_early,
	  "init_serve(init); the main command has ended before, with the exit status $1" },
	{ "init_serve.waited", play_serve_waited,
	  "init_serve(init); other code has waited for the main command" },
	{ 0 },
};
