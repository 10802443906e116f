/*
 * subreaper.c: whom an init is responsible for, when it is not number 1.
 */
#define _GNU_SOURCE
#include "subreaper.h"
#include "step01_clone_pid/floor/host/ground.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int subreaper_become(void)
{
	return SYS(prctl(PR_SET_CHILD_SUBREAPER, 1), "PR_SET_CHILD_SUBREAPER");
}

struct descent {
	int procfd;
	pid_t top;
	int (*fn)(pid_t pid, void *arg);
	void *arg;
};

/* Follows parents upwards. Each number is looked up anew: somebody on the way may be gone, and then
 * it is no way. */
static bool descends(int procfd, pid_t pid, pid_t top)
{
	enum { DEEPEST = 4096 };
	struct proc_stat stat;

	for (int depth = 0; depth < DEEPEST; depth++) {
		if (proc_stat_read(procfd, pid, &stat) < 0 || stat.ppid <= 0)
			return false;
		if (stat.ppid == top)
			return true;
		pid = stat.ppid;
	}
	return false;
}

static int one_process(pid_t pid, void *arg)
{
	struct descent *descent = arg;

	return descends(descent->procfd, pid, descent->top) ? descent->fn(pid, descent->arg) : 0;
}

int descendants_each(int procfd, pid_t top, int (*fn)(pid_t pid, void *arg), void *arg)
{
	struct descent descent = { .procfd = procfd, .top = top, .fn = fn, .arg = arg };

	return proc_each(procfd, one_process, &descent);
}

struct mailing {
	int procfd, signal_number, count;
};

static int signal_one(pid_t pid, void *arg)
{
	struct mailing *mailing = arg;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0)
		return 0; /* gone */
	/* Now that the descriptor holds the process: is it still one of ours, or has the number
	 * gone to a stranger? */
	if (descends(mailing->procfd, pid, getpid()) &&
	    syscall(SYS_pidfd_send_signal, pidfd, mailing->signal_number, NULL, 0) == 0)
		mailing->count++;
	close(pidfd);
	return 0;
}

int signal_descendants(int signal_number)
{
	struct mailing mailing = { .signal_number = signal_number };

	if (getpid() == 1)
		return kill(-1, signal_number);
	mailing.procfd = proc_open();
	if (mailing.procfd < 0)
		return -1;
	/* In a /proc of another PID namespace the numbers would be other processes'. */
	int result = ground_is_own_proc(mailing.procfd)
			     ? descendants_each(mailing.procfd, getpid(), signal_one, &mailing)
			     : 0;
	close(mailing.procfd);
	if (result == 0 && mailing.count == 0) {
		errno = ESRCH;
		return -1;
	}
	return result;
}
