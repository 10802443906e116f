/*
 * init_reaper.c: lab 8, the first process of a container, as it should be.
 * kit: 1
 *
 * minibox-labs kit 1. The task is the header, step08_init_reaper/init_reaper.h: each function does
 * what its comment there says. lessons/08_init_reaper/lab.md says what to do first. Replace one
 * NOT_YET() after the other; each part is graded alone.
 *
 * Useful, and given:
 *	step08_init_reaper/given/subreaper.h     signal_descendants()
 *	step01_clone_pid/floor/meet/inherit.h    inherit_close()
 *	step01_clone_pid/floor/call/sys.h        SYS(), SYS_MAY(), sys_trace_fd()
 *	step01_clone_pid/floor/meet/keep_errno.h close_keeping_errno()
 */
#define _GNU_SOURCE
#include "step08_init_reaper/init_reaper.h"
#include "step08_init_reaper/given/subreaper.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/inherit.h"

/* Part 1. */
int init_status(int wait_status)
{
	return NOT_YET(wait_status);
}

/* Part 2. */
int init_start(struct init *init)
{
	return NOT_YET(init);
}

/* Part 3. */
int init_reap(struct init *init)
{
	return NOT_YET(init);
}

/* Part 4. */
int init_forward(struct init *init, int signal_number)
{
	return NOT_YET(init, signal_number);
}

/* Part 5. */
int init_end_rest(struct init *init)
{
	return NOT_YET(init);
}

/* Part 5. */
int init_serve(struct init *init)
{
	return NOT_YET(init);
}
