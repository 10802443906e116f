/*
 * run_net.h: what `-- CMD` gets from this step: ids, lo, and for root a cable to the host (given).
 *
 * Four calls in stepNN_run(), two in the parent and two in the child:
 *
 *	parent                                  child
 *	  run_map_ids()   writes the maps
 *	                  -- STAGE_MAPPED -->     run_take_ids()  waits for that
 *	  run_link()      makes the veth pair
 *	                  -- STAGE_LINKED -->     run_net_up()    waits for that
 */
#pragma once

#include "step01_clone_pid/floor/demo/run.h"

/* Parent: writes the child's maps and tells it. An ordinary user: 0 inside is that user outside,
 * and no other id exists inside. Root: 0 to 65535 are the same ids inside, so that root's files
 * and devices keep their owners; what changes is where root's capabilities count.
 * Returns 0, or -1 with errno. */
int run_map_ids(struct run *run);

/* Child: waits for the maps and becomes root inside.
 * Returns 0, or -1 with errno. */
int run_take_ids(struct run *run);

/* Parent: makes a veth pair and tells the child. The host's link is called "mbTOKEN", and the
 * guard knows it; the container's is eth0. Their addresses are in 198.18.0.0/15, which is set
 * aside for tests. Nothing is forwarded: eth0 reaches the host and no further. No pair is made
 * by a user who may not make links in the host's namespace, or where the kernel has no veth.
 * Returns 0, or -1 with errno. */
int run_link(struct run *run);

/* Child: waits for the pair and sets eth0 up; without a pair, lo.
 * Returns 0, or -1 with errno. */
int run_net_up(struct run *run);
