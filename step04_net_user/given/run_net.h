/*
 * run_net.h: what `-- CMD` gets from this step: ids, lo, and for root a cable to the host (given).
 *
 * Four calls, two a side, in stepNN_run():
 *
 *	parent   run_map_ids(run)     the maps, STAGE_MAPPED      run_link(run)   the veth pair,
 *STAGE_LINKED child    run_take_ids(run)    waits for the maps          run_net_up(run) waits for
 *the link, sets it up
 */
#pragma once

#include "step01_clone_pid/floor/demo/run.h"

/* An ordinary user: 0 inside is he outside, nobody else exists. Root: 0 to 65535 are themselves, so
 * that root's files and devices keep their owners; what changes then is what root's capabilities
 * are good for. Returns 0, or -1 with errno. */
int run_map_ids(struct run *run);
int run_take_ids(struct run *run);

/* The pair is "mbTOKEN" here, known to the guard, and eth0 in there, with two addresses out of
 * 198.18.0.0/15, which is set aside for tests and routed nowhere. Left out where we may not make
 * links in the host's namespace (an ordinary user), or this kernel has no veth. Nothing is
 * forwarded: eth0 reaches the host and no further. Returns 0, or -1 with errno. */
int run_link(struct run *run);
int run_net_up(struct run *run);
