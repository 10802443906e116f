/*
 * run.c: lab 1, the order of the calls for `-- CMD`. step01_clone_pid/floor/demo/run.h is the task:
 * it says who calls step01_run(), twice, and which three functions are there for it.
 *
 * kit: 1
 *
 * CMD shall become PID 1 of a new PID namespace.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/demo/run.h"

#include <sched.h>

int step01_run(struct run *run)
{
	return NOT_YET(run);
}
