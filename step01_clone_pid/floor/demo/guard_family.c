/*
 * guard_family.c: ending every descendant of a process, whoever their parents were.
 */
#define _GNU_SOURCE
#include "guard.h"
#include "guard_undo.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Every process in sight, in the order of /proc: by number. A host may have many thousands. */
struct family {
	int procfd;
	struct member {
		pid_t pid, parent;
		unsigned long long starttime;
		bool ours;
	} * member;
	size_t count, room;
};

static int note_process(pid_t pid, void *arg)
{
	struct family *family = arg;
	struct proc_stat stat;

	if (proc_stat_read(family->procfd, pid, &stat) < 0)
		return 0; /* gone */
	if (family->count == family->room) {
		size_t room = family->room ? family->room * 2 : 512;
		struct member *more = reallocarray(family->member, room, sizeof(*more));
		if (!more)
			return 0; /* the first ones die, which makes room */
		family->member = more;
		family->room = room;
	}
	family->member[family->count++] = (struct member){ pid, stat.ppid, stat.starttime, false };
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* A child may have a smaller number than its parent, so once through is not enough. */
static void mark_ours(struct family *family, pid_t self)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < family->count; i++) {
			struct member *child = &family->member[i], key = { .pid = child->parent };
			const struct member *parent = bsearch(&key, family->member, family->count,
							      sizeof(key), by_pid);
			if (child->ours || (child->parent != self && !(parent && parent->ours)))
				continue;
			child->ours = again = true;
		}
	}
}

/* By descriptor: should the number be somebody else's by now, that one has another start time. */
static void kill_member(const struct family *family, const struct member *member)
{
	struct proc_stat now;
	int pidfd = (int)syscall(SYS_pidfd_open, member->pid, 0);

	if (proc_stat_read(family->procfd, member->pid, &now) == 0 &&
	    now.starttime == member->starttime) {
		if (pidfd < 0) /* no descriptors left, or a kernel before 5.3 */
			kill(member->pid, SIGKILL);
		else
			syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	}
	if (pidfd >= 0)
		close(pidfd);
}

static void find_family(struct family *family, pid_t self)
{
	family->count = 0;
	proc_each(family->procfd, note_process, family);
	if (!family->count)
		return;
	qsort(family->member, family->count, sizeof(*family->member), by_pid);
	mark_ours(family, self);
}

static void kill_once(struct family *family, pid_t self)
{
	find_family(family, self); /* what is born meanwhile is found the next time round */
	for (size_t i = 0; i < family->count; i++)
		if (family->member[i].ours)
			kill_member(family, &family->member[i]);
}

void guard_each_descendant(void (*fn)(int procfd, pid_t pid, void *arg), void *arg)
{
	struct family family = { .procfd = proc_open() };

	if (family.procfd < 0)
		return;
	find_family(&family, getpid());
	for (size_t i = 0; i < family.count; i++)
		if (family.member[i].ours)
			fn(family.procfd, family.member[i].pid, arg);
	close(family.procfd);
	free(family.member);
}

void guard_kill_descendants(void)
{
	struct family family = { .procfd = proc_open() };

	/* 10 s at most: something in an uninterruptible sleep must not keep us for ever. */
	for (int round = 0; round < 1000; round++) {
		int reaped;
		while ((reaped = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
			;
		if (reaped < 0 && errno == ECHILD)
			break; /* orphans come to us, a subreaper: without children there are no
				  descendants */
		if (family.procfd >= 0)
			kill_once(&family, getpid());
		else if (round >= 200)
			break; /* without /proc they have no names; they die with their parents, or
				  not */
		nanosleep(&(struct timespec){ .tv_nsec = round < 20 ? 1000000 : 10000000 }, NULL);
	}
	if (family.procfd >= 0)
		close(family.procfd);
	free(family.member);
}
