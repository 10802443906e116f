/*
 * inspector_cmd.c: `minibox inspector` is the program bin/inspector beside this one.
 */
#define _GNU_SOURCE
#include "commands.h"
#include "step01_clone_pid/floor/call/exit_codes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int command_inspector(int argc, char **argv)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof("inspector"));

	(void)argc;
	path[n < 0 ? 0 : n] = '\0';
	char *slash = strrchr(path, '/');
	strcpy(slash ? slash + 1 : path, "inspector");
	execv(path, argv);
	dprintf(2,
		"minibox: %s: %s\n  why     The inspector is a program of its own, beside "
		"minibox.\n"
		"  remedy  make (it needs ncurses' headers: make deps)\n",
		path, strerror(errno));
	return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}
