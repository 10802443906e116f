/*
 * guard.c: three processes, so that there is always one left to clean up.
 */
#define _GNU_SOURCE
#include "guard.h"
#include "guard_undo.h"
#include "procfs.h"
#include "sys.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static struct ledger *ledger; /* shared by all three and by every scene */
static char token[17];
static pid_t guard_pid; /* in main, for its signal handler */

const char *guard_token(void)
{
	unsigned random = 0;
	const char *given = getenv("MINIBOX_TOKEN");

	if (token[0])
		return token;
	/* Only letters and digits: the token becomes part of paths and link names. */
	if (given && given[0] && strlen(given) <= 8 &&
	    strspn(given, "0123456789abcdefghijklmnopqrstuvwxyz") == strlen(given)) {
		snprintf(token, sizeof(token), "%s", given);
		return token;
	}
	if (getrandom(&random, sizeof(random), 0) < 0)
		random = (unsigned)getpid() ^ (unsigned)time(NULL);
	snprintf(token, sizeof(token), "%08x", random);
	return token;
}

static int enter(enum ledger_kind kind, const char *what, void (*undo)(const char *what))
{
	if (!ledger)
		return -1; /* not below a guard: a unit test, or minibox, which keeps a journal */
	if (strlen(what) >= sizeof(ledger->entry[0].what)) {
		sys_failure_set(ENAMETOOLONG, "guard", what,
				"The name is too long for the guard's ledger.", NULL);
		return -1;
	}
	for (int i = 0; i < LEDGER_ENTRIES; i++) {
		struct ledger_entry *entry = &ledger->entry[i];
		int unused = LEDGER_FREE;
		/* Scenes may have several processes: a slot is taken by one of them only. */
		if (!__atomic_compare_exchange_n(&entry->kind, &unused, LEDGER_TAKEN, false,
						 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			continue;
		strcpy(entry->what, what);
		entry->undo = undo;
		__atomic_store_n(&entry->kind, kind, __ATOMIC_SEQ_CST); /* from now on it counts */
		return i;
	}
	sys_failure_set(ENOSPC, "guard", what, "The guard's ledger is full.", NULL);
	return -1;
}

int guard_file(const char *path)
{
	return enter(LEDGER_FILE, path, NULL);
}

int guard_tree(const char *path)
{
	return enter(LEDGER_TREE, path, NULL);
}

int guard_cgroup(const char *path)
{
	return enter(LEDGER_CGROUP, path, NULL);
}

int guard_loop(const char *path)
{
	return enter(LEDGER_LOOP, path, NULL);
}

int guard_link(const char *name)
{
	return enter(LEDGER_LINK, name, NULL);
}

int guard_other(const char *what, void (*undo)(const char *what))
{
	return enter(LEDGER_OTHER, what, undo);
}

void guard_forget(int slot)
{
	if (ledger && slot >= 0 && slot < LEDGER_ENTRIES)
		__atomic_store_n(&ledger->entry[slot].kind, LEDGER_FREE, __ATOMIC_SEQ_CST);
}

int guard_scratch(char *path, unsigned long size)
{
	const char *tmp = getenv("TMPDIR");
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	/* The name is chosen here and not by mkdtemp: it must be in the ledger before the directory
	 * is there. */
	int n = snprintf(path, size, "%s/minibox-%s-%x%x", tmp && tmp[0] == '/' ? tmp : "/tmp",
			 guard_token(), (unsigned)getpid(), (unsigned)now.tv_nsec & 0xfffff);
	if (n < 0 || (unsigned long)n >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int slot = guard_tree(path);
	if (SYS(mkdir(path, 0700), path) < 0) {
		guard_forget(slot);
		return -1;
	}
	return 0;
}

/* ---- ending what is left ---- */

struct family {
	int procfd;
	pid_t self;
	pid_t pid[4096], parent[4096];
	int count;
};

static int note_process(pid_t pid, void *arg)
{
	struct family *family = arg;
	struct proc_stat stat;

	if (family->count < 4096 && proc_stat_read(family->procfd, pid, &stat) == 0) {
		family->pid[family->count] = pid;
		family->parent[family->count++] = stat.ppid;
	}
	return 0;
}

static pid_t parent_of(const struct family *family, pid_t pid)
{
	for (int i = 0; i < family->count; i++)
		if (family->pid[i] == pid)
			return family->parent[i];
	return 0;
}

static bool descends(const struct family *family, pid_t pid)
{
	for (int depth = 0; pid > 1 && depth < 64; depth++) {
		pid = parent_of(family, pid);
		if (pid == family->self)
			return true;
	}
	return false;
}

static void kill_once(struct family *family)
{
	family->count = 0;
	/* What is born meanwhile is found the next time round. */
	proc_each(family->procfd, note_process, family);
	for (int i = 0; i < family->count; i++)
		if (descends(family, family->pid[i]))
			kill(family->pid[i], SIGKILL);
}

void guard_kill_descendants(void)
{
	struct family *family = calloc(1, sizeof(*family));

	if (!family)
		return;
	family->procfd = proc_open();
	family->self = getpid();
	/* 10 s at most: something in an uninterruptible sleep must not keep us for ever. */
	for (int round = 0; family->procfd >= 0 && round < 1000; round++) {
		int reaped;
		while ((reaped = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
			;
		if (reaped < 0 && errno == ECHILD)
			break; /* orphans come to us, a subreaper: without children there are no
				  descendants */
		kill_once(family);
		nanosleep(&(struct timespec){ .tv_nsec = round < 20 ? 1000000 : 10000000 }, NULL);
	}
	if (family->procfd >= 0)
		close(family->procfd);
	free(family);
}

static void clean_up(void)
{
	ledger_thaw(ledger); /* a frozen process does not die */
	guard_kill_descendants();
	ledger_undo(ledger);
}

/* ---- the three processes ---- */

static void reset_signals(const sigset_t *mask)
{
	static const int signals[] = {
		SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU
	};

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		signal(signals[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
}

static volatile sig_atomic_t told_to_end;

static void on_term(int signal_number)
{
	told_to_end = signal_number;
}

/* Orphans that came to us are reaped at once: a zombie keeps its number. The demo's own status is
 * left for later. */
static void reap_orphans(pid_t demo)
{
	siginfo_t info = { 0 };

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 &&
	       info.si_pid != 0 && info.si_pid != demo) {
		waitpid(info.si_pid, NULL, __WALL);
		info.si_pid = 0;
	}
}

/* Waits until the demo ends, or main does, or we are told to. Returns the exit status. */
static int watch_over(pid_t demo, int main_pidfd)
{
	int demo_pidfd = (int)syscall(SYS_pidfd_open, demo, 0);
	struct pollfd fds[2] = { { .fd = main_pidfd, .events = POLLIN },
				 { .fd = demo_pidfd, .events = POLLIN } };
	int status = 0;

	while (!told_to_end && !(fds[0].revents & POLLIN) && !(fds[1].revents & POLLIN)) {
		/* With a time limit: a signal may come between the test and the call. */
		if (poll(fds, 2, 200) < 0)
			fds[0].revents = fds[1].revents = 0;
		reap_orphans(demo);
	}
	if (fds[1].revents & POLLIN && waitpid(demo, &status, 0) == demo)
		return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 128 + (told_to_end ? told_to_end : SIGKILL);
}

/* clang-format off */
struct guarded {
	int (*body)(void *arg);
	void *arg;
	pid_t main_group;
	int main_pidfd;
	sigset_t mask;
};
/* clang-format on */

static void guard_process(const struct guarded *what) __attribute__((noreturn));

static void guard_process(const struct guarded *what)
{
	pid_t self = getpid();
	static const int ignored[] = {
		SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE
	};

	setpgid(0, 0); /* out of reach of the keyboard */
	prctl(PR_SET_NAME, "minibox-guard");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, NULL);

	pid_t demo = fork();
	if (demo == 0) {
		setpgid(0, what->main_group); /* Ctrl-C and Ctrl-Z reach main and the demo alike */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			_exit(137);
		close(what->main_pidfd);
		reset_signals(&what->mask);
		exit(what->body(what->arg));
	}
	sigprocmask(SIG_SETMASK, &what->mask, NULL);
	if (demo < 0)
		_exit(125);
	setpgid(demo, what->main_group);
	int status = watch_over(demo, what->main_pidfd);
	clean_up();
	_exit(status);
}

static void forward(int signal_number)
{
	(void)signal_number;
	if (guard_pid > 0)
		kill(guard_pid, SIGTERM);
}

static void pass(int signal_number)
{
	(void)signal_number; /* the demo gets it too, and decides; a handler, unlike SIG_IGN, is not
				inherited by exec */
}

int guard_run(int (*body)(void *arg), void *arg)
{
	struct guarded what = { .body = body, .arg = arg, .main_group = getpgrp() };
	struct termios terminal;
	bool tty = tcgetattr(0, &terminal) == 0, foreground = tty && tcgetpgrp(0) == getpgrp();
	sigset_t all;
	int status = 0;

	ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (ledger == MAP_FAILED) {
		ledger = NULL;
		return 125;
	}
	setenv("MINIBOX_TOKEN", guard_token(), 1);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	what.main_pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	/* No signal may find us between fork and handlers: main would die and leave the others. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &what.mask);
	guard_pid = fork();
	if (guard_pid == 0)
		guard_process(&what);
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = pass, .sa_flags = SA_RESTART }, NULL);
	sigaction(SIGQUIT, &(struct sigaction){ .sa_handler = pass, .sa_flags = SA_RESTART }, NULL);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = forward, .sa_flags = SA_RESTART },
		  NULL);
	sigaction(SIGHUP, &(struct sigaction){ .sa_handler = forward, .sa_flags = SA_RESTART },
		  NULL);
	sigprocmask(SIG_SETMASK, &what.mask, NULL);
	close(what.main_pidfd);
	if (guard_pid < 0)
		return 125;
	while (waitpid(guard_pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status))
		clean_up(); /* somebody killed the guard: its work falls to us */
	if (tty) {
		signal(SIGTTOU, SIG_IGN);
		/* A demo that was killed may have left it without echo, or another group in front. */
		tcsetattr(0, TCSANOW, &terminal);
		if (foreground)
			tcsetpgrp(0, what.main_group);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
