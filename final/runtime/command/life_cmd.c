/*
 * life_cmd.c: start, state, kill, delete.
 */
#define _GNU_SOURCE
#include "commands.h"
#include "command_line.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct option_row none[] = { { NULL, 0, OPTION_FLAG, NULL, NULL } };

int runtime_cmd_start(int argc, char **argv)
{
	const struct option_table table = { "start CONTAINER-ID",
					    "start - let a created container run its command", none,
					    1, 1 };
	static struct runtime_root root;
	static struct box box;
	int first = command_line(&table, argc, argv);

	if (first < 0)
		return first == -2 ? 0 : 1;
	if (command_box(&root, argv[first], BOX_HOLD, &box) < 0)
		return command_failed();
	struct notify notify;
	int result = runtime_start(&box, &notify);
	/* It may take its time to be ready, and others may act on it meanwhile. */
	box_let_go(&box);
	if (result == 0)
		result = notify_wait(&notify, &box);
	box_close(&box);
	return result < 0 ? command_failed() : 0;
}

int runtime_cmd_state(int argc, char **argv)
{
	const struct option_table table = { "state CONTAINER-ID",
					    "state - print a container's state as JSON", none, 1,
					    1 };
	static struct runtime_root root;
	static struct box box;
	int first = command_line(&table, argc, argv);

	if (first < 0)
		return first == -2 ? 0 : 1;
	if (command_box(&root, argv[first], BOX_LOOK, &box) < 0)
		return command_failed();
	char *text = runtime_state(&box);
	box_close(&box);
	if (!text)
		return command_failed();
	printf("%s\n", text);
	free(text);
	return fflush(stdout) == 0 ? 0 : 1;
}

int signal_number(const char *text)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	char *end;
	long number = strtol(text, &end, 10);

	if (*text && !*end)
		return number >= 0 && number <= SIGRTMAX ? (int)number : -1;
	for (int i = 1; i < 32; i++)
		if (sigabbrev_np(i) && strcasecmp(sigabbrev_np(i), name) == 0)
			return i;
	if (strcasecmp(name, "IOT") == 0)
		return SIGABRT;
	if (strcasecmp(name, "CLD") == 0)
		return SIGCHLD;
	if (strcasecmp(name, "IO") == 0)
		return SIGIO;
	bool from_top = strncasecmp(name, "RTMAX", 5) == 0;
	if (!from_top && strncasecmp(name, "RTMIN", 5) != 0)
		return -1;
	number = name[5] ? strtol(name + 5, &end, 10) : 0;
	number += from_top ? SIGRTMAX : SIGRTMIN;
	return (name[5] && *end) || number < SIGRTMIN || number > SIGRTMAX ? -1 : (int)number;
}

int runtime_cmd_kill(int argc, char **argv)
{
	bool all = false;
	const struct option_row rows[] = {
		{ "all", 'a', OPTION_FLAG, &all, "every process of the container's cgroup" },
		{ NULL, 0, OPTION_FLAG, NULL, NULL },
	};
	const struct option_table table = { "kill [--all] CONTAINER-ID [SIGNAL]",
					    "kill - send a signal, SIGTERM if none is said", rows,
					    1, 2 };
	static struct runtime_root root;
	static struct box box;
	int first = command_line(&table, argc, argv);

	if (first < 0)
		return first == -2 ? 0 : 1;
	int number = first + 1 < argc ? signal_number(argv[first + 1]) : SIGTERM;
	if (number < 0)
		return command_refuse(argv[first + 1], "unknown signal",
				      "kill -l lists the names.");
	if (command_box(&root, argv[first], BOX_LOOK, &box) < 0)
		return command_failed();
	int result = runtime_kill(&box, number, all);
	box_close(&box);
	return result < 0 ? command_failed() : 0;
}

int runtime_cmd_delete(int argc, char **argv)
{
	bool force = false;
	const struct option_row rows[] = {
		{ "force", 'f', OPTION_FLAG, &force,
		  "also one that lives: it is killed; 0 where there is none" },
		{ NULL, 0, OPTION_FLAG, NULL, NULL },
	};
	const struct option_table table = { "delete [--force] CONTAINER-ID",
					    "delete - remove what is left of a container", rows, 1,
					    1 };
	static struct runtime_root root;
	static struct box box;
	int first = command_line(&table, argc, argv);

	if (first < 0)
		return first == -2 ? 0 : 1;
	if (command_box(&root, argv[first], BOX_HOLD, &box) < 0)
		return force && errno == ENOENT ? 0 : command_failed();
	return runtime_delete(&box, force) < 0 ? command_failed() : 0;
}
