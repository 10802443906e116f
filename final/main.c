/*
 * minibox: a container runtime, linked from the pieces of the eight steps.
 */
#define _GNU_SOURCE
#include "engine/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "run", command_run,
	  "run [OPTIONS] IMAGE [COMMAND...]   runs a command in a new container" },
	{ "doctor", command_doctor,
	  "doctor [--short | --json]          what this host can do, and how to mend it" },
	{ "inspector", command_inspector,
	  "inspector [CONTAINER|PID]          host and container side by side" },
	{ "gc", command_gc,
	  "gc                                 removes what a killed minibox has left" },
};

static int help(int fd, int status)
{
	int n = dprintf(fd, "minibox: containers, built step by step\n\n");

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		dprintf(fd, "  minibox %s\n", commands[i].help);
	dprintf(fd, "\nThe first one to try: minibox run busybox\n");
	if (n < 0)
		dprintf(2, "minibox: cannot write the help: %s\n", strerror(errno));
	return n < 0 ? 1 : status;
}

int main(int argc, char **argv)
{
	/* What we open must not land on 0 to 2, where it would be taken for a terminal or a log. */
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			return 125;
	if (argc < 2)
		return help(2, 2);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return help(1, 0);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	dprintf(2, "minibox: no command named \"%s\"\n", argv[1]);
	return help(2, 2);
}
