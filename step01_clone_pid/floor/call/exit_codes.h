/*
 * exit_codes.h: the exit statuses of all programs here, beside EXIT_SUCCESS and EXIT_FAILURE (1: a
 * claim did not hold, or something was left undone).
 *
 * Those from 125 on are docker's, and from 126 on a shell's too: they tell a command's own status
 * from a command that never ran.
 *
 * Source: docker-run(1), "Exit Status"; bash(1), "EXIT STATUS".
 */
#pragma once

enum {
	EXIT_USAGE =
		2, /* the command line is wrong; `minibox run` gives EXIT_OURS, as docker does */
	EXIT_SKIPPED = 77,     /* nothing could run on this host; automake's number */
	EXIT_OURS = 125,       /* the program that should start the command has failed */
	EXIT_CANNOT_RUN = 126, /* the command is there and cannot be executed */
	EXIT_NOT_FOUND = 127,
	EXIT_SIGNAL = 128, /* + the number of the signal that ended the command */
};
