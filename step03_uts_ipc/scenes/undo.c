/*
 * undo.c: the other side of unshare(2). clone(2) can make a child share what fork copies;
 * unshare takes that back.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "visit.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <unistd.h>

/* What the child does to itself; what of that happens to the parent is the question. */
struct deed {
	int undo; /* flags for unshare(2) first; 0: stay shared */
	int sem;
	int fd;	 /* out: what it opened */
	int err; /* out: errno of a call that failed */
};

static int do_it(void *arg)
{
	struct deed *deed = arg;
	struct sembuf up = { .sem_op = 1, .sem_flg = SEM_UNDO };

	sys_trace_as("child");
	if ((deed->undo && SYS(unshare(deed->undo), deed->undo) < 0) ||
	    SYS(chdir("/proc"), "/proc") < 0 ||
	    SYS(semop(deed->sem, &up, 1), (long)deed->sem) < 0) {
		deed->err = errno;
		return 1;
	}
	deed->fd = SYS(open("/dev/null", O_RDONLY), "/dev/null");
	return 0;
}

/* How it looks in the parent after the child's end. */
struct aftermath {
	bool open_here;
	int semval;
	char cwd[PATH_MAX];
	int fd;
};

/* Runs in a process of its own, which is the "parent": with CLONE_FILES and CLONE_FS its child
 * reaches into it. */
static void try_it(int sem, int undo, struct aftermath *after)
{
	struct deed *deed = shared_memory(sizeof(*deed));
	struct spawn child = { .flags = CLONE_FILES | CLONE_FS | CLONE_SYSVSEM,

			       .fn = do_it,
			       .arg = deed };
	int status;

	*deed = (struct deed){ .undo = undo, .sem = sem, .fd = -1 };
	if (SYS(chdir("/"), "/") < 0 || SYS(semctl(sem, 0, SETVAL, 0), (long)sem) < 0)
		fail_scene();
	if (spawn(&child) < 0 || spawn_wait(&child, &status) < 0)
		fail_scene();
	check(status == 0 && deed->fd >= 0, "the child could not: %s", strerror(deed->err));
	after->fd = deed->fd;
	after->open_here = deed->fd >= 0 && fcntl(deed->fd, F_GETFD) >= 0;
	after->semval = SYS(semctl(sem, 0, GETVAL), (long)sem);
	if (!getcwd(after->cwd, sizeof(after->cwd)))
		fail_scene();
	if (after->open_here)
		close(deed->fd);
}

void scene_unshare_undoes(void)
{
	struct aftermath shared, undone;
	int sem = SYS(semget(IPC_PRIVATE, 1, IPC_CREAT | 0600), "IPC_PRIVATE");

	if (sem < 0)
		fail_scene();
	act("clone(child, stack_top, CLONE_FILES | CLONE_FS | CLONE_SYSVSEM | ...)");
	say("The child opens a file, changes directory, adds 1 to a semaphore with");
	say("SEM_UNDO, and ends. What of it is left in the parent?");
	try_it(sem, 0, &shared);
	act(NULL);
	try_it(sem, CLONE_FILES | CLONE_FS | CLONE_SYSVSEM, &undone);
	heads("STILL SHARED", "unshare() FIRST, THE SAME FLAGS");
	row("FILES", "descriptor %d is %s\tdescriptor %d is %s", shared.fd,
	    shared.open_here ? "open" : "closed", undone.fd,
	    undone.open_here ? "open" : "not open here");
	row("FS", "cwd is %s\tcwd is %s", clip(shared.cwd, 18), clip(undone.cwd, 24));
	row("SYSVSEM", "semaphore %d%s\tsemaphore %d%s", shared.semval,
	    shared.semval ? ": not undone" : "", undone.semval,
	    undone.semval ? "" : ": undone at its end");
	say("Threads share all three, and a fork shares none: there unshare of");
	say("these has nothing to take back.");

	act(NULL);
	value("shared_fd_open", "%s", shared.open_here ? "yes" : "no");
	value("undone_fd_open", "%s", undone.open_here ? "yes" : "no");
	value("shared_cwd", "%s", shared.cwd);
	value("undone_cwd", "%s", undone.cwd);
	value("shared_semaphore", "%d", shared.semval);
	value("undone_semaphore", "%d", undone.semval);
	check(shared.open_here && !undone.open_here,
	      "the descriptor should be the parent's too: %d, after unshare not: %d",
	      shared.open_here, undone.open_here);
	check(strcmp(shared.cwd, "/proc") == 0 && strcmp(undone.cwd, "/") == 0,
	      "the parent should be in /proc, after unshare in /; is in %s, %s", shared.cwd,
	      undone.cwd);
	check(shared.semval == 1 && undone.semval == 0,
	      "the semaphore should be 1, after unshare 0; is %d, %d", shared.semval,
	      undone.semval);
	verdict("three things reached the parent; after unshare none did");
}
