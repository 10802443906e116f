/*
 * diff_command.h: `step06_overlay_rootfs diff DIR [LAYER...]`.
 */
#pragma once

/* Prints A, C or D and a path a line. Returns the exit status: 0, 1 (said why), 2 usage; -1: the
 * command line is not this one. */
int diff_command(int argc, char **argv);
