/*
 * run_init.h: the end of `-- CMD` from here on (given): the command becomes the child of an init.
 */
#pragma once

#include "step01_clone_pid/floor/demo/run.h"

/* In the child, where run_exec() stood: this process becomes the init of the command. Does not
 * return when the command was started: exits with its status. A command that cannot be started
 * hands its failure up as before. -1 with errno if there could be no second process. */
int run_init_exec(struct run *run);
