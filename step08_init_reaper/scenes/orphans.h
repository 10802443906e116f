/*
 * orphans.h: work for an init.
 */
#pragma once

/* Makes so many orphans (at most 1000) that end at the same moment: their parent leaves first, then
 * a gate opens and all of them end. Returns 0, or -1 with errno of pipe(2) or fork(2). */
int make_orphans_at_once(int count);

/* Is it one of the sub-commands of this step?
 *	init CMD...  CMD below our init alone, without a container: as PID 1 where this is PID 1,
 *		     else as a subreaper
 *	orphans N    makes N orphans, waits until PID 1 has reaped all, and tells how long it took,
 *		     the most zombies that were seen, and PID 1's private memory; for a bench
 * Returns the exit status, or -1: it is none of them. */
int init_command(int argc, char **argv);
