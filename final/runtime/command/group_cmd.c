/*
 * group_cmd.c: pause, resume, ps: what is done to all processes of a container.
 */
#define _GNU_SOURCE
#include "commands.h"
#include "command_line.h"
#include "final/runtime/group.h"
#include "final/runtime/ps_table.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row none[] = { { NULL, 0, OPTION_FLAG, NULL, NULL } };

static int freeze(const struct option_table *table, int argc, char **argv, bool on)
{
	static struct runtime_root root;
	static struct box box;
	struct cgroup group;
	int first = command_line(table, argc, argv);

	if (first < 0)
		return first == -2 ? 0 : 1;
	if (command_box(&root, argv[first], BOX_HOLD, &box) < 0)
		return command_failed();
	enum box_status status = box_status(&box);
	bool may = on ? status == BOX_RUNNING || status == BOX_CREATED : status == BOX_PAUSED;
	int result = -1;
	if (status == BOX_UNKNOWN) {
		; /* the failure record says why */
	} else if (!may) {
		sys_failure_set(EINVAL, argv[0], box.id,
				on ? "container not running" : "container not paused", NULL);
	} else {
		result = box_groups(&box, &group);
		if (result == 0)
			result = group_pause(&group, on);
		group_close(&group);
	}
	box_close(&box);
	return result < 0 ? command_failed() : 0;
}

int runtime_cmd_pause(int argc, char **argv)
{
	const struct option_table table = { "pause CONTAINER-ID",
					    "pause - stop all processes of a container", none, 1,
					    1 };
	return freeze(&table, argc, argv, true);
}

int runtime_cmd_resume(int argc, char **argv)
{
	const struct option_table table = { "resume CONTAINER-ID",
					    "resume - let the processes of a container go on", none,
					    1, 1 };
	return freeze(&table, argc, argv, false);
}

/* Its processes; without a group the first one is all that is known. */
static ssize_t processes(const struct box *box, pid_t **pids)
{
	struct cgroup group;

	ssize_t count = box_groups(box, &group);
	if (count == 0 && group.parts)
		count = group_list(&group, pids);
	else if (count == 0 && (*pids = malloc(sizeof(**pids)))) {
		**pids = box->record.pid;
		count = 1;
	}
	group_close(&group);
	return count;
}

static int print_json(const pid_t pids[], ssize_t count)
{
	printf("[");
	for (ssize_t i = 0; i < count; i++)
		printf("%s%d", i ? "," : "", pids[i]);
	printf("]\n");
	return fflush(stdout) == 0 ? 0 : -1;
}

/* ps(1)'s options are its own and unknown to our parser: the ID is the first word that is no
 * option, and ours (-f json) stand before it. */
int runtime_cmd_ps(int argc, char **argv)
{
	const char *format = "table";
	const struct option_row rows[] = {
		{ "format", 'f', OPTION_TEXT, &format, "table or json" },
		{ NULL, 0, OPTION_FLAG, NULL, NULL },
	};
	const struct option_table table = { "ps [--format table|json] CONTAINER-ID [PS OPTIONS]",
					    "ps - show the processes of a container", rows, 1, -1 };
	static struct runtime_root root;
	static struct box box;
	pid_t *pids = NULL;
	int first = command_line(&table, argc, argv);

	if (first < 0)
		return first == -2 ? 0 : 1;
	bool json = strcmp(format, "json") == 0;
	if (!json && strcmp(format, "table") != 0)
		return command_refuse(format, "invalid format option: it is table or json.", NULL);
	if (command_box(&root, argv[first], BOX_LOOK, &box) < 0)
		return command_failed();
	enum box_status status = box_status(&box);
	ssize_t count = status == BOX_STOPPED	? 0
			: status == BOX_UNKNOWN ? -1
						: processes(&box, &pids);
	box_close(&box);
	int result = count < 0 ? -1 : 0;
	if (result == 0 && json)
		result = print_json(pids, count);
	else if (result == 0 && first + 1 < argc)
		result = ps_filtered(argv + first + 1, pids, (int)count);
	else if (result == 0)
		result = ps_table(1, pids, (int)count);
	free(pids);
	return result < 0 ? command_failed() : 0;
}
