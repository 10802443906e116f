/*
 * watch.h: `--watch PID`, the live bar for any process.
 */
#pragma once

/* The demo's sub-command: `--watch PID [SECONDS]`. Returns -1 if the arguments are none of its own,
 * else the exit status: 0 at the end of the process, of the seconds, or at Ctrl-C; 1 no such
 * process; 2 bad usage. */
int watch_command(int argc, char **argv);
